"""Run a declared tool's examples on this machine: a loopback server stands in for its service.

It shows that the request can be built and that the documented reply is read; it shows nothing of
the real service.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic_core import to_json

from toollama.clock import FixedClock
from toollama.tools.base import ToolContext, ToolResult
from toollama.tools.declared.format import Example
from toollama.tools.declared.tool import DeclaredTool
from toollama.tools.http import Door, HttpSettings
from toollama.tools.run import run
from toollama.tools.weather.open_meteo import GEOCODING_HOST

_KEY = "rehearsal-key"
_PLACE = {"name": "Bergen", "latitude": 60.39, "longitude": 5.32, "country": "Norway"}
_NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One example: what was asked, as `GET host/path?query`, and what came of it."""

    requests: tuple[str, ...]
    result: ToolResult


class _Keyring:
    """A person who has every key."""

    def get(self, name: str, *, host: str) -> str | None:
        return _KEY


@dataclass
class _Service:
    """Answers each request for a host with one reply."""

    replies: dict[str, tuple[int, bytes]]
    media_type: str
    requests: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await _head(reader):
                method, target, _ = head.split("\r\n", 1)[0].split(" ")
                self.requests.append(f"{method} {target.removeprefix('/')}".replace(_KEY, "•••"))
                host = target.split("/")[1]
                status, body = self.replies.get(host, (599, b""))
                writer.write(
                    f"HTTP/1.1 {status} Rehearsed\r\nContent-Type: {self.media_type}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n".encode()
                )
                writer.write(b"" if method == "HEAD" else body)
                await writer.drain()
        except asyncio.CancelledError:
            return  # the rehearsal is over while a kept connection is open
        finally:
            writer.close()


async def _head(reader: asyncio.StreamReader) -> str:
    """Return the head of the next request after reading its body away; empty at the end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return ""
    for line in head.lower().split("\r\n"):
        if line.startswith("content-length:"):
            await reader.readexactly(int(line.partition(":")[2]))
    return head


async def rehearse(tool: DeclaredTool, example: Example) -> Rehearsed:
    """Return what one example gives. Raises `ToolFailure`."""
    is_text = isinstance(example.reply, str)
    body = example.reply.encode() if is_text else to_json(example.reply)
    replies = {GEOCODING_HOST: (200, to_json({"results": [_PLACE]}))}
    replies |= {_bare(host): (example.status, body) for host in tool.spec.hosts[:1]}
    service = _Service(replies, "text/plain" if is_text else "application/json")
    async with _served(service) as port:
        base_urls = {host: f"http://127.0.0.1:{port}/{host}" for host in replies}
        async with Door(HttpSettings(base_urls=base_urls)) as door:
            context = ToolContext(clock=FixedClock(_NOW), http=door, credentials=_Keyring())
            result = await run(tool, example.arguments, context)
    return Rehearsed(tuple(service.requests), result)


def _bare(host: str) -> str:
    return host.partition(":")[0]


@asynccontextmanager
async def _served(service: _Service) -> AsyncIterator[int]:
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


def unread(tool: DeclaredTool, context: ToolContext) -> Sequence[str]:
    """Return the sample requests in which a required argument is not found by code alone."""
    fields = tool.spec.parameters.model_fields
    required = {name for name, one in fields.items() if one.is_required()}
    return [
        text for text in tool.spec.utterances if not required <= set(tool.propose(text, context))
    ]
