"""One resident model: its weights and its context.

Lives on the engine thread. Loading reports progress and can be aborted; decoding can be aborted
at any node of the compute graph (CPU and Metal) or between chunks (everywhere).
"""

import ctypes
import os
import platform
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toollama.errors import Cancelled, ModelCorrupt, ModelError
from toollama.models.file_stamp import file_stamp
from toollama.models.fit import SEQUENCES
from toollama.models.llama.abort import AbortFlag
from toollama.models.llama.batch import Batch
from toollama.models.llama.binding import lib, tap
from toollama.models.llama.cache import KvCache
from toollama.models.llama.placing import place_context, place_weights
from toollama.models.llama.sequences import SequenceStore, StateKey
from toollama.models.llama.vocabulary import Vocabulary
from toollama.models.spec import KvType, ModelSpec

_KV_TYPES: dict[KvType, int] = {"f16": 1, "q8_0": 8, "q4_0": 2}  # enum ggml_type
_NO_CELLS, _DECODE_ABORTED = 1, 2  # what llama_decode returns
_WARM_UP_TOKENS = 16
_BUFFERS = ("model", "KV", "RS", "compute", "output")
_FLASH_AUTO, _FLASH_ON = -1, 1

Progress = Callable[[float], bool]
"""Takes the fraction loaded; returns whether to go on."""


class DecodeAborted(Exception):
    """The abort flag was seen; the KV cache holds what was finished before."""


def default_threads() -> int:
    """Return how many threads compute: real cores as far as they can be told from hyperthreads."""
    override = os.environ.get("TOOLLAMA_THREADS", "")
    if override.isdigit() and int(override) > 0:
        return int(override)
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    count = available or 1
    return count if count <= 4 else max(4, count // 2)


@cache
def _build() -> str:
    """Return what identifies the runtime that writes and reads saved state."""
    import llama_cpp

    return f"{llama_cpp.__version__} {platform.machine()}"


class LoadedModel:
    """Weights and one context. Free it with `close`, on the same thread."""

    def __init__(
        self,
        spec: ModelSpec,
        path: Path,
        *,
        context_tokens: int,
        progress: Progress,
        saved: SequenceStore | None = None,
    ) -> None:
        self.spec = spec
        self._path = path
        self.file_stamp = file_stamp(path)
        self.abort = AbortFlag()
        tap.reset()
        self._model = self._load_weights(progress)
        try:
            self._context = self._create_context(context_tokens)
        except ModelError:
            lib.llama_model_free(self._model)
            raise
        self.vocabulary = Vocabulary(self._model)
        self.context_tokens: int = lib.llama_n_ctx(self._context)
        self.bytes = tap.buffer_bytes(*_BUFFERS)
        self.gpu_bytes = tap.buffer_bytes(*_BUFFERS, places=[True])
        self.batch = Batch(lib.llama_n_batch(self._context))
        self.cache = KvCache(
            self._context,
            cells=self.context_tokens,
            saved=saved,
            key=StateKey(*self.file_stamp, spec.kv_type, _build()),
        )
        try:
            self._warm_up()
        except ModelError:
            self.close()
            raise
        self.cache.restore_recent()

    def _load_weights(self, progress: Progress) -> Any:
        params = lib.llama_model_default_params()
        # Repacked weights decode a little faster on a CPU, but they are a second copy that must be
        # computed at every load: swaps take five times as long and the file's size no longer tells
        # what a model needs (docs/decisions.md).
        params.use_extra_bufts = False
        place_weights(params, gpu_layers=self.spec.gpu_layers)
        went_on = True

        @lib.llama_progress_callback
        def on_progress(fraction: float, _user_data: ctypes.c_void_p) -> bool:
            nonlocal went_on
            went_on = went_on and progress(fraction)
            return went_on

        params.progress_callback = on_progress
        model = lib.llama_model_load_from_file(os.fsencode(self._path), params)
        if model:
            return model
        if not went_on:
            raise self.load_stopped()
        raise ModelCorrupt(
            f"{self.spec.id}: llama.cpp cannot load {self._path.name}: "
            f"{tap.problem() or 'no reason given'}",
            fix=f"toollama models info {self.spec.id}, then fetch the file again",
        )

    def load_stopped(self) -> Cancelled:
        """Return the error for a load that was cancelled."""
        return Cancelled(f"loading {self.spec.id} was stopped", fix="run the command again")

    def _create_context(self, context_tokens: int) -> Any:
        params = lib.llama_context_default_params()
        params.n_ctx = context_tokens
        params.n_batch = params.n_ubatch = min(self.spec.batch, context_tokens)
        params.n_seq_max = SEQUENCES
        params.kv_unified = True
        params.n_threads = params.n_threads_batch = default_threads()
        params.type_k = params.type_v = _KV_TYPES[self.spec.kv_type]
        params.flash_attn_type = _FLASH_AUTO if self.spec.kv_type == "f16" else _FLASH_ON
        params.no_perf = True
        place_context(params, gpu_layers=self.spec.gpu_layers)

        params.abort_callback = self.abort.callback
        params.abort_callback_data = self.abort.argument
        context = lib.llama_init_from_model(self._model, params)
        if not context:
            raise ModelError(
                f"{self.spec.id}: no context of {context_tokens} tokens: "
                f"{tap.problem() or 'not enough memory'}",
                fix=f"set a smaller context for models.{self.spec.id} in models.toml",
            )
        return context

    def _warm_up(self) -> None:
        """Decode a few tokens, so that mapping weights and buffers is part of the load.

        Else the first prompt after a swap would pay for it.
        """
        token = max(lib.llama_vocab_bos(self.vocabulary.pointer), 0)
        count = min(_WARM_UP_TOKENS, self.batch.capacity)
        self.batch.clear()
        self.batch.add([token] * count, sequence=0, position=0, output=True)
        with suppress(DecodeAborted):  # whoever stopped the load looks at the flag next
            self.decode()
        self.cache.clear()

    def decode(self) -> None:
        """Compute the batch. Raises `DecodeAborted` or `ModelError`.

        Where it raises, the cache may hold some of the batch: `KvCache.reread` tells.
        """
        status = lib.llama_decode(self._context, self.batch.native)
        if status == _NO_CELLS and self.cache.drop_idle():
            status = lib.llama_decode(self._context, self.batch.native)
        if status == _DECODE_ABORTED:
            raise DecodeAborted
        if status != 0:
            raise ModelError(
                f"{self.spec.id}: llama.cpp could not decode (status {status}): {tap.problem()}",
                fix="toollama doctor",
            )

    def logits(self, row: int) -> NDArray[np.float32]:
        """Return the logits after a row of the batch: a view, valid until the next decode."""
        pointer = lib.llama_get_logits_ith(self._context, row)
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary.size,))

    @property
    def context(self) -> Any:
        """Return the native context, for samplers."""
        return self._context

    def save(self) -> None:
        """Keep the state of every sequence for when the model returns."""
        self.cache.save_all()

    def close(self) -> None:
        """Free the context, then the weights."""
        lib.llama_free(self._context)
        lib.llama_model_free(self._model)
