"""What a model will take, as llama.cpp itself reckons it, without allocating anything.

Owns the dry load: KV cache, compute and output buffers come from llama.cpp's log and are exact to
0.01 MiB; weights come from the file's header, because a dry load reports none. It runs on the
engine thread and takes about a tenth of a second; answers are kept per file stamp and parameters.
"""

import ctypes
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from toollama.errors import ModelCorrupt, ModelError
from toollama.models import fit, gguf
from toollama.models.file_stamp import FileStamp, file_stamp
from toollama.models.llama.binding import lib
from toollama.models.llama.placing import place_context, place_weights
from toollama.models.spec import KvType, ModelSpec

_KV_TYPES: dict[KvType, int] = {"f16": 1, "q8_0": 8, "q4_0": 2}  # enum ggml_type
_FLASH_AUTO, _FLASH_ON = -1, 1
_LOAD_WITHOUT_MMAP = 0  # enum llama_load_mode; a dry load asserts against mapping
_MIB = 1 << 20
_CACHE = re.compile(r"llama_(?:kv_cache|memory_recurrent): +size += +([0-9.]+) MiB")
_BUFFERS = re.compile(r"(?:compute|output) +buffer size += +([0-9.]+) MiB")

_KEPT = 256


@dataclass(frozen=True, slots=True)
class _Setting:
    """All that decides what llama.cpp allocates besides weights."""

    stamp: FileStamp
    cells: int
    batch: int
    kv_type: KvType
    sequences: int
    gpu_layers: int


_measured: dict[_Setting, tuple[int, int]] = {}
"""The bytes of the cache, and of the compute and output buffers."""


def measure(
    path: Path, spec: ModelSpec, *, context_tokens: int, sequences: int = 1
) -> fit.MemoryPlan:
    """Return what loading takes; the `sequences` share one cache of `context_tokens` cells.

    For the engine thread. Raises `ModelMissing`, `ModelCorrupt`, or `ModelError` where llama.cpp
    refuses the context.
    """
    with DryRun(path, spec, gguf.read_header(path), sequences=sequences) as dry_run:
        return dry_run.measure(context_tokens, spec.batch)


class DryRun:
    """One model in several shapes. The dry load happens once, if any shape is new.

    For the engine thread.
    """

    def __init__(
        self, path: Path, spec: ModelSpec, header: gguf.GgufHeader, *, sequences: int
    ) -> None:
        self._stamp = file_stamp(path)
        self._spec = spec
        self._header = header
        self._sequences = sequences
        self._opened = ExitStack()
        self._model: object | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._opened.close()
        self._model = None

    def measure(self, context_tokens: int, batch: int) -> fit.MemoryPlan:
        """Return what loading takes with this context and batch, both in tokens.

        Raises `ModelCorrupt`, or `ModelError` where llama.cpp refuses the context.
        """
        setting = _Setting(
            stamp=self._stamp,
            cells=context_tokens,
            batch=min(batch, context_tokens),
            kv_type=self._spec.kv_type,
            sequences=self._sequences,
            gpu_layers=self._spec.gpu_layers,
        )
        if setting not in _measured:
            if len(_measured) >= _KEPT:
                _measured.clear()
            if self._model is None:
                self._model = self._opened.enter_context(_dry_model(setting))
            _measured[setting] = _measure(self._model, setting)
        return fit.MemoryPlan(self._header.weight_bytes, *_measured[setting])


def _measure(model: object, setting: _Setting) -> tuple[int, int]:
    params = lib.llama_context_default_params()
    params.n_ctx = setting.cells
    params.n_batch = params.n_ubatch = setting.batch
    params.n_seq_max = setting.sequences
    params.kv_unified = True
    params.type_k = params.type_v = _KV_TYPES[setting.kv_type]
    params.flash_attn_type = _FLASH_AUTO if setting.kv_type == "f16" else _FLASH_ON
    params.no_perf = True
    place_context(params, gpu_layers=setting.gpu_layers)
    with _listening() as log:
        context = lib.llama_init_from_model(model, params)
    if not context:
        raise ModelError(
            f"{setting.stamp[0]}: llama.cpp refuses a context of {setting.cells} tokens "
            f"in {setting.kv_type}",
            fix="set another context or kv_type for it in models.toml",
        )
    lib.llama_free(context)
    said = b"".join(log).decode("utf-8", "replace")
    return _sum_bytes(_CACHE, said), _sum_bytes(_BUFFERS, said)


@contextmanager
def _dry_model(setting: _Setting) -> Iterator[object]:
    path = setting.stamp[0]
    params = lib.llama_model_default_params()
    params.no_alloc = True
    params.load_mode = _LOAD_WITHOUT_MMAP
    params.use_extra_bufts = False
    place_weights(params, gpu_layers=setting.gpu_layers)
    with _listening():
        model = lib.llama_model_load_from_file(os.fsencode(path), params)
    if not model:
        raise ModelCorrupt(
            f"{path}: llama.cpp cannot load it", fix="toollama models info shows what it is"
        )
    try:
        yield model
    finally:
        lib.llama_model_free(model)


@contextmanager
def _listening() -> Iterator[list[bytes]]:
    """Collect llama.cpp's log; the log tap of `binding` keeps no line that tells a dry size."""
    pieces: list[bytes] = []

    @lib.llama_log_callback
    def on_log(_level: int, text: bytes, _user_data: ctypes.c_void_p) -> None:
        pieces.append(text)

    before, user_data = lib.llama_log_callback(), ctypes.c_void_p()
    lib.llama_log_get(ctypes.byref(before), ctypes.byref(user_data))
    lib.llama_log_set(on_log, ctypes.c_void_p())
    try:
        yield pieces
    finally:
        lib.llama_log_set(before, user_data)


def _sum_bytes(pattern: re.Pattern[str], text: str) -> int:
    return round(sum(float(mib) for mib in pattern.findall(text)) * _MIB)
