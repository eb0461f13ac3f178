"""Read a body within its bounds: bytes as they come, bytes once decoded, and their ratio.

Compression is never asked for, yet some services send gzip or deflate all the same. It is decoded
in small steps, so that a bomb is noticed before it has grown.
"""

import zlib
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from toollama.text import one_line

MAX_RATIO = 100
"""Text compresses 3 to 20 times, deflate at most 1,032 times (https://zlib.net/zlib_tech.html)."""
_RATIO_FREE_BYTES = 1 << 20
_STEP_BYTES = 1 << 16
_AUTODETECT = zlib.MAX_WBITS | 32
_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate"})


class UnusableBody(Exception):
    """A body that breaks a bound; the text completes a sentence that begins with the host."""


class Inflater:
    """Decodes one gzip or deflate body, piece by piece."""

    def __init__(self, *, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._stream = zlib.decompressobj(_AUTODETECT)
        self._wire_bytes = 0
        self._decoded_bytes = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what the chunk decodes to, at most 64 KiB at a time. Raises `UnusableBody`."""
        begins = self._wire_bytes == 0
        self._wire_bytes += len(chunk)
        rest = chunk
        while rest:
            try:
                piece = self._stream.decompress(rest, _STEP_BYTES)
            except zlib.error:
                if not begins:
                    raise UnusableBody("sent a damaged compressed body") from None
                # Some servers send the bare stream (https://www.rfc-editor.org/rfc/rfc9110#8.4.1.2)
                begins, self._stream = False, zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            begins = False
            self._count(len(piece))
            yield piece
            rest = self._stream.unconsumed_tail
            if self._stream.eof and self._stream.unused_data:
                rest = self._stream.unused_data
                self._stream = zlib.decompressobj(_AUTODETECT)

    def finish(self) -> None:
        """Return where the body was whole. Raises `UnusableBody`."""
        if self._wire_bytes and not self._stream.eof:
            raise UnusableBody("broke off in the middle of a compressed body")

    def _count(self, decoded: int) -> None:
        self._decoded_bytes += decoded
        if self._decoded_bytes > self._max_bytes:
            raise UnusableBody(f"sent more than {self._max_bytes:,} bytes once decompressed")
        if self._decoded_bytes > _RATIO_FREE_BYTES + MAX_RATIO * self._wire_bytes:
            raise UnusableBody(f"sent a body that grows more than {MAX_RATIO}-fold")


async def bounded(
    chunks: AsyncIterator[bytes], *, encoding: str, max_bytes: int
) -> AsyncIterator[bytes]:
    """Yield a body decoded; `max_bytes` bounds it on the wire and decoded.

    Raises `UnusableBody`.
    """
    name = encoding.strip().lower()
    if name not in {"", "identity", *_ENCODINGS}:
        raise UnusableBody(f"sent a body encoded as {one_line(name, 40)}, which was not asked for")
    inflater = Inflater(max_bytes=max_bytes) if name in _ENCODINGS else None
    wire_bytes = 0
    async for chunk in chunks:
        wire_bytes += len(chunk)
        if wire_bytes > max_bytes:
            raise UnusableBody(f"sent more than {max_bytes:,} bytes")
        for piece in [chunk] if inflater is None else inflater.feed(chunk):
            yield piece
    if inflater is not None:
        inflater.finish()


async def collect(pieces: AsyncIterator[bytes], *, into: BinaryIO | None = None) -> bytes:
    """Return the whole body, or write it to a file from its start and return nothing."""
    if into is None:
        body = bytearray()
        async for piece in pieces:
            body += piece
        return bytes(body)
    into.seek(0)
    into.truncate()
    async for piece in pieces:
        into.write(piece)
    return b""
