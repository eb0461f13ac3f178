"""One resident model: its weights, its context and what the KV cache holds.

Lives on the engine thread. Loading reports progress and can be aborted; decoding can be aborted
at any node of the compute graph (CPU and Metal) or between chunks (everywhere).
"""

import ctypes
import os
import platform
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toollama.errors import Cancelled, InputTooLong, ModelCorrupt, ModelError
from toollama.models.file_stamp import file_stamp
from toollama.models.llama.binding import lib, tap
from toollama.models.llama.placing import place_context, place_weights
from toollama.models.llama.sequences import (
    MIN_TOKENS,
    SavedSequence,
    SequenceStore,
    StateKey,
    shared_prefix,
)
from toollama.models.llama.vocabulary import Vocabulary
from toollama.models.spec import KvType, ModelSpec

_KV_TYPES: dict[KvType, int] = {"f16": 1, "q8_0": 8, "q4_0": 2}  # enum ggml_type
_DECODE_ABORTED = 2
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
    """Weights and one context with one sequence. Free it with `close`, on the same thread."""

    def __init__(
        self,
        spec: ModelSpec,
        path: Path,
        *,
        context_tokens: int,
        progress: Progress,
        aborted: Callable[[], bool],
        saved: SequenceStore | None = None,
    ) -> None:
        self.spec = spec
        self._saved = saved
        self._path = path
        self.file_stamp = file_stamp(path)
        self._aborted = aborted
        tap.reset()
        self._model = self._load_weights(progress)
        try:
            self._context = self._create_context(context_tokens)
        except ModelError:
            lib.llama_model_free(self._model)
            raise
        self.vocabulary = Vocabulary(self._model)
        self.context_tokens: int = lib.llama_n_ctx(self._context)
        self.cached: list[int] = []
        """The tokens whose keys and values the cache holds."""
        self.bytes = tap.buffer_bytes(*_BUFFERS)
        self.gpu_bytes = tap.buffer_bytes(*_BUFFERS, places=[True])
        self._state_key = StateKey(*self.file_stamp, spec.kv_type, _build())
        try:
            self._warm_up()
        except ModelError:
            self.close()
            raise

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
        params.n_seq_max = 1
        params.n_threads = params.n_threads_batch = default_threads()
        params.type_k = params.type_v = _KV_TYPES[self.spec.kv_type]
        params.flash_attn_type = _FLASH_AUTO if self.spec.kv_type == "f16" else _FLASH_ON
        params.no_perf = True
        place_context(params, gpu_layers=self.spec.gpu_layers)

        @lib.ggml_abort_callback
        def on_node(_user_data: ctypes.c_void_p) -> bool:
            return self._aborted()

        # llama.cpp keeps only the pointer, so the callback must live as long as the context.
        self._on_node = on_node
        params.abort_callback = on_node
        context = lib.llama_init_from_model(self._model, params)
        if not context:
            raise ModelError(
                f"{self.spec.id}: no context of {context_tokens} tokens: "
                f"{tap.problem() or 'not enough memory'}",
                fix=f"set a smaller context for models.{self.spec.id} in models.toml",
            )
        return context

    def _warm_up(self) -> None:
        """Decode one token, so that mapping the weights is part of the load.

        Else the first prompt after a swap would pay for it.
        """
        try:
            self._decode([max(lib.llama_vocab_bos(self.vocabulary.pointer), 0)])
        except DecodeAborted:
            return  # whoever stopped the load looks at the flag next
        self._keep(0)

    def prefill(self, tokens: Sequence[int]) -> int:
        """Make the cache hold exactly `tokens`; return how many were already there.

        The last token is always decoded again, because its logits are needed.
        Raises `InputTooLong` or `DecodeAborted`.
        """
        if len(tokens) >= self.context_tokens:
            raise InputTooLong(
                f"{len(tokens)} tokens do not fit the context of {self.spec.id} "
                f"({self.context_tokens} tokens)",
                fix="shorten the input, or give the model a larger context in models.toml",
            )
        wanted = tokens[:-1]
        shared = shared_prefix(self.cached, wanted)
        if self._saved is not None:
            found = self._saved.best(self._state_key, wanted, better_than=shared)
            if found or len(self.cached) - shared >= MIN_TOKENS:
                self.save()
            if found and self._restore(found):
                shared = shared_prefix(self.cached, wanted)
        shared = self._keep(shared)
        self.extend(tokens[shared:])
        return shared

    def save(self) -> None:
        """Keep the cache's state for later, if there is a store and it is worth its bytes."""
        if self._saved is None or len(self.cached) < MIN_TOKENS:
            return
        size = lib.llama_state_seq_get_size(self._context, 0)
        if not self._saved.accepts(size):
            return
        buffer = (ctypes.c_uint8 * size)()
        written = lib.llama_state_seq_get_data(self._context, buffer, size, 0)
        if written == size:
            self._saved.put(self._state_key, self.cached, bytes(buffer))

    def _restore(self, found: SavedSequence) -> bool:
        """Put saved state into the cache; return whether the runtime took all of it."""
        memory = lib.llama_get_memory(self._context)
        lib.llama_memory_seq_rm(memory, 0, -1, -1)
        self.cached = []
        size = len(found.data)
        buffer = (ctypes.c_uint8 * size).from_buffer_copy(found.data)
        taken = lib.llama_state_seq_set_data(self._context, buffer, size, 0)
        last = lib.llama_memory_seq_pos_max(memory, 0)
        if taken != size or last + 1 != len(found.tokens):
            lib.llama_memory_seq_rm(memory, 0, -1, -1)
            return False
        self.cached = list(found.tokens)
        return True

    def extend(self, tokens: Sequence[int]) -> None:
        """Decode tokens after what the cache holds, chunk by chunk."""
        for start in range(0, len(tokens), self.spec.batch):
            if self._aborted():
                raise DecodeAborted
            self._decode(list(tokens[start : start + self.spec.batch]))

    def _decode(self, chunk: list[int]) -> None:
        array = (lib.llama_token * len(chunk))(*chunk)
        status = lib.llama_decode(self._context, lib.llama_batch_get_one(array, len(chunk)))
        if status == 0:
            self.cached += chunk
            return
        memory = lib.llama_get_memory(self._context)
        finished = lib.llama_memory_seq_pos_max(memory, 0) + 1
        self.cached = (self.cached + chunk)[:finished]
        if status == _DECODE_ABORTED:
            raise DecodeAborted
        raise ModelError(
            f"{self.spec.id}: llama.cpp could not decode (status {status}): {tap.problem()}",
            fix="toollama doctor",
        )

    def _keep(self, length: int) -> int:
        """Forget all but the first tokens of the cache; return how many stayed.

        The state of recurrent layers cannot be cut at a token: then the whole cache is cleared,
        which never fails.
        """
        if length < len(self.cached):
            memory = lib.llama_get_memory(self._context)
            if not lib.llama_memory_seq_rm(memory, 0, length, -1):
                lib.llama_memory_seq_rm(memory, 0, -1, -1)
                length = 0
            del self.cached[length:]
        return length

    @property
    def room_tokens(self) -> int:
        """Return how many more tokens the context can hold."""
        return self.context_tokens - len(self.cached)

    def logits(self) -> NDArray[np.float32]:
        """Return the logits after the last decoded token: a view, valid until the next decode."""
        pointer = lib.llama_get_logits_ith(self._context, -1)
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary.size,))

    @property
    def context(self) -> Any:
        """Return the native context, for samplers."""
        return self._context

    def close(self) -> None:
        """Free the context, then the weights."""
        lib.llama_free(self._context)
        lib.llama_model_free(self._model)
