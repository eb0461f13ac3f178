"""Saved KV state of token sequences: what a swap or another prompt would otherwise lose.

State is keyed by everything that decides whether it may be restored (file, KV type, build, tokens),
so a wrong restore cannot be asked for; what comes back from disk is verified before it is used.
Memory and disk each have a bound in bytes; the least recently used leaves memory for the disk and
then the disk. Used on the engine thread only. The files hold what was read and written in
conversations, so they are the user's alone (0600, in a directory of 0700).
"""

import hashlib
import os
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"TLKV0001"
_DIGEST_BYTES = 32
_PREFIX_BYTES = 8
_COUNT_BYTES = 8
MIN_TOKENS = 48
"""Shorter sequences are decoded again faster than they are looked up."""


State = bytes | memoryview
"""The state of one sequence, as the runtime wrote it."""


@dataclass(frozen=True, slots=True)
class StateKey:
    """What saved state belongs to. Any difference makes it unusable."""

    path: str
    file_bytes: int
    modified_ns: int
    kv_type: str
    build: str
    """Version of the runtime: the state's layout is its own affair."""

    def digest(self) -> bytes:
        """Return the key as a fixed number of bytes, of which the first tell the model's file."""
        rest = hashlib.blake2b(repr(self).encode(), digest_size=_DIGEST_BYTES - _PREFIX_BYTES)
        return _path_digest(self.path) + rest.digest()


def file_prefix(path: str) -> str:
    """Return what the names of spilled files begin with whose state belongs to this model file."""
    return f"{_path_digest(path).hex()}-"


def _path_digest(path: str) -> bytes:
    return hashlib.blake2b(
        path.encode("utf-8", "surrogateescape"), digest_size=_PREFIX_BYTES
    ).digest()


@dataclass(frozen=True, slots=True)
class SavedSequence:
    """What was kept of a sequence."""

    tokens: tuple[int, ...]
    data: State


