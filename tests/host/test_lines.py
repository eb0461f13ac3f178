"""The engine host of one program: commands come in as lines, notices go out as lines."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import pytest
from pydantic_core import from_json, to_json

from tests.cli.fake_session import FakeSession
from toollama.host.lines import LineHost
from toollama.session import Session

Lines = asyncio.Queue[dict[str, Any]]
Opened = tuple[LineHost, Lines]
Open = Callable[[FakeSession], Opened]


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Open a host over a session; what it writes comes out of the queue."""
    hosts: list[LineHost] = []

    def over(session: FakeSession) -> Opened:
        written: Lines = asyncio.Queue()
        host = LineHost(cast("Session", session), lambda line: written.put_nowait(from_json(line)))
        hosts.append(host)
        return host, written

    yield over
    for host in hosts:
        await host.close()


def ask(prompt: str) -> bytes:
    return to_json({"kind": "ask", "options": {"prompt": prompt}})


async def told(written: Lines, count: int) -> list[str]:
    """Return the next `count` of the requests that began and the ends that were told."""
    found: list[str] = []
    async with asyncio.timeout(5):
        while len(found) < count:
            line = await written.get()
            if line["kind"] == "ended":
                found.append(line["error"])
            elif line["event"]["type"] == "run.started":
                found.append(line["event"]["data"]["prompt"])
    return found


async def test_requests_are_served_in_their_order_up_to_the_end_of_the_input(opened: Open) -> None:
    host, written = opened(FakeSession())
    for line in (ask("one"), b"\n", ask("two")):
        host.take(line)
    host.end_input()
    await asyncio.wait_for(host.finished(), 5)
    assert await told(written, 4) == ["one", "", "two", ""]


async def test_a_cancel_is_obeyed_while_requests_wait(opened: Open) -> None:
    host, written = opened(FakeSession(hang=True))
    host.take(ask("one"))
    host.take(ask("two"))
    assert await told(written, 1) == ["one"]
    host.take(b'{"kind": "cancel"}')
    ended, begun = await told(written, 2)
    assert ("the run was stopped" in ended, begun) == (True, "two")


@pytest.mark.parametrize("line", [b"nonsense", b'{"kind": "order"}', b"\xff", b'{"kind": "ask"}'])
async def test_a_line_that_is_no_command_is_refused_and_the_next_is_served(
    opened: Open, line: bytes
) -> None:
    host, written = opened(FakeSession())
    host.take(line)
    host.take(ask("one"))
    host.end_input()
    await asyncio.wait_for(host.finished(), 5)
    refusal, *rest = await told(written, 3)
    assert refusal == "error[input.invalid]: not a command — fix: docs/pipes.md shows the lines"
    assert rest == ["one", ""]


async def test_an_input_without_requests_is_finished_at_its_end(opened: Open) -> None:
    host, written = opened(FakeSession())
    host.end_input()
    await asyncio.wait_for(host.finished(), 5)
    assert written.empty()
