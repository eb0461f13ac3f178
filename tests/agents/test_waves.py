"""Waves: tasks that do not need each other share the loads of their models."""

import asyncio
import json
from pathlib import Path

import pytest
from pydantic_core import to_json

from bench.faults.virtual import run
from tests.agents.conftest import Ask, Outcome
from toollama.agents import plan_file
from toollama.agents.pool import ModelPool
from toollama.clock import SystemClock
from toollama.events import Bus
from toollama.models.engine import GenerationRequest
from toollama.models.scripted import ScriptedEngine
from toollama.models.spec import ModelSpec
from toollama.schedule import Agenda, Work, forecast, in_sequence

SHARED, BELTERS = "small", "other"
"""The file of Camina and the Drummers, and that of the Belters."""
ASKS = (
    "Which region has the highest total revenue?",
    "Which product has the lowest total revenue?",
    "Which region has the highest total cost?",
)


def engine_for_one() -> ScriptedEngine:
    """Return an engine with room for one of the two models."""
    replies = [answer] * 20
    return ScriptedEngine(replies, sizes={SHARED: 6, BELTERS: 5}, budget_bytes=10)


def answer(request: GenerationRequest) -> str:
    """Choose the first tool; write arguments that the words correct."""
    if request.purpose == "tool choice":
        return "data_group"
    known = {"path": "sales.csv", "group_by": "region", "value": "revenue", "aggregate": "sum"}
    return (
        json.dumps({"tool": "data_group", "arguments": known}) if "arg" in request.purpose else ""
    )


def plan_of_three(*, one_by_one: bool) -> plan_file.PlanFile:
    tasks = [
        {
            "task": number,
            "belter": "document",
            "ask": ask,
            "tools": ["data_group", "data_profile"],
            "clear": False,
            "needs": [number - 1] if one_by_one and number > 1 else [],
        }
        for number, ask in enumerate(ASKS, start=1)
    ]
    return plan_file.parse(to_json({"request": " ".join(ASKS), "tasks": tasks}), name="plan.json")


async def serve(ask: Ask, sales: Path, *, one_by_one: bool) -> Outcome:
    return await ask(
        " ".join(ASKS),
        files=[sales],
        engine=engine_for_one(),
        crew="waves",
        plan=plan_of_three(one_by_one=one_by_one),
    )


async def test_three_independent_tasks_take_one_load_of_each_model(ask: Ask, sales: Path) -> None:
    outcome = await serve(ask, sales, one_by_one=False)
    loads = [data["model"] for data in outcome.data("model.load.completed")]
    assert loads == [BELTERS, SHARED]
    assert len(outcome.data("model.unloaded")) == 1
    purposes = [request.purpose for request in outcome.engine.requests]
    assert purposes == ["tool choice"] * 3 + ["arguments"] * 3 + ["answer"]


async def test_the_same_tasks_one_after_another_swap_for_each(ask: Ask, sales: Path) -> None:
    outcome = await serve(ask, sales, one_by_one=True)
    assert outcome.answer is not None
    assert outcome.answer.swaps == 5


async def test_the_loads_that_a_plan_forecasts_are_those_of_its_run(ask: Ask, sales: Path) -> None:
    for one_by_one in (False, True):
        plan = plan_of_three(one_by_one=one_by_one)
        told = await ask("x", engine=engine_for_one(), crew="waves", plan=plan, plan_only=True)
        done = await serve(ask, sales, one_by_one=one_by_one)
        assert told.answer is not None
        assert told.answer.data["forecast"]["loads"] == [
            data["model"] for data in done.data("model.load.completed")
        ]
        assert done.answer is not None
        assert told.answer.data["forecast"]["swaps"] == done.answer.swaps


async def test_a_plan_tells_what_task_by_task_would_cost_where_it_costs_more(ask: Ask) -> None:
    forecasts = []
    for one_by_one in (False, True):
        plan = plan_of_three(one_by_one=one_by_one)
        told = await ask("x", engine=engine_for_one(), crew="waves", plan=plan, plan_only=True)
        assert told.answer is not None
        forecasts.append(told.answer.data["forecast"])
    waves, chain = forecasts
    assert waves["task_by_task"]["swaps"] == chain["swaps"]
    assert "task_by_task" not in chain


