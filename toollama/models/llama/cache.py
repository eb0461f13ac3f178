"""What the KV cache of one context holds: which sequence has which tokens, and which cells.

All sequences share the context's cells, and a beginning that two of them have in common is kept
once. Owns which sequence serves a prompt, what is copied or restored for it and what must make
room; it never evicts a sequence in use. Used on the engine thread only.
"""

import ctypes
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from toollama.models.fit import SEQUENCES
from toollama.models.llama.binding import lib
from toollama.models.llama.sequences import (
    MIN_TOKENS,
    SavedSequence,
    SequenceStore,
    StateKey,
    shared_prefix,
)


@dataclass(eq=False, slots=True)
class CachedSequence:
    """One sequence of a context."""

    number: int
    tokens: list[int] = field(default_factory=list)
    """The tokens whose keys and values the cache holds."""
    cells: list[int] = field(default_factory=list)
    """What holds each token; sequences that share a beginning share these numbers."""
    busy: bool = False
    limit_tokens: int = 0
    """How long it may grow while it is busy."""
    used: int = 0
    """When it was last opened, for finding the least recently used."""

    @property
    def growth(self) -> int:
        """Return how many more cells it may take."""
        return max(self.limit_tokens - len(self.tokens), 0) if self.busy else 0


class KvCache:
    """The sequences of one context."""

    def __init__(
        self,
        context: Any,
        *,
        cells: int,
        sequences: int = SEQUENCES,
        saved: SequenceStore | None = None,
        key: StateKey,
    ) -> None:
        self._context = context
        self._memory = lib.llama_get_memory(context)
        self._cells = cells
        self._sequences = [CachedSequence(number) for number in range(sequences)]
        self._saved = saved
        self._key = key
        self._cell_numbers = itertools.count()
        self._uses = itertools.count(1)

    @property
    def used_cells(self) -> int:
        """Return how many cells hold something."""
        return len(_union(self._sequences))

    def shared_tokens(self, wanted: Sequence[int]) -> int:
        """Return how much of the beginning of `wanted` some sequence holds."""
        return max(shared_prefix(one.tokens, wanted) for one in self._sequences)

    def open(self, wanted: Sequence[int], *, limit_tokens: int) -> CachedSequence | None:
        """Return a sequence, now busy, that holds a beginning of `wanted` and nothing else.

        It may grow to `limit_tokens`. None where sequences in use leave no room for that; with
        none in use there is always room.
        """
        source = max(self._sequences, key=lambda one: shared_prefix(one.tokens, wanted))
        shared = shared_prefix(source.tokens, wanted)
        busy = [one for one in self._sequences if one.busy]
        held = {cell for one in busy for cell in one.cells}.union(source.cells[:shared])
        wanted_cells = len(held) + sum(one.growth for one in busy) + limit_tokens - shared
        idle = [one for one in self._sequences if not one.busy]
        if not idle or (busy and wanted_cells > self._cells):
            return None
        found = self._saved and self._saved.best(self._key, wanted, better_than=shared)
        target = self._target(source, 0 if found else shared, idle)
        if not (found and self._bring_back(target, found, wanted)):
            self._begin(target, source, shared)
        target.busy, target.limit_tokens, target.used = True, limit_tokens, next(self._uses)
        self._make_room()
        return target

    def _target(
        self, source: CachedSequence, shared: int, idle: list[CachedSequence]
    ) -> CachedSequence:
        """Return the idle sequence to use: one that loses nothing, else the least recently used."""
        if not source.busy and shared == len(source.tokens):
            return source
        others = [one for one in idle if one is not source] or idle
        return min(others, key=lambda one: (bool(one.tokens), one.used))

    def _bring_back(
        self, target: CachedSequence, found: SavedSequence, wanted: Sequence[int]
    ) -> bool:
        """Put the beginning of `wanted` that was saved into the target; return whether it came."""
        self._displace(target, keep=0)
        restored = self._restore(target, found)
        if restored:
            self.cut(target, shared_prefix(target.tokens, wanted))
        return restored

    def _begin(self, target: CachedSequence, source: CachedSequence, shared: int) -> None:
        """Make the target hold the first tokens of the source."""
        if target is source:
            self._displace(target, keep=shared)
            return
        self._displace(target, keep=0)
        if shared:
            self._copy(source, target, shared)

    def _copy(self, source: CachedSequence, target: CachedSequence, length: int) -> None:
        """Let the target begin as the source does; no cell is copied."""
        lib.llama_memory_seq_cp(self._memory, source.number, target.number, 0, length)
        if lib.llama_memory_seq_pos_max(self._memory, target.number) + 1 != length:
            # The state of recurrent layers is that of the whole sequence.
            self._clear(target)
            return
        target.tokens, target.cells = source.tokens[:length], source.cells[:length]

    def _displace(self, sequence: CachedSequence, *, keep: int) -> None:
        """Cut a sequence to its first tokens; save it before if much would be lost."""
        others = (one.tokens for one in self._sequences if one is not sequence)
        kept = max([keep, *(shared_prefix(sequence.tokens, tokens) for tokens in others)])
        if len(sequence.tokens) - kept >= MIN_TOKENS:
            self.save(sequence)
        self.cut(sequence, keep)

    def _make_room(self) -> None:
        """Let idle sequences leave, the least recently used first, until busy ones can grow."""
        growth = sum(one.growth for one in self._sequences)
        for one in sorted(self._sequences, key=lambda one: one.used):
            if len(_union(self._sequences)) + growth <= self._cells:
                return
            if not one.busy and one.tokens:
                self._displace(one, keep=0)

    def drop_idle(self) -> bool:
        """Forget every sequence that is not in use; return whether there was one."""
        idle = [one for one in self._sequences if one.tokens and not one.busy]
        for one in idle:
            self._clear(one)
        return bool(idle)

    def close(self, sequence: CachedSequence) -> None:
        """Let others have the sequence; what it holds stays until room is needed."""
        sequence.busy = False

    def grown(self, sequence: CachedSequence, tokens: Sequence[int]) -> None:
        """Note tokens that were decoded after what the sequence holds."""
        sequence.tokens += tokens
        sequence.cells += itertools.islice(self._cell_numbers, len(tokens))

    def reread(self, sequence: CachedSequence, tokens: Sequence[int]) -> None:
        """Note how many of `tokens` were decoded before the runtime stopped."""
        end = lib.llama_memory_seq_pos_max(self._memory, sequence.number) + 1
        self.grown(sequence, tokens[: max(end - len(sequence.tokens), 0)])
        del sequence.tokens[end:], sequence.cells[end:]

    def cut(self, sequence: CachedSequence, length: int) -> None:
        """Forget all but the first tokens of a sequence, or all where it cannot be cut.

        The state of recurrent layers cannot be cut at a token; clearing all never fails.
        """
        if length >= len(sequence.tokens):
            return
        if not lib.llama_memory_seq_rm(self._memory, sequence.number, length, -1):
            length = 0
            self._clear(sequence)
        del sequence.tokens[length:], sequence.cells[length:]

    def _clear(self, sequence: CachedSequence) -> None:
        lib.llama_memory_seq_rm(self._memory, sequence.number, -1, -1)
        sequence.tokens, sequence.cells = [], []

    def clear(self) -> None:
        """Forget every sequence."""
        for sequence in self._sequences:
            self._clear(sequence)

    def save(self, sequence: CachedSequence) -> None:
        """Keep a sequence's state for later, if there is a store and it is worth its bytes."""
        store, tokens = self._saved, sequence.tokens
        if store is None or len(tokens) < MIN_TOKENS or store.holds(self._key, tokens):
            return
        size = lib.llama_state_seq_get_size(self._context, sequence.number)
        if not store.accepts(size):
            return
        data = np.empty(size, np.uint8)
        written = lib.llama_state_seq_get_data(
            self._context, _bytes_at(data), size, sequence.number
        )
        if written == size:
            store.put(self._key, tokens, data.data)

    def save_all(self) -> None:
        """Keep every sequence for later, the most recently used last."""
        for sequence in sorted(self._sequences, key=lambda one: one.used):
            self.save(sequence)

    def restore_recent(self) -> None:
        """Bring back the sequences that were used last, as far as the cells hold them."""
        if self._saved is None:
            return
        restored: list[CachedSequence] = []
        for saved in self._saved.recent(self._key, limit=len(self._sequences)):
            used = sum(len(one.tokens) for one in restored)
            shared = max((shared_prefix(one.tokens, saved.tokens) for one in restored), default=0)
            # What is mostly there already comes back from the store when it is asked for.
            if used + len(saved.tokens) > self._cells or shared > len(saved.tokens) // 2:
                continue
            sequence = self._sequences[len(restored)]
            if self._restore(sequence, saved):
                sequence.used = -len(restored)
                restored.append(sequence)

    def _restore(self, sequence: CachedSequence, saved: SavedSequence) -> bool:
        """Put saved state into an empty sequence; return whether the runtime took all of it."""
        data = np.frombuffer(saved.data, np.uint8)
        taken = lib.llama_state_seq_set_data(
            self._context, _bytes_at(data), data.size, sequence.number
        )
        last = lib.llama_memory_seq_pos_max(self._memory, sequence.number)
        if taken != data.size or last + 1 != len(saved.tokens):
            self._clear(sequence)
            return False
        self.grown(sequence, saved.tokens)
        return True


def _union(sequences: Iterable[CachedSequence]) -> set[int]:
    return {cell for one in sequences for cell in one.cells}


def _bytes_at(data: Any) -> Any:
    return data.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
