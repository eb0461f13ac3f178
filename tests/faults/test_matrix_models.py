"""Faults of models: what they write, what they cannot load, what they do for ever."""

import json
import random
from typing import Any

import pytest

from bench.faults.models import FaultyEngine, no_memory
from bench.faults.tools import Calls, PlaceTool, figure
from bench.faults.world import ONE_PART, THREE_PARTS, Outcome, serve
from toollama.agents import figures as shown
from toollama.agents.budget import Budget
from toollama.errors import ModelCorrupt, ModelError
from toollama.events import TERMINAL_TYPES
from toollama.tools.base import Candidate
from toollama.tools.registry import Registry

ALL_THREE = {figure(place) for place in ("Oslo", "Bergen", "Lima")}
CUT_CALL = '{"tool": "rainf'
GARBAGE = "".join(map(chr, random.Random(7).choices(range(1, 0x2FFF), k=400)))


def figures(outcome: Outcome) -> set[int]:
    """Return the figures of the answer, without the numbers of its sources."""
    return {int(one.value) for one in shown.figures(outcome.text).values() if one.value > 9}


def told(reply: Any, *purposes: str) -> FaultyEngine:
    return FaultyEngine(faults={purpose: [reply] * 9 for purpose in purposes})


def check(outcome: Outcome, *, status: str) -> None:
    """Check what holds for every run: one end, the last event, and nothing left behind."""
    ends = [event.type for event in outcome.events if event.type in TERMINAL_TYPES]
    assert ends == [outcome.events[-1].type]
    assert [event.seq for event in outcome.events] == list(range(1, len(outcome.events) + 1))
    assert outcome.status == status
    assert outcome.left() == {}


@pytest.mark.parametrize("reply", ['{"tasks": [{"tool"', "", " \n\t ", GARBAGE, "[1, 2]"])
def test_a_plan_that_cannot_be_read_is_made_by_rules(reply: str) -> None:
    outcome = serve(THREE_PARTS, engine=told(reply, "plan"), certain=False)
    check(outcome, status="complete")
    assert outcome.rungs() == ["degrade"]
    assert figures(outcome) == ALL_THREE


@pytest.mark.parametrize(
    "reply",
    [
        '{"tasks": [{"tool": "nobody", "ask": "What is the rainfall in Oslo?", "needs": 0}]}',
        '{"tasks": [{"tool": "rainfall", "ask": "rain in Oslo", "needs": 0, "extra": 1}]}',
        '{"tasks": [{"tool": "rainfall", "ask": 7, "needs": "x"}]}',
        '{"tasks": []}',
        '{"tasks": [' + ", ".join(['{"tool": "rainfall", "ask": "Oslo", "needs": 0}'] * 50) + "]}",
    ],
    ids=["unknown tool", "extra key", "wrong types", "no task", "50 tasks"],
)
def test_a_plan_that_is_wrong_in_form_is_made_by_rules(reply: str) -> None:
    outcome = serve(THREE_PARTS, engine=told(reply, "plan"), certain=False)
    check(outcome, status="complete")
    assert outcome.data("plan.created")[0]["source"] == "rule"
    assert figures(outcome) == ALL_THREE


@pytest.mark.parametrize(("own", "needs"), [(1, 1), (1, 2), (2, 2)], ids=["self", "forward", "2"])
def test_a_need_that_points_to_itself_or_ahead_is_dropped(own: int, needs: int) -> None:
    asks = {"population": "What is the population of Bergen?", "altitude": "The altitude of Lima?"}
    drawn = [
        {"tool": tool, "ask": ask, "needs": needs if number == own else 0}
        for number, (tool, ask) in enumerate(asks.items(), 1)
    ]
    outcome = serve(
        " ".join(asks.values()), engine=told(json.dumps({"tasks": drawn}), "plan"), certain=False
    )
    check(outcome, status="complete")
    assert [task["needs"] for task in outcome.data("plan.created")[0]["tasks"]] == [[], []]


@pytest.mark.parametrize("reply", [CUT_CALL, "", " \n", GARBAGE, "null", '{"arguments": 3}'])
def test_a_call_that_cannot_be_read_is_asked_for_once_more_and_then_taken_from_the_words(
    reply: str,
) -> None:
    outcome = serve(
        "What is the population of Bergen?",
        engine=told(reply, "arguments"),
        tools=two_readings(),
    )
    check(outcome, status="complete")
    assert outcome.rungs() == ["retry", "degrade"]
    assert figures(outcome) == {figure("Bergen")}


def test_a_second_attempt_draws_by_another_seed_and_not_greedily() -> None:
    engine = told(CUT_CALL, "arguments")
    serve("What is the population of Bergen?", engine=engine, tools=two_readings())
    first, second = [r.sampling for r in engine.requests if r.purpose == "arguments"]
    assert (first.temperature, second.temperature) == (0.0, 0.4)
    assert first.seed != second.seed