def shared_prefix(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens two sequences have in common from the start."""
    length = min(len(one), len(other))
    if tuple(one[:length]) == tuple(other[:length]):
        return length
    low, high = 0, length
    while low < high:  # the prefixes of equal length agree up to one point
        middle = (low + high + 1) // 2
        if tuple(one[:middle]) == tuple(other[:middle]):
            low = middle
        else:
            high = middle - 1
    return low


_Name = tuple[bytes, tuple[int, ...]]


class SequenceStore:
    """Keeps sequences in memory, and spills the oldest to a directory if one is given."""

    def __init__(
        self, *, ram_bytes: int, disk_bytes: int = 0, directory: Path | None = None
    ) -> None:
        self._ram_bytes = ram_bytes
        self._disk = _Disk(directory, disk_bytes) if directory and disk_bytes else None
        self._held: OrderedDict[_Name, State] = OrderedDict()
        self.held_bytes = 0

    def accepts(self, state_bytes: int) -> bool:
        """Return whether state of this size is worth saving: it must leave room for others."""
        return 0 < state_bytes <= self._ram_bytes // 2

    def put(self, key: StateKey, tokens: Sequence[int], data: State) -> None:
        """Keep a sequence; those that are its beginnings leave, because it serves them too."""
        if len(tokens) < MIN_TOKENS or not self.accepts(len(data)):
            return
        name = (key.digest(), tuple(tokens))
        for other in [o for o in self._held if o[0] == name[0] and _begins(o[1], name[1])]:
            self._drop(other)
        self._held[name] = data
        self.held_bytes += len(data)
        while self.held_bytes > self._ram_bytes:
            oldest = next(iter(self._held))
            if self._disk:
                self._disk.write(oldest, self._held[oldest])
            self._drop(oldest)

    def holds(self, key: StateKey, tokens: Sequence[int]) -> bool:
        """Return whether exactly these tokens are kept in memory; they count as used then."""
        name = (key.digest(), tuple(tokens))
        if name in self._held:
            self._held.move_to_end(name)
        return name in self._held

    def recent(self, key: StateKey, *, limit: int) -> list[SavedSequence]:
        """Return the sequences that memory holds, the last used first."""
        digest = key.digest()
        names = [name for name in reversed(self._held) if name[0] == digest]
        return [SavedSequence(name[1], self._held[name]) for name in names[:limit]]

    def best(
        self, key: StateKey, tokens: Sequence[int], *, better_than: int
    ) -> SavedSequence | None:
        """Return the saved sequence that shares the longest beginning with `tokens`.

        None where no beginning is longer than `better_than` by `MIN_TOKENS`.
        """
        digest = key.digest()
        names = [name for name in self._held if name[0] == digest]
        if self._disk:
            names += [name for name in self._disk.names(digest) if name not in self._held]
        best = max(names, key=lambda name: shared_prefix(name[1], tokens), default=None)
        if best is None or shared_prefix(best[1], tokens) < better_than + MIN_TOKENS:
            return None
        data = self._held.get(best) or (self._disk.read(best) if self._disk else None)
        if data is None:
            return None
        if best in self._held:
            self._held.move_to_end(best)
        return SavedSequence(best[1], data)

    def _drop(self, name: _Name) -> None:
        self.held_bytes -= len(self._held.pop(name))


def _begins(start: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    return whole[: len(start)] == start


class _Disk:
    """Spilled sequences, one file each. A file that does not verify is removed."""

    def __init__(self, directory: Path, limit_bytes: int) -> None:
        self._directory = directory
        self._limit_bytes = limit_bytes
        self._names: dict[_Name, Path] | None = None

    def names(self, digest: bytes) -> list[_Name]:
        return [name for name in self._index() if name[0] == digest]

    def write(self, name: _Name, data: State) -> None:
        tokens = array("i", name[1]).tobytes()
        head = name[0] + len(name[1]).to_bytes(_COUNT_BYTES, "little") + tokens
        check = hashlib.blake2b(head + data, digest_size=_DIGEST_BYTES).digest()
        prefix = name[0][:_PREFIX_BYTES].hex()
        path = self._directory / f"{prefix}-{check.hex()[:32]}.kv"
        part = path.with_suffix(f".part{os.getpid()}")
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_MAGIC + check + head + data)
            part.replace(path)
        except OSError:  # a full disk costs a prefill, not the run
            with suppress(OSError):
                part.unlink(missing_ok=True)
            return
        self._index()[name] = path
        self._shrink()

    def read(self, name: _Name) -> bytes | None:
        path = self._index().get(name)
        if path is None:
            return None
        try:
            whole = path.read_bytes()
        except OSError:
            self._index().pop(name, None)
            return None
        start = len(_MAGIC) + _DIGEST_BYTES
        check = hashlib.blake2b(whole[start:], digest_size=_DIGEST_BYTES).digest()
        if whole[:start] != _MAGIC + check:
            self._index().pop(name, None)
            path.unlink(missing_ok=True)
            return None
        os.utime(path)
        return whole[start + len(_head_of(name)) :]

    def _index(self) -> dict[_Name, Path]:
        """Return every spilled sequence; other processes' files are found at the first look."""
        if self._names is None:
            self._names = {}
            for path in self._directory.glob("*.kv") if self._directory.exists() else ():
                if name := _read_name(path):
                    self._names[name] = path
        return self._names

    def _shrink(self) -> None:
        sized = []
        for name, path in self._index().items():
            try:
                status = path.stat()
            except OSError:
                continue
            sized.append((status.st_mtime_ns, status.st_size, name, path))
        total = sum(size for _, size, _, _ in sized)
        for _, size, name, path in sorted(sized, key=lambda row: row[0]):
            if total <= self._limit_bytes:
                return
            path.unlink(missing_ok=True)
            self._index().pop(name, None)
            total -= size


def _head_of(name: _Name) -> bytes:
    return name[0] + bytes(_COUNT_BYTES) + bytes(4 * len(name[1]))


def _read_name(path: Path) -> _Name | None:
    """Return what a spilled file holds, or None where it is none of ours."""
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return None
            file.seek(_DIGEST_BYTES, os.SEEK_CUR)
            digest = file.read(_DIGEST_BYTES)
            count = int.from_bytes(file.read(_COUNT_BYTES), "little")
            tokens = array("i")
            if count * tokens.itemsize > path.stat().st_size:
                return None
            tokens.frombytes(file.read(count * tokens.itemsize))
    except (OSError, ValueError):
        return None
    return digest, tuple(tokens)
