"""One batch of tokens for `llama_decode`: rows of several sequences, on memory of our own.

The arrays are allocated once for a context and filled by slices, because setting the fields of a
native batch one by one costs as much as small models compute.
"""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from toollama.models.llama.binding import lib


class Batch:
    """Tokens to decode together, at most `capacity` of them."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.count = 0
        self._tokens = np.zeros(capacity, np.int32)
        self._positions = np.zeros(capacity, np.int32)
        self._sequences = np.zeros(capacity, np.int32)
        self._outputs = np.zeros(capacity, np.int8)
        # Every token belongs to one sequence; llama.cpp wants a list of sequences for each.
        self._ones = np.ones(capacity, np.int32)
        first = self._sequences.ctypes.data
        addresses = np.arange(capacity, dtype=np.uint64) * self._sequences.itemsize + first
        self._rows = addresses.astype(np.uint64)
        self._native = lib.llama_batch(
            n_tokens=0,
            token=_pointer(self._tokens, lib.llama_token),
            pos=_pointer(self._positions, lib.llama_pos),
            n_seq_id=_pointer(self._ones, ctypes.c_int32),
            seq_id=_pointer(self._rows, ctypes.POINTER(lib.llama_seq_id)),
            logits=_pointer(self._outputs, ctypes.c_int8),
        )

    def clear(self) -> None:
        """Forget all tokens."""
        self.count = 0

    @property
    def room(self) -> int:
        """Return how many tokens can still be added."""
        return self.capacity - self.count

    def add(self, tokens: Sequence[int], *, sequence: int, position: int, output: bool) -> int:
        """Add tokens that follow each other in a sequence, the first at `position`.

        With `output`, logits are computed after the last one. Returns that token's row.
        """
        start, end = self.count, self.count + len(tokens)
        if len(tokens) == 1:
            self._tokens[start] = tokens[0]
            self._positions[start] = position
        else:
            self._tokens[start:end] = tokens
            self._positions[start:end] = range(position, position + len(tokens))
        self._sequences[start:end] = sequence
        self._outputs[start:end] = 0
        self._outputs[end - 1] = output
        self.count = end
        return end - 1

    @property
    def native(self) -> Any:
        """Return the batch as `llama_decode` takes it."""
        self._native.n_tokens = self.count
        return self._native


def _pointer(array: Any, kind: Any) -> Any:
    return ctypes.cast(ctypes.c_void_p(array.ctypes.data), ctypes.POINTER(kind))