def two_readings() -> Registry:
    """Return a tool whose words can be read in two ways, so that a model must choose."""

    class Two(PlaceTool):
        def propose(self, text: str, context: Any) -> Any:
            return {"place": [Candidate("Bergen", "words"), Candidate("Oslo", "words")]}

    return Registry([Two("population", "population", Calls())])


def test_a_model_above_is_asked_before_the_words_are_taken() -> None:
    engine = FaultyEngine(faults={"arguments": [CUT_CALL, CUT_CALL]})
    outcome = serve(
        "What is the population of Bergen?", engine=engine, crew="pair", tools=two_readings()
    )
    check(outcome, status="complete")
    models = [r.model for r in engine.requests if r.purpose == "arguments"]
    assert models == ["small", "small", "large"]
    assert outcome.rungs() == ["retry", "stronger"]


@pytest.mark.parametrize(
    "prose",
    [
        "The rainfall of Oslo is 9999, see E9.",
        "Gotham has it all.",
        "As an AI language model I cannot say.",
        GARBAGE,
        "",
    ],
)
def test_words_that_the_findings_do_not_support_are_not_said(prose: str) -> None:
    outcome = serve(THREE_PARTS, engine=told(prose, "answer"))
    check(outcome, status="complete")
    assert outcome.data("gate.decided")[0]["verdict"] == "fail"
    assert outcome.rungs() == ["degrade"]
    assert figures(outcome) == ALL_THREE
    assert all(sentence.support != "none" for sentence in outcome.answer.sentences)  # type: ignore[union-attr]


def test_a_load_that_fails_for_want_of_memory_leaves_an_answer_without_that_model() -> None:
    outcome = serve(THREE_PARTS, engine=FaultyEngine(loads=[no_memory()] * 9))
    check(outcome, status="complete")
    assert set(outcome.rungs()) == {"degrade"}
    assert "9.1 GiB" in outcome.data("model.load.failed")[0]["message"]
    assert figures(outcome) == ALL_THREE


@pytest.mark.parametrize(
    "error",
    [ModelError("decode failed: out of memory", fix="x"), ModelCorrupt("cut in a tensor", fix="x")],
)
def test_a_model_that_fails_while_it_writes_leaves_an_answer_without_it(error: ModelError) -> None:
    outcome = serve(THREE_PARTS, engine=told(error, "plan", "arguments", "answer"))
    check(outcome, status="complete")
    assert figures(outcome) == ALL_THREE


def test_without_any_tool_a_model_that_cannot_be_loaded_is_the_users_error() -> None:
    outcome = serve(
        "tell me a short story about a friend", engine=FaultyEngine(loads=[no_memory()] * 9)
    )
    check(outcome, status="failed")
    assert outcome.exit_code == 3


@pytest.mark.parametrize("purpose", ["plan", "answer"])
def test_a_model_that_never_stops_is_stopped_with_the_budget(purpose: str) -> None:
    engine = told("hang", purpose)
    outcome = serve(THREE_PARTS, engine=engine, certain=False, budget=Budget(seconds=30))
    assert outcome.duration_s <= 31
    assert outcome.exit_code == 7
    assert outcome.left() == {}


def test_a_load_that_never_ends_is_stopped_with_the_budget() -> None:
    outcome = serve(THREE_PARTS, engine=FaultyEngine(loads=["hang"]), budget=Budget(seconds=30))
    assert outcome.duration_s <= 31
    assert outcome.exit_code == 7
    assert outcome.left() == {}


@pytest.mark.parametrize("seed", range(12))
def test_random_tokens_end_in_a_documented_state_without_an_invented_figure(seed: int) -> None:
    rng = random.Random(seed)

    def noise(_request: object) -> str:
        return "".join(map(chr, rng.choices(range(1, 0x3FF), k=rng.randrange(300))))

    calls = Calls()
    engine = told(noise, "plan", "tool choice", "arguments", "answer")
    outcome = serve(THREE_PARTS, engine=engine, calls=calls, certain=bool(seed % 2))
    check(outcome, status="complete")
    assert figures(outcome) == ALL_THREE
    assert len(calls.made) == 3


def test_strict_leaves_out_what_a_model_says_of_its_own_without_support() -> None:
    reply = "A short story about a friend. Bergen has 271000 people."
    kept = serve("tell me a short story about a friend", engine=told(reply, "answer"))
    strict = serve(
        "tell me a short story about a friend", engine=told(reply, "answer"), strict=True
    )
    assert "271000" in kept.text
    assert "271000" not in strict.text
    assert "A short story" in strict.text
    assert ONE_PART not in strict.text
