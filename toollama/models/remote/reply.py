"""One streamed answer of a server: its chunks, bounded in time and bytes.

Every fault on the way is a `ModelError` that names the endpoint. A stream that ends without its
last chunk was truncated, and is never taken for a short answer.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable

import httpx

from toollama.models.remote.faults import broken
from toollama.models.remote.waits import Waits
from toollama.models.remote.wire import DONE, Chunk, EventLines, WireFault, read_chunk

BETWEEN_BYTES_S = 60.0
_MAX_STREAM_BYTES = 32 << 20
_NO_MORE = b""


class Reply:
    """A response whose first bytes have arrived; `aclose` it in any case."""

    def __init__(
        self,
        response: httpx.Response,
        *,
        url: str,
        waits: Waits,
        conceal: Callable[[str], str],
        release: Callable[[], None],
    ) -> None:
        self._response = response
        self._bytes: AsyncIterator[bytes] = response.aiter_raw()
        self._url = url
        self._waits = waits
        self._conceal = conceal
        self._release = release
        self._first = b""
        self.context_tokens = 0

    async def begin(self) -> None:
        """Wait for the first bytes of the body. Raises `httpx.TransportError`."""
        self._first = await anext(self._bytes, _NO_MORE)

    async def aclose(self) -> None:
        """Close the connection, which stops the server's work, and give the turn back."""
        try:
            await self._response.aclose()
        finally:
            self._release()

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Yield the chunks of the completion. Raises `ModelError`."""
        finished = False
        try:
            async for data in self._events():
                if data == DONE:
                    return
                chunk = read_chunk(data)
                finished = finished or chunk.finish_reason is not None
                yield chunk
        except WireFault as fault:
            raise broken(self._url, self._conceal(str(fault))) from fault
        if not finished:
            raise broken(self._url, "ended its answer before the end")

    async def _events(self) -> AsyncGenerator[str, None]:
        lines = EventLines()
        data = self._first
        received = 0
        while data:
            received += len(data)
            if received > _MAX_STREAM_BYTES:
                raise WireFault(f"sent more than {_MAX_STREAM_BYTES >> 20} MiB")
            for event in lines.feed(data):
                yield event
            data = await self._next()
        for event in lines.finish():
            yield event

    async def _next(self) -> bytes:
        try:
            return await self._waits.within(BETWEEN_BYTES_S, anext(self._bytes, _NO_MORE))
        except TimeoutError as error:
            raise broken(self._url, f"sent nothing more for {BETWEEN_BYTES_S:g} s") from error
        except httpx.TransportError as error:
            raise broken(self._url, "broke its answer off") from error