WHOLE = Agenda(
    [
        Work("plan", SHARED),
        *(
            work
            for task in "123"
            for work in (
                Work(f"{task}.steps", BELTERS, ("plan",)),
                Work(f"{task}.call", SHARED, (f"{task}.steps",)),
                Work(f"{task}.tool", "", (f"{task}.call",)),
                Work(f"{task}.merge", BELTERS, (f"{task}.tool",)),
            )
        ),
        Work("answer", SHARED, ("1.merge", "2.merge", "3.merge")),
    ]
)
"""Camina plans, three Belters break down, have called and merge, Camina answers."""


async def walk(*, at_once: bool, known: bool = True) -> int:
    """Take every turn of the whole ladder and return how many swaps that took."""
    bus = Bus("run", SystemClock())
    pool = ModelPool(engine_for_one(), bus)
    if known:
        pool.expect(WHOLE)

    async def turn(key: str) -> None:
        work = next(work for work in WHOLE if work.key == key)
        async with pool.turn(ModelSpec(id=work.model, file="x"), bus.span_here(), work=key):
            await asyncio.sleep(0)
        pool.over(key)

    async def task(number: str) -> None:
        await turn(f"{number}.steps")
        await turn(f"{number}.call")
        await asyncio.sleep(0.01 * int(number))
        pool.over(f"{number}.tool")
        await turn(f"{number}.merge")

    await turn("plan")
    if at_once:
        await asyncio.gather(*map(task, "123"))
    else:
        for number in "123":
            await task(number)
    await turn("answer")
    return pool.residency.swaps


def test_waves_take_four_swaps_where_task_by_task_takes_eight() -> None:
    assert run(walk(at_once=True)) == 4
    assert run(walk(at_once=False)) == 8


def test_a_queue_that_nobody_announced_is_served_in_waves_too() -> None:
    assert run(walk(at_once=True, known=False)) == 4


def test_the_forecast_of_the_whole_ladder_is_what_it_takes() -> None:
    from toollama.schedule import Host

    host = Host(
        model_bytes={SHARED: 6, BELTERS: 5}, budget_bytes=10, load_s={SHARED: 2.0, BELTERS: 1.0}
    )
    expected = forecast(WHOLE, host)
    assert expected.loads == (SHARED, BELTERS, SHARED, BELTERS, SHARED)
    assert (expected.swaps, expected.load_s) == (4, 8.0)
    assert forecast(in_sequence(WHOLE), host).swaps == 8


async def test_a_load_is_put_off_while_a_tool_brings_the_resident_model_more() -> None:
    """Room for one: the Belters' last merge comes before the model of the answer is loaded."""
    bus = Bus("run", SystemClock())
    pool = ModelPool(engine_for_one(), bus)
    pool.expect(Agenda([Work("tool"), Work("merge", BELTERS, ("tool",)), Work("aside", SHARED)]))
    order: list[str] = []

    async def turn(key: str, model: str) -> None:
        async with pool.turn(ModelSpec(id=model, file="x"), bus.span_here(), work=key):
            order.append(key)
        pool.over(key)

    async def merge() -> None:
        await asyncio.sleep(0.05)
        pool.over("tool")
        await turn("merge", BELTERS)

    await turn("first", BELTERS)
    await asyncio.gather(merge(), turn("aside", SHARED))
    assert (order, pool.residency.swaps) == (["first", "merge", "aside"], 1)


async def test_nobody_waits_longer_than_a_moment_for_work_that_does_not_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("toollama.agents.pool._PATIENCE_S", 0.02)
    bus = Bus("run", SystemClock())
    pool = ModelPool(engine_for_one(), bus)
    pool.expect(Agenda([Work("tool"), Work("merge", BELTERS, ("tool",)), Work("aside", SHARED)]))
    async with pool.turn(ModelSpec(id=BELTERS, file="x"), bus.span_here()):
        pass
    async with asyncio.timeout(5):
        async with pool.turn(ModelSpec(id=SHARED, file="x"), bus.span_here(), work="aside"):
            pass
    assert pool.residency.swaps == 1


async def test_background_turns_begin_when_nobody_waits_for_anything_else() -> None:
    bus = Bus("run", SystemClock())
    pool = ModelPool(engine_for_one(), bus)
    pool.expect(Agenda([Work("tool"), Work("answer", SHARED, ("tool",))]))
    order: list[str] = []

    async def turn(key: str, *, background: bool = False) -> None:
        spec = ModelSpec(id=SHARED, file="x")
        async with pool.turn(spec, bus.span_here(), work=key, background=background):
            order.append(key)
        pool.over(key)

    watching = asyncio.create_task(turn("watched", background=True))
    await asyncio.sleep(0.01)
    pool.over("tool")
    await turn("answer")
    await watching
    assert order == ["answer", "watched"]
