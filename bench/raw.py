"""The limit: a loop of `llama_decode` and nothing else, as a C program would write it.

It has no cancellation, no constraint and no text. Used beside the engine in one process.
"""

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from toollama.models.llama.batch import Batch
from toollama.models.llama.binding import lib
from toollama.models.llama.model import default_threads
from toollama.models.llama.vocabulary import Vocabulary


class RawLoop:
    """One model, greedy decoding; one sequence, or with `step` several of the same tokens."""

    def __init__(
        self, path: Path, *, context_tokens: int, batch: int = 512, sequences: int = 1
    ) -> None:
        params = lib.llama_model_default_params()
        params.use_extra_bufts = False  # as the engine has it (docs/decisions.md)
        self._model = lib.llama_model_load_from_file(os.fsencode(path), params)
        context = lib.llama_context_default_params()
        context.n_ctx = context_tokens
        context.n_batch = context.n_ubatch = batch
        context.n_seq_max = sequences
        context.kv_unified = True
        context.n_threads = context.n_threads_batch = default_threads()
        context.no_perf = True
        self._context = lib.llama_init_from_model(self._model, context)
        self._batch = batch
        self._rows = Batch(sequences)
        self._position = 0
        self.vocabulary = Vocabulary(self._model)

    def prefill(self, tokens: Sequence[int]) -> None:
        """Forget everything and decode a prompt."""
        clear_buffers = False
        lib.llama_memory_clear(lib.llama_get_memory(self._context), clear_buffers)
        for start in range(0, len(tokens), self._batch):
            self.extend(tokens[start : start + self._batch])

    def extend(self, tokens: Sequence[int]) -> None:
        """Decode tokens after what is there."""
        array = (lib.llama_token * len(tokens))(*tokens)
        assert lib.llama_decode(self._context, lib.llama_batch_get_one(array, len(tokens))) == 0

    def step(self, token: int) -> None:
        """Decode one token after what each sequence has."""
        self._rows.clear()
        for sequence in range(self._rows.capacity):
            self._rows.add([token], sequence=sequence, position=self._position, output=True)
        self._position += 1
        assert lib.llama_decode(self._context, self._rows.native) == 0
        lib.llama_get_logits_ith(self._context, 0)

    def likeliest(self) -> int:
        """Return the token that the model thinks comes next."""
        logits = lib.llama_get_logits_ith(self._context, -1)
        pointer = ctypes.cast(logits, ctypes.POINTER(ctypes.c_float))
        return int(np.ctypeslib.as_array(pointer, shape=(self.vocabulary.size,)).argmax())

    def close(self) -> None:
        """Free the model."""
        lib.llama_free(self._context)
        lib.llama_model_free(self._model)
