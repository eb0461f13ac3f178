"""Open sockets to public addresses only, whatever name or redirect led there.

The name is resolved once, every answer is checked, and the socket opens to a checked address: a
second look-up that answers differently (DNS rebinding) has no effect. TLS still verifies the name,
because httpcore hands it on separately.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

import httpcore
import httpx

from toollama.tools.addresses import is_public
from toollama.tools.base import ToolFailure
from toollama.tools.http.targets import Address

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Turns a host and a port into IP addresses. Raises `OSError`."""


async def resolve_with_system(host: str, port: int) -> list[str]:
    """Return the addresses that the system's resolver gives, best first."""
    loop = asyncio.get_running_loop()
    answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in answers]


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, and to the ones in `trusted` whatever they are."""

    def __init__(
        self,
        *,
        resolve: Resolve,
        trusted: frozenset[Address],
        inner: httpcore.AsyncNetworkBackend,
    ) -> None:
        self._resolve = resolve
        self._trusted = trusted
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of `host` that answers.

        Raises `ToolFailure` for a name that does not resolve or that has a private address, and
        `httpcore.ConnectError` where no address answers.
        """
        unreachable: Exception = httpcore.ConnectError("no address")
        for address in await self._checked_addresses(host, port):
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                unreachable = error
        raise unreachable

    async def _checked_addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise ToolFailure(
                f"no address is known for {host}",
                kind="unavailable",
                fix="check the network, and try again",
            ) from error
        if (host, port) not in self._trusted and not all(map(is_public, addresses)):
            raise ToolFailure(
                f"{host} leads to an address that is not on the public internet",
                kind="blocked",
                fix=f"if {host} is yours, name it in TOOLLAMA_BASE_URLS",
            )
        return addresses


class GuardedTransport(httpx.AsyncBaseTransport):
    """An httpx transport over a connection pool whose sockets a `GuardedBackend` opens.

    httpx's own transport has no public way to set the network backend. Failures to connect and to
    read leave it as httpcore raises them.
    """

    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(), network_backend=backend
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and return the response with its body unread."""
        response = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.aiter_stream():
            yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()
