"""A service on 127.0.0.1 that checks what it is asked and answers from a script.

Real sockets, so the door's own client, limits and guards are what is tested. A request that no
route expects is answered 599 and fails the test when the server closes.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.closing import close


@dataclass(frozen=True)
class Received:
    """A request as it came over the wire."""

    path: str
    """Percent-encoded, as sent."""
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Answer:
    """A response, or a fault in place of one."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False
    """Drop the connection instead of answering."""
    drip_s: float = 0.0
    """Pause after each byte of the body."""
    until: Callable[[], Awaitable[object]] | None = None
    """Awaited before the answer is sent."""


def json_answer(document: Any, *, status: int = 200) -> Answer:
    return Answer(json.dumps(document).encode(), status, {"Content-Type": "application/json"})


def redirect_to(location: str) -> Answer:
    return Answer(status=302, headers={"Location": location})


@dataclass
class _Route:
    path: str
    query: Mapping[str, str]
    answers: list[Answer]


class Loopback:
    """Serves the hosts it is told to stand in for; use as an async context manager."""

    def __init__(self, *hosts: str) -> None:
        self._hosts = hosts
        self._routes: list[_Route] = []
        self.received: list[Received] = []
        self.unexpected: list[str] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await close(self._server)
        await self._server.wait_closed()
        if kind is None:
            assert not self.unexpected, self.unexpected

    @property
    def base_urls(self) -> dict[str, str]:
        """The door's overrides: each host lives below a path of its own name."""
        return {host: f"http://127.0.0.1:{self.port}/{host}" for host in self._hosts}

    def expect(
        self, host: str, path: str, *answers: Answer, query: Mapping[str, str] | None = None
    ) -> None:
        """Answer requests for exactly this path and query; the last answer repeats."""
        self._routes.append(_Route(f"/{host}{path}", dict(query or {}), list(answers)))

    def _answer(self, request: Received) -> Answer:
        faults = list(_faults_of(request.headers))
        for route in self._routes:
            if (route.path, dict(route.query)) == (request.path, request.query) and not faults:
                return route.answers.pop(0) if len(route.answers) > 1 else route.answers[0]
        self.unexpected.append(f"{request.path} {request.query} {faults}")
        return Answer(b"no route expects this", 599)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _read_request(reader):
                self.received.append(request)
                answer = self._answer(request)
                if answer.until is not None:
                    await answer.until()
                if answer.reset:
                    return
                await _write_answer(writer, answer)
        except (ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()


def _faults_of(headers: Mapping[str, str]) -> Sequence[str]:
    wanted = {
        "user-agent": headers.get("user-agent", "").startswith("ToolLama/"),
        "accept-encoding": headers.get("accept-encoding") == "identity",
        "host": headers.get("host", "").startswith("127.0.0.1:"),
        "cookie": "cookie" not in headers,
    }
    return [name for name, holds in wanted.items() if not holds]


async def _read_request(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    request_line, *lines = head.rstrip().split("\r\n")
    method, target, _ = request_line.split(" ")
    assert method == "GET", method
    parts = urlsplit(target)
    headers = {name.lower(): value.strip() for name, _, value in (s.partition(":") for s in lines)}
    return Received(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers)


async def _write_answer(writer: asyncio.StreamWriter, answer: Answer) -> None:
    headers = {"Content-Length": str(len(answer.body)), **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} Scripted", *(f"{n}: {v}" for n, v in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    if not answer.drip_s:
        writer.write(answer.body)
    else:
        for byte in answer.body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(answer.drip_s)
    await writer.drain()
