"""Requests to private addresses, and bodies without end: how many get past the door.

Each spelling is asked for directly, by a redirect, and by a name that turns private after its
first look-up. No packet leaves: sockets are recorded, and only the bench's own server is dialled.
"""

import asyncio
import gzip
import socket
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpcore

from bench.addresses import private_hosts, public_addresses
from bench.report import Result
from tests.loopback import Answer, Loopback, redirect_to
from toollama.tools.base import ToolFailure
from toollama.tools.http import Door, HttpSettings

_PUBLIC = "93.184.215.14"
_START = "start.example.org"
_PUBLIC_ADDRESSES = 1_000
_NO_CONTENT = [b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"]


@dataclass
class RecordingSockets(httpcore.AsyncNetworkBackend):
    """Notes every address that is dialled; opens none but the bench's own server."""

    own_port: int = 0
    dialled: list[str] = field(default_factory=list)
    _real: httpcore.AsyncNetworkBackend = field(default_factory=httpcore.AnyIOBackend)

    async def connect_tcp(
        self, host: str, port: int, *args: Any, **options: Any
    ) -> httpcore.AsyncNetworkStream:
        """Dial, or note the address and answer 204."""
        if port == self.own_port:
            return await self._real.connect_tcp(host, port, *args, **options)
        self.dialled.append(host)
        return httpcore.AsyncMockStream(list(_NO_CONTENT))


async def resolve_numbers(host: str, port: int) -> Sequence[str]:
    """Return what the system's resolver makes of a number; names are not looked up."""
    if host.rstrip(".").lower() == "localhost":
        return ["127.0.0.1", "::1"]
    answers = socket.getaddrinfo(
        host.rstrip("."), port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    )
    return [str(sockaddr[0]) for *_, sockaddr in answers]


def run(*, quick: bool) -> Result:
    """Count what gets past the door; `quick` changes nothing, as it takes seconds."""
    del quick
    return asyncio.run(_run())


async def _run() -> Result:
    hosts = private_hosts()
    wrong = await _direct(hosts) + await _redirected(hosts) + await _rebound(hosts)
    wrong += await _public() + await _endless()
    return Result("ssrf", wrong, 0, most=True)


async def _direct(hosts: Sequence[str]) -> int:
    sockets, outcomes = RecordingSockets(), Counter[str]()
    async with Door(HttpSettings(), resolve=resolve_numbers, sockets=sockets) as door:
        for host in hosts:
            outcomes[await _outcome(door, f"http://{host}/")] += 1
    return _reported("direct", outcomes, sockets.dialled)


async def _redirected(hosts: Sequence[str]) -> int:
    outcomes = Counter[str]()
    async with Loopback(_START) as server:
        for number, host in enumerate(hosts):
            server.expect(_START, f"/{number}", redirect_to(f"http://{_ascii(host)}/"))
        sockets = RecordingSockets(own_port=server.port)
        settings = HttpSettings(base_urls=server.base_urls)
        async with Door(settings, resolve=resolve_numbers, sockets=sockets) as door:
            for number in range(len(hosts)):
                outcomes[await _outcome(door, f"http://{_START}/{number}")] += 1
    return _reported("redirect", outcomes, sockets.dialled)


async def _rebound(hosts: Sequence[str]) -> int:
    """Ask each name twice: it is public at first, then what the spelling stands for."""
    answers: dict[str, list[list[str]]] = {}
    for number, host in enumerate(hosts):
        private = await _addresses(host)
        answers[f"n{number}.example.org"] = [[_PUBLIC], private, [_PUBLIC, *private]]

    async def resolve(host: str, _port: int) -> Sequence[str]:
        return answers[host].pop(0)

    sockets, outcomes = RecordingSockets(), Counter[str]()
    async with Door(HttpSettings(), resolve=resolve, sockets=sockets) as door:
        for name in answers:
            if await _outcome(door, f"http://{name}/") != "reached":
                outcomes["first look-up failed"] += 1
            for _ in range(2):
                outcomes[await _outcome(door, f"http://{name}/")] += 1
    return _reported("rebinding", outcomes, [host for host in sockets.dialled if host != _PUBLIC])


async def _addresses(host: str) -> list[str]:
    """Return what a spelling stands for; where it is no number, one that always is private."""
    try:
        return list(await resolve_numbers(host.strip("[]").replace("%25", "%"), 80))
    except OSError:
        return ["127.0.0.1"]


async def _public() -> int:
    sockets = RecordingSockets()
    refused = 0
    async with Door(HttpSettings(), resolve=resolve_numbers, sockets=sockets) as door:
        for address in public_addresses(_PUBLIC_ADDRESSES):
            host = f"[{address}]" if ":" in address else address
            if await _outcome(door, f"http://{host}/") != "reached":
                print(f"public address refused: {address}")
                refused += 1
    print(f"public: {_PUBLIC_ADDRESSES} addresses, {refused} refused")
    return refused


async def _endless() -> int:
    """Read a bomb, a drip and a body that is too large; each has to end within its bounds."""
    member = gzip.compress(bytes(10_000_000))
    cases = {
        "bomb": Answer(member * 1_000, headers={"Content-Encoding": "gzip"}),
        "drip": Answer(b" " * 60, drip_s=1.0),
        "large": Answer(bytes(30_000_000)),
    }
    overruns = 0
    async with Loopback(_START) as server, Door(HttpSettings(base_urls=server.base_urls)) as door:
        for name, answer in cases.items():
            server.expect(_START, f"/{name}", answer)
            started_s = time.perf_counter()
            outcome = await _outcome(door, f"http://{_START}/{name}", deadline_s=2.0)
            took_s = time.perf_counter() - started_s
            print(f"{name}: {outcome} after {took_s:.2f} s")
            overruns += outcome not in {"upstream", "unavailable"} or took_s > 4.0
    return overruns


def _ascii(host: str) -> str:
    """Return a host as a header can carry it: UTF-8, each byte as one character."""
    return host.encode().decode("latin-1")


async def _outcome(door: Door, url: str, *, deadline_s: float = 20.0) -> str:
    try:
        await door.request("GET", url, hosts=["*"], deadline_s=deadline_s)
    except ToolFailure as failure:
        return failure.kind
    return "reached"


def _reported(name: str, outcomes: Counter[str], dialled: Sequence[str]) -> int:
    """Print one line and return how many requests were not blocked."""
    let_through = outcomes.total() - outcomes["blocked"]
    print(f"{name}: {outcomes.total()} requests, {dict(outcomes)}; dialled: {list(dialled) or 0}")
    return max(let_through, len(dialled))
