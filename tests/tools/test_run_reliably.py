"""What a call gives beyond the tool's own answer: remembered, stale and stand-in answers."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from toollama.clock import FixedClock
from toollama.errors import UnknownName
from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    FailureKind,
    NoNetwork,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.reliability import Reliability
from toollama.tools.reliability.circuit import FAILURES_TO_OPEN
from toollama.tools.run import AnyTool, run

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Place(Arguments):
    place: str
    day: str = "today"


class PlaceOnly(Arguments):
    place: str


SPEC = ToolSpec(
    name="primary", summary="", utterances=(), parameters=Place, packs=(),
    effects=frozenset({Effect.READ_PUBLIC}), egress=True, cache_ttl_s=600.0,
    fallbacks=("missing", "second"),
)  # fmt: skip


class Scripted(Tool[Any, str]):
    """Answers with a count, or fails."""

    spec: ClassVar[ToolSpec] = SPEC

    def __init__(self, spec: ToolSpec, *, fails: FailureKind | None = None) -> None:
        self.spec = spec  # type: ignore[misc]
        self.fails = fails
        self.calls = 0

    async def execute(self, args: Any, context: ToolContext) -> str:
        self.calls += 1
        await asyncio.sleep(0)
        if self.fails:
            raise ToolFailure("down", kind=self.fails, fix="wait")
        return f"{args.place} {self.calls}"

    def format(self, args: Any, raw: str, context: ToolContext) -> ToolResult:
        return ToolResult(statements=(raw,))


class World:
    def __init__(self, *tools: Scripted) -> None:
        self.clock = FixedClock(NOW)
        self.tools = {tool.spec.name: tool for tool in tools}
        self.reliability = Reliability.open(self.clock, find=self.find)
        self.context = ToolContext(clock=self.clock, http=NoNetwork(), reliability=self.reliability)

    def find(self, name: str) -> AnyTool:
        if name not in self.tools:
            raise UnknownName(name, fix="")
        return self.tools[name]

    async def ask(self, place: str = "Bergen", **more: str) -> tuple[str, ...]:
        result = await run(self.tools["primary"], {"place": place, **more}, self.context)
        return result.statements


@pytest.fixture
def world() -> Iterator[Callable[..., World]]:
    made: list[World] = []

    def make(*tools: Scripted) -> World:
        made.append(World(*tools))
        return made[-1]

    yield make
    for each in made:
        each.reliability.close()


Make = Callable[..., World]


async def test_an_equal_call_is_answered_from_before(world: Make) -> None:
    here = world(Scripted(SPEC))
    assert await here.ask() == await here.ask() == ("Bergen 1",)


async def test_another_argument_is_another_call(world: Make) -> None:
    here = world(Scripted(SPEC))
    assert (await here.ask(), await here.ask("Oslo")) == (("Bergen 1",), ("Oslo 2",))


async def test_an_answer_past_its_time_is_fetched_anew(world: Make) -> None:
    here = world(Scripted(SPEC))
    await here.ask()
    here.clock.advance(601)
    assert await here.ask() == ("Bergen 2",)


async def test_without_the_cache_the_service_is_asked(world: Make) -> None:
    here = world(Scripted(SPEC))
    await here.ask()
    here.context = replace(here.context, reliability=here.reliability.uncached())
    assert await here.ask() == ("Bergen 2",)


@pytest.mark.parametrize(
    "spec",
    [
        replace(SPEC, cache_ttl_s=0.0),
        replace(SPEC, effects=frozenset({Effect.READ_PUBLIC, Effect.SEND})),
        replace(SPEC, effects=frozenset({Effect.READ_PRIVATE})),
    ],
)
async def test_a_tool_that_must_not_be_remembered_runs_each_time(
    world: Make, spec: ToolSpec
) -> None:
    here = world(Scripted(spec))
    assert (await here.ask(), await here.ask()) == (("Bergen 1",), ("Bergen 2",))


async def test_equal_calls_at_one_moment_run_the_tool_once(world: Make) -> None:
    tool = Scripted(SPEC)
    here = world(tool)
    assert await asyncio.gather(*(here.ask() for _ in range(6))) == [("Bergen 1",)] * 6
    assert tool.calls == 1


async def test_while_the_service_is_down_an_old_answer_says_its_date(world: Make) -> None:
    tool = Scripted(SPEC)
    here = world(tool)
    await here.ask()
    here.clock.advance(86_400)
    tool.fails = "unavailable"
    assert await here.ask() == (
        "Bergen 1",
        "primary gives no answer now; this is as of 22 November 2026, 12:00 UTC.",
    )


async def test_an_answer_older_than_a_week_does_not_stand_in(world: Make) -> None:
    tool = Scripted(SPEC)
    here = world(tool)
    await here.ask()
    here.clock.advance(7 * 86_400 + 1)
    tool.fails = "unavailable"
    with pytest.raises(ToolFailure, match="down"):
        await here.ask()


SECOND = replace(SPEC, name="second", parameters=PlaceOnly, fallbacks=())


@pytest.mark.parametrize("kind", ["unavailable", "rate_limited", "upstream"])
async def test_a_stand_in_answers_and_says_so(world: Make, kind: FailureKind) -> None:
    here = world(Scripted(SPEC, fails=kind), Scripted(SECOND))
    assert await here.ask(day="tomorrow") == (
        "Bergen 1",
        "primary gave no answer, so this comes from second, without day.",
    )


@pytest.mark.parametrize("kind", ["blocked", "not_found", "missing_credential", "invalid_input"])
async def test_no_stand_in_is_asked_where_the_service_said_no(
    world: Make, kind: FailureKind
) -> None:
    second = Scripted(SECOND)
    here = world(Scripted(SPEC, fails=kind), second)
    with pytest.raises(ToolFailure, match="down"):
        await here.ask()
    assert second.calls == 0


@pytest.mark.parametrize(
    "spec",
    [
        replace(SECOND, effects=frozenset({Effect.READ_PUBLIC, Effect.SEND})),
        replace(SECOND, effects=frozenset({Effect.READ_PRIVATE})),
        replace(SECOND, hosts=("*",)),
        replace(SECOND, off="closed by its maker"),
        replace(SECOND, credentials=("EXAMPLE_KEY",), hosts=("a.org",)),
    ],
)
async def test_a_stand_in_does_nothing_that_was_not_allowed(world: Make, spec: ToolSpec) -> None:
    second = Scripted(spec)
    here = world(Scripted(SPEC, fails="unavailable"), second)
    with pytest.raises(ToolFailure, match="down"):
        await here.ask()
    assert second.calls == 0


async def test_a_call_that_changes_something_has_no_stand_in(world: Make) -> None:
    changing = replace(SPEC, effects=frozenset({Effect.SEND}))
    second = Scripted(replace(SECOND, effects=frozenset({Effect.SEND})))
    here = world(Scripted(changing, fails="unavailable"), second)
    with pytest.raises(ToolFailure):
        await here.ask()
    assert second.calls == 0


async def test_a_fresh_stand_in_goes_before_an_old_answer(world: Make) -> None:
    tool = Scripted(SPEC)
    here = world(tool, Scripted(SECOND))
    await here.ask()
    here.clock.advance(86_400)
    tool.fails = "unavailable"
    assert (await here.ask())[-1].endswith("comes from second.")


async def test_a_tool_that_misses_its_deadline_opens_its_circuit(world: Make) -> None:
    class Hanging(Scripted):
        async def execute(self, args: Any, context: ToolContext) -> str:
            await context.http.get_json("https://a.org", hosts=["a.org"])
            return ""

    class Silent(NoNetwork):
        async def get_json(self, url: str, **options: Any) -> Any:
            await asyncio.Event().wait()

    here = world(
        Hanging(replace(SPEC, deadline_s=0.01, fallbacks=(), provider="slow", hosts=("a.org",)))
    )
    here.context = replace(here.context, http=Silent())
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(ToolFailure, match="did not answer within"):
            await here.ask()
    with pytest.raises(ToolFailure, match="slow failed several times"):
        await here.ask()


async def test_answers_lie_where_they_can_be_deleted(world: Make, tmp_path: Path) -> None:
    await world(Scripted(SPEC)).ask()
    assert (tmp_path / "cache" / "results.db").exists()
