"""The door of one tool, over the real door and a loopback server, on a virtual clock."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import stamina

from tests.loopback import Answer, Loopback, json_answer
from toollama.clock import FixedClock
from toollama.tools.base import NoNetwork, Rate, ToolFailure
from toollama.tools.http import Door, HttpSettings
from toollama.tools.reliability.circuit import FAILURES_TO_OPEN, Circuits
from toollama.tools.reliability.rates import RateLedger
from toollama.tools.reliability.steady_door import SteadyDoor, duration_text

HOST = "api.example.org"
URL = f"https://{HOST}/data"
NOW = datetime(2026, 11, 22, 23, 59, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_waits_between_attempts() -> Iterator[None]:
    with stamina.set_testing(True, attempts=9, cap=True):
        yield


class World:
    """One provider, as the calls of one tool see it."""

    def __init__(self, directory: Path, server: Loopback, *rates: Rate) -> None:
        self.clock = FixedClock(NOW)
        self.slept_s: list[float] = []
        self.server = server
        self.inner = Door(HttpSettings(base_urls=server.base_urls), clock=self.clock)
        self.door = SteadyDoor(
            inner=self.inner,
            provider="example",
            rates=rates,
            ledger=RateLedger(directory / "rates.db"),
            circuits=Circuits(self.clock.monotonic_s),
            clock=self.clock,
            sleep=self.sleep,
        )

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.clock.advance(seconds)
        await asyncio.sleep(0)

    def answers(self, *answers: Answer) -> None:
        self.server.expect(HOST, "/data", *answers)

    async def get(self, **options: Any) -> Any:
        return await self.door.get_json(URL, hosts=[HOST], **options)

    async def failure(self, **options: Any) -> ToolFailure:
        with pytest.raises(ToolFailure) as caught:
            await self.get(**options)
        return caught.value


@pytest.mark.parametrize(
    "fault",
    [
        Answer(status=500),
        Answer(status=503, headers={"Retry-After": "1"}),
        Answer(status=408),
        Answer(status=425),
        Answer(status=429),
    ],
)
async def test_a_passing_fault_is_tried_again(tmp_path: Path, fault: Answer) -> None:
    async with Loopback(HOST) as server:
        world = World(tmp_path, server)
        world.answers(fault, fault, json_answer(1))
        async with world.inner:
            assert await world.get() == 1
        assert len(server.received) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_a_refusal_is_not_tried_again(tmp_path: Path, status: int) -> None:
    async with Loopback(HOST) as server:
        world = World(tmp_path, server)
        world.answers(Answer(status=status))
        async with world.inner:
            await world.failure()
        assert len(server.received) == 1


async def test_a_fault_that_stays_is_given_up_after_three_attempts(tmp_path: Path) -> None:
    async with Loopback(HOST) as server:
        world = World(tmp_path, server)
        world.answers(Answer(status=500))
        async with world.inner:
            assert (await world.failure()).kind == "unavailable"
        assert len(server.received) == 3


async def test_a_wait_longer_than_the_deadline_fails_at_once(tmp_path: Path) -> None:
    async with Loopback(HOST) as server:
        world = World(tmp_path, server)
        world.answers(Answer(status=429, headers={"Retry-After": "85774"}))
        async with world.inner:
            failure = await world.failure()
        assert len(server.received) == 1
    assert (failure.kind, failure.retry_after_s) == ("rate_limited", 85_774)


async def test_a_service_that_named_a_time_is_not_asked_before_it(tmp_path: Path) -> None:
    async with Loopback(HOST) as server:
        world = World(tmp_path, server)
        world.answers(Answer(status=429, headers={"Retry-After": "300"}), json_answer(1))
        async with world.inner:
            await world.failure()
            world.clock.advance(100)
            assert (await world.failure()).retry_after_s == 200
            assert len(server.received) == 1
            world.clock.advance(201)
            assert await world.get() == 1


async def test_only_methods_that_may_be_sent_twice_are() -> None:
    sent: list[str] = []

    class Down(NoNetwork):
        async def request(self, method: str, url: str, **options: Any) -> Any:
            sent.append(method)
            raise ToolFailure("down", kind="unavailable", fix="", status=503)

    clock = FixedClock(NOW)
    for method in ("POST", "PATCH", "GET", "PUT"):
        door = SteadyDoor(
            inner=Down(), provider=method, rates=(), ledger=RateLedger(Path("/proc/none/r.db")),
            circuits=Circuits(clock.monotonic_s), clock=clock, sleep=asyncio.sleep,
        )  # fmt: skip
        with pytest.raises(ToolFailure):
            await door.request(method, URL, hosts=[HOST])
    assert sent == ["POST", "PATCH", *["GET"] * 3, *["PUT"] * 3]


async def test_a_near_place_in_the_quota_is_waited_for(tmp_path: Path) -> None:
    async with Loopback(HOST) as server:
        world = World(tmp_path, server, Rate(1, 1.5))
        world.answers(json_answer(1))
        async with world.inner:
            await world.get()
            await world.get()
    assert world.slept_s == [1.5]


async def test_a_spent_quota_fails_without_a_request_and_says_when_it_opens(tmp_path: Path) -> None:
    async with Loopback(HOST) as server:
        world = World(tmp_path, server, Rate(1, 60))
        world.answers(json_answer(1))
        async with world.inner:
            await world.get()
            failure = await world.failure()
        assert (len(server.received), world.slept_s) == (1, [])
    assert (failure.kind, failure.retry_after_s) == ("rate_limited", 60)
    assert failure.message == "the quota of example is spent; it opens at 23 November 00:00 UTC"
    assert failure.fix == "try again in 60 s"


async def test_every_attempt_counts_against_the_quota(tmp_path: Path) -> None:
    async with Loopback(HOST) as server:
        world = World(tmp_path, server, Rate(2, 60))
        world.answers(Answer(status=500))
        async with world.inner:
            assert (await world.failure()).kind == "rate_limited"
        assert len(server.received) == 2


async def test_a_service_that_keeps_failing_is_left_alone(tmp_path: Path) -> None:
    async with Loopback(HOST) as server:
        world = World(tmp_path, server)
        world.answers(Answer(status=500))
        async with world.inner:
            for _ in range(FAILURES_TO_OPEN):
                await world.failure()
            asked = len(server.received)
            failure = await world.failure()
        assert len(server.received) == asked
    assert "left alone for 60 s" in failure.message


async def test_where_the_user_chooses_the_url_one_host_s_faults_are_not_another_s() -> None:
    clock = FixedClock(NOW)
    door = SteadyDoor(
        inner=NoNetwork(), provider="web", per_host=True, rates=(),
        ledger=RateLedger(Path("/proc/none/r.db")), circuits=Circuits(clock.monotonic_s),
        clock=clock, sleep=asyncio.sleep,
    )  # fmt: skip
    for _ in range(FAILURES_TO_OPEN):
        door.circuits.failed("down.example.org")
    with pytest.raises(ToolFailure, match=r"down\.example\.org failed several times"):
        await door.get_json("https://down.example.org/a", hosts=["*"])
    with pytest.raises(ToolFailure, match="nothing is fetched here"):
        await door.get_json("https://up.example.org/a", hosts=["*"])


async def test_a_404_shows_that_the_service_lives(tmp_path: Path) -> None:
    async with Loopback(HOST) as server:
        world = World(tmp_path, server)
        faults = [Answer(status=500)] * 3 * (FAILURES_TO_OPEN - 1)
        world.answers(*faults, Answer(status=404), Answer(status=500))
        async with world.inner:
            for _ in range(FAILURES_TO_OPEN + 1):
                failure = await world.failure()
    assert "left alone" not in failure.message


async def test_a_cancelled_trial_leaves_room_for_another(tmp_path: Path) -> None:
    async with Loopback(HOST) as server:
        world = World(tmp_path, server)
        for _ in range(FAILURES_TO_OPEN):
            world.door.circuits.failed("example")
        world.clock.advance(60)
        asked = asyncio.Event()

        async def hang() -> None:
            asked.set()
            await asyncio.Event().wait()

        world.answers(Answer(until=hang), json_answer(1))
        async with world.inner:
            trial = asyncio.create_task(world.get())
            await asked.wait()
            trial.cancel()
            await asyncio.wait([trial])
            assert await world.get() == 1


async def test_a_download_keeps_to_the_same_limits(tmp_path: Path) -> None:
    async with Loopback(HOST) as server:
        world = World(tmp_path, server, Rate(1, 60))
        world.answers(Answer(b"body"))
        async with world.inner:
            with (tmp_path / "file").open("w+b") as file:
                await world.door.download(URL, into=file, hosts=[HOST])
                with pytest.raises(ToolFailure, match="quota"):
                    await world.door.download(URL, into=file, hosts=[HOST])
    assert (tmp_path / "file").read_bytes() == b"body"


async def test_a_shut_door_costs_neither_quota_nor_circuit(tmp_path: Path) -> None:
    async with Loopback() as server:
        world = World(tmp_path, server)
        offline = Door(HttpSettings(offline=True), clock=world.clock)
        circuits = Circuits(world.clock.monotonic_s)
        door = SteadyDoor(
            inner=offline, provider="p", rates=(Rate(1, 60),), ledger=world.door.ledger,
            circuits=circuits, clock=world.clock, sleep=world.sleep,
        )  # fmt: skip
        for _ in range(FAILURES_TO_OPEN + 1):
            with pytest.raises(ToolFailure, match="offline mode"):
                await door.get_json(URL, hosts=[HOST])


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (60, "60 s"), (720, "12 min"), (85_774, "24 h")]
)
def test_a_wait_is_told_as_a_person_says_it(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
