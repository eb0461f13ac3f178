"""Little-endian values from a file, in order and within bounds. Knows nothing of the layout."""

import struct
from pathlib import Path
from typing import BinaryIO

from toollama.errors import ModelCorrupt

_MAX_HEADER_BYTES = 64 << 20
_MAX_STRING_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 20
_U64 = struct.Struct("<Q")


class ByteReader:
    """Takes little-endian values from a file in order, a chunk of it in memory at a time."""

    def __init__(self, file: BinaryIO, *, path: Path, file_bytes: int) -> None:
        self._file = file
        self._path = path
        self._chunk = b""
        self._at = 0
        self._chunk_end_offset = 0
        self._limit = min(file_bytes, _MAX_HEADER_BYTES)
        self.file_bytes = file_bytes
        self.where = "start of file"

    @property
    def offset(self) -> int:
        """Return the position in the file of the next byte."""
        return self._chunk_end_offset - len(self._chunk) + self._at

    def fault(self, problem: str) -> ModelCorrupt:
        """Return the error for a fault here."""
        return ModelCorrupt(
            f"{self._path}: {problem} (byte {self.offset}, {self.where})",
            fix="the file is damaged, incomplete or no GGUF model: download it again",
        )

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        self._need(count)
        self._at += count
        return self._chunk[self._at - count : self._at]

    def number(self, kind: struct.Struct) -> int | float | bool:
        """Return the next scalar."""
        self._need(kind.size)
        (value,) = kind.unpack_from(self._chunk, self._at)
        self._at += kind.size
        return value  # type: ignore[no-any-return]

    def count(self, kind: struct.Struct, *, limit: int, what: str) -> int:
        """Return the next unsigned integer, which may be at most `limit`."""
        value = int(self.number(kind))
        if value > limit:
            raise self.fault(f"{what}: {value} is more than {limit}")
        return value

    def string(self, *, limit: int = _MAX_STRING_BYTES) -> bytes:
        """Return the next string, undecoded."""
        return self.take(self.count(_U64, limit=limit, what="string length"))

    def skip(self, count: int) -> None:
        """Pass over `count` bytes without reading them."""
        if self._at + count <= len(self._chunk):
            self._at += count
            return
        target = self.offset + count
        self._check_end(target)
        self._file.seek(target)
        self._chunk, self._at, self._chunk_end_offset = b"", 0, target

    def skip_strings(self, count: int) -> None:
        """Pass over `count` strings; a vocabulary has hundreds of thousands."""
        unpack = _U64.unpack_from
        for _ in range(count):
            if self._at + 8 > len(self._chunk):
                self._need(8)
            (length,) = unpack(self._chunk, self._at)
            if length > _MAX_STRING_BYTES:
                raise self.fault(f"string length: {length} is more than {_MAX_STRING_BYTES}")
            self._at += 8
            if self._at + length <= len(self._chunk):
                self._at += length
            else:
                self.skip(length)

    def _need(self, count: int) -> None:
        missing = self._at + count - len(self._chunk)
        if missing <= 0:
            return
        self._check_end(self.offset + count)
        rest = self._chunk[self._at :]
        fresh = self._file.read(max(missing, _CHUNK_BYTES))
        self._chunk_end_offset += len(fresh)
        self._chunk, self._at = rest + fresh, 0
        if len(fresh) < missing:
            raise self.fault("the file ends inside the header")

    def _check_end(self, offset: int) -> None:
        if offset > self.file_bytes:
            raise self.fault("the file ends inside the header")
        if offset > self._limit:
            raise self.fault(f"the header is larger than {_MAX_HEADER_BYTES >> 20} MiB")
