"""What a model will take, as llama.cpp itself reckons it, without allocating anything.

Owns the dry load: KV cache, compute and output buffers come from llama.cpp's log and are exact to
0.01 MiB; weights come from the file's header, because a dry load reports none. It runs on the
engine thread and takes about a tenth of a second; answers are kept per file stamp and parameters.
"""

import ctypes
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from toollama.errors import ModelCorrupt, ModelError
from toollama.models import fit, gguf
from toollama.models.llama.binding import lib
from toollama.models.spec import KvType, ModelSpec

_KV_TYPES: dict[KvType, int] = {"f16": 1, "q8_0": 8, "q4_0": 2}  # enum ggml_type
_FLASH_AUTO, _FLASH_ON = -1, 1
_ALL_LAYERS = 999
_LOAD_WITHOUT_MMAP = 0  # enum llama_load_mode; a dry load asserts against mapping
_MIB = 1 << 20
_CACHE = re.compile(r"llama_(?:kv_cache|memory_recurrent): +size += +([0-9.]+) MiB")
_BUFFERS = re.compile(r"(?:compute|output) +buffer size += +([0-9.]+) MiB")

FileStamp = tuple[str, int, int]
"""Path, bytes and modification time in ns: the same stamp is taken for the same content."""


def file_stamp(path: Path) -> FileStamp:
    """Return what tells one content of a file from another without reading it."""
    stat = path.stat()
    return str(path), stat.st_size, stat.st_mtime_ns


def measure(
    path: Path, spec: ModelSpec, *, context_tokens: int, sequences: int = 1
) -> fit.MemoryPlan:
    """Return what loading takes; `context_tokens` is the context of each of the `sequences`.

    For the engine thread. Raises `ModelMissing`, `ModelCorrupt`, or `ModelError` where llama.cpp
    refuses the context.
    """
    header = gguf.read_header(path)
    kv_bytes, buffer_bytes = _measured(
        file_stamp(path),
        cells=context_tokens * sequences,
        batch=min(spec.batch, context_tokens),
        kv_type=spec.kv_type,
        sequences=sequences,
        gpu_layers=spec.gpu_layers if spec.gpu_layers >= 0 else _ALL_LAYERS,
    )
    return fit.MemoryPlan(header.weight_bytes, kv_bytes, buffer_bytes)


@lru_cache(maxsize=256)
def _measured(
    stamp: FileStamp, *, cells: int, batch: int, kv_type: KvType, sequences: int, gpu_layers: int
) -> tuple[int, int]:
    """Return the bytes of the cache, and of the compute and output buffers."""
    context_params = lib.llama_context_default_params()
    context_params.n_ctx = cells
    context_params.n_batch = context_params.n_ubatch = batch
    context_params.n_seq_max = sequences
    context_params.kv_unified = True
    context_params.type_k = context_params.type_v = _KV_TYPES[kv_type]
    context_params.flash_attn_type = _FLASH_AUTO if kv_type == "f16" else _FLASH_ON
    context_params.no_perf = True
    with _listening() as log, _dry_model(stamp[0], gpu_layers) as model:
        context = lib.llama_init_from_model(model, context_params)
        if not context:
            raise ModelError(
                f"{stamp[0]}: llama.cpp refuses a context of {cells} tokens in {kv_type}",
                fix="set another context or kv_type for it in models.toml",
            )
        lib.llama_free(context)
    said = b"".join(log).decode("utf-8", "replace")
    return _sum_bytes(_CACHE, said), _sum_bytes(_BUFFERS, said)


@contextmanager
def _dry_model(path: str, gpu_layers: int) -> Iterator[object]:
    params = lib.llama_model_default_params()
    params.no_alloc = True
    params.load_mode = _LOAD_WITHOUT_MMAP
    params.use_extra_bufts = False
    params.n_gpu_layers = gpu_layers
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
