"""A service on 127.0.0.1 that answers only what its contract allows.

Real sockets, reached as a user's mirror is: through a base URL per host. A request that no
expectation takes is answered 599 and kept in `refused`, with every fault of the nearest one.
"""

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

from tests.closing import close
from tests.provider.wire import Reply, Request, read_request, write_reply

Script = Callable[[Reply], Reply]
"""Turns what would be served into what is served: a fault of the service."""


class Expectation(Protocol):
    """One request that a service takes, and what it answers."""

    @property
    def host(self) -> str: ...

    @property
    def reply(self) -> Reply: ...

    def faults(self, request: Request) -> list[str]:
        """Return what is wrong with a request; nothing where it is the one expected."""
        ...


def as_documented(reply: Reply) -> Reply:
    return reply


class Provider:
    """Serves expectations; use it as an async context manager."""

    def __init__(
        self, expectations: Sequence[Expectation], *, script: Script = as_documented
    ) -> None:
        self._expectations = tuple(expectations)
        self._script = script
        self._served: list[Expectation] = []
        self._connections: set[asyncio.Task[None]] = set()
        self.received: list[Request] = []
        self.refused: list[str] = []

    @property
    def unasked(self) -> list[Expectation]:
        """Return what nobody asked for."""
        return [one for one in self._expectations if one not in self._served]

    @property
    def base_urls(self) -> dict[str, str]:
        """Return the door's overrides: each host lives below a path of its own name."""
        hosts = {one.host.partition(":")[0] for one in self._expectations}
        return {host: f"http://127.0.0.1:{self._port}/{host}" for host in hosts}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self._port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await close(self._server)
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def judge(self, request: Request) -> Expectation | list[str]:
        """Return the expectation that takes a request, or the faults of the nearest one."""
        judged = [(one.faults(request), one) for one in self._expectations]
        matching = [one for faults, one in judged if not faults]
        if not matching:
            return min((faults for faults, _ in judged), key=len)
        # The same request sent again, as in polling, gets the next of its replies.
        return next((one for one in matching if one not in self._served), matching[-1])

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await read_request(reader):
                self.received.append(request)
                judged = self.judge(request)
                if isinstance(judged, list):
                    self.refused.append(f"{request.method} {request.host}{request.path}: {judged}")
                    await write_reply(writer, Reply(599, body=b"the contract refuses this"))
                    continue
                self._served.append(judged)
                await write_reply(writer, self._script(judged.reply))
        except ConnectionError:
            return
        finally:
            writer.close()
