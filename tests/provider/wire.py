"""HTTP/1.1 as a service sees it: a request read from a socket, a reply written to one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic_core import to_json

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """What came over the wire."""

    method: str
    host: str
    """The real host that this server stands in for: the first segment of the path it was sent."""
    path: str
    """Percent-encoded, as sent."""
    query: Pairs
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""

    def without_query(self, name: str) -> Self:
        return replace(self, query=tuple(pair for pair in self.query if pair[0] != name))

    def with_query(self, name: str, value: str) -> Self:
        return replace(self, query=(*self.without_query(name).query, (name, value)))

    def without_header(self, name: str) -> Self:
        return replace(self, headers={n: v for n, v in self.headers.items() if n != name})


@dataclass(frozen=True)
class Reply:
    """What goes back, or a fault in its place."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    hangs: bool = False
    """Never answer."""
    drip_s: float = 0.0
    """Pause after each byte of the body."""
    endless: bytes = b""
    """Send this over and over until the client leaves, instead of a body."""


def json_reply(document: Any, *, status: int = 200) -> Reply:
    return Reply(status, {"Content-Type": "application/json"}, to_json(document))


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request on a connection, None at its end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    request_line, *lines = head.rstrip().split("\r\n")
    method, target, _ = request_line.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (s.partition(":") for s in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    _, host, path = parts.path.split("/", 2) if parts.path.count("/") > 1 else ("", "", parts.path)
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return Request(method, host, f"/{path}", query, headers, body)


async def write_reply(writer: asyncio.StreamWriter, reply: Reply) -> None:
    if reply.hangs:
        await asyncio.Event().wait()
    length = {} if reply.endless else {"Content-Length": str(len(reply.body))}
    headers = {**length, **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} Scripted", *(f"{n}: {v}" for n, v in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    while reply.endless:
        writer.write(reply.endless)
        await writer.drain()
    for start in range(0, len(reply.body), 1 if reply.drip_s else len(reply.body) or 1):
        writer.write(reply.body[start : start + 1] if reply.drip_s else reply.body)
        await writer.drain()
        await asyncio.sleep(reply.drip_s)
    await writer.drain()
