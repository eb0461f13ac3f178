"""Faults of a whole run: loops, budgets, cancellation, questions, readers, odd requests."""

import asyncio
import re
from typing import Any

import pytest

from bench.faults.models import FaultyEngine
from bench.faults.tools import Calls, figure
from bench.faults.world import ONE_PART, THREE_PARTS, Outcome, plan, quiet_logs, serve
from toollama.agents.budget import Budget
from toollama.agents.messages import Question
from toollama.events import TERMINAL_TYPES, Event

OSLO = str(figure("Oslo"))
FIGURE = re.compile(r"\d{3}")


def check(outcome: Outcome, *, status: str) -> None:
    ends = [event.type for event in outcome.events if event.type in TERMINAL_TYPES]
    assert ends == [outcome.events[-1].type]
    assert outcome.status == status
    assert outcome.left() == {}


TWO_PARTS = "What is the rainfall in Oslo? What is the population of Bergen?"
A = ("rainfall", "What is the rainfall in Oslo?")
AGAIN = ("rainfall", "Tell me the rainfall in Oslo")
ONCE_MORE = ("rainfall", "the rainfall in Oslo once more")
B = ("population", "What is the population of Bergen?")
B_AGAIN = ("population", "and the population of Bergen")


@pytest.mark.parametrize(
    ("tasks", "repeats"),
    [((A, AGAIN, B), 1), ((A, AGAIN, ONCE_MORE, B), 2), ((A, B, AGAIN, B_AGAIN), 2)],
    ids=["AAB", "AAAB", "ABAB"],
)
def test_a_call_that_was_made_is_not_made_again_and_a_critical_insight_says_so(
    tasks: tuple[tuple[str, str], ...], repeats: int
) -> None:
    calls = Calls()
    outcome = serve(TWO_PARTS, plan=plan(*tasks), calls=calls)
    check(outcome, status="complete")
    assert sorted(tool for tool, _ in calls.made) == ["population", "rainfall"]
    insights = outcome.data("insight")
    assert [(i["kind"], i["severity"]) for i in insights] == [("loop", "critical")] * repeats
    assert outcome.text.count(OSLO) == 1


def test_a_call_that_failed_is_not_made_again_by_another_task() -> None:
    from bench.faults.tools import down

    calls = Calls({"population": [down()] * 9})
    outcome = serve(TWO_PARTS, plan=plan(A, B, B_AGAIN), calls=calls)
    check(outcome, status="partial")
    assert [tool for tool, _ in calls.made].count("population") == 3


def test_a_budget_of_one_call_makes_one_call_and_answers_from_it() -> None:
    calls = Calls()
    outcome = serve(THREE_PARTS, calls=calls, budget=Budget(calls=1))
    check(outcome, status="partial")
    assert len(calls.made) == 1
    assert outcome.exit_code == 7
    assert [figure(place) for _, place in calls.made] == [
        int(n) for n in FIGURE.findall(outcome.text)
    ]
    assert outcome.answer is not None
    assert any("--budget calls=2" in limit for limit in outcome.answer.limits)


def test_a_budget_of_no_call_at_all_fails_with_the_budgets_code() -> None:
    calls = Calls()
    outcome = serve(ONE_PART, calls=calls, budget=Budget(calls=0))
    check(outcome, status="failed")
    assert (outcome.exit_code, calls.made) == (7, [])
    assert outcome.error is not None
    assert outcome.error.code == "run.budget"


def test_a_retry_counts_as_a_call() -> None:
    from bench.faults.tools import down

    calls = Calls({"rainfall": [down()] * 9})
    outcome = serve(ONE_PART, calls=calls, budget=Budget(calls=2))
    check(outcome, status="failed")
    assert len(calls.made) == 2


@pytest.mark.parametrize("tokens", [0, 1, 50])
def test_a_budget_of_tokens_is_never_passed(tokens: int) -> None:
    engine = FaultyEngine(faults={"plan": ["word " * 500], "answer": ["word " * 500]})
    outcome = serve(THREE_PARTS, engine=engine, certain=False, budget=Budget(tokens=tokens))
    check(outcome, status="partial")
    assert engine.written <= tokens
    assert outcome.exit_code == 7
    assert OSLO in outcome.text


def test_a_budget_of_two_seconds_ends_within_three() -> None:
    calls = Calls({name: [1.5] for name in ("rainfall", "population", "altitude")})
    outcome = serve(THREE_PARTS, calls=calls, crew="weak", budget=Budget(seconds=1))
    check(outcome, status="failed")
    assert outcome.duration_s <= 2
    assert outcome.exit_code == 7


def test_what_was_found_before_the_time_was_up_is_answered() -> None:
    calls = Calls({"altitude": ["hang"]})
    outcome = serve(THREE_PARTS, calls=calls, crew="weak", budget=Budget(seconds=5))
    check(outcome, status="partial")
    assert outcome.duration_s == 5
    assert OSLO in outcome.text


def test_a_budget_of_one_swap_makes_one_and_does_without_the_others() -> None:
    engine = FaultyEngine(sizes={"large": 9, "small": 6}, budget_bytes=10)
    outcome = serve(
        THREE_PARTS + " What is the rainfall in Turin in 1999?",
        engine=engine, crew="pair", certain=False, budget=Budget(swaps=1),
    )  # fmt: skip
    check(outcome, status=outcome.status)
    assert len(outcome.data("model.unloaded")) <= 1
    assert outcome.answer is None or outcome.answer.swaps <= 1


CANCELLED_AT = (
    "run.started", "agent.started", "route.decided", "model.load.started", "inference.started",
    "plan.created", "task.changed", "task.started", "tool.call.requested", "tool.call.started",
    "evidence.added", "tool.call.completed",
)  # fmt: skip


@pytest.mark.parametrize("type_", CANCELLED_AT)
def test_a_run_can_be_cancelled_at_any_event(type_: str) -> None:
    def stop(event: Event, _session: Any, asking: "asyncio.Task[Any]") -> None:
        if event.type == type_:
            asking.cancel()

    slow = Calls({name: [1.0] for name in ("rainfall", "population", "altitude")})
    outcome = serve(THREE_PARTS, calls=slow, watch=stop)
    check(outcome, status="cancelled")
    assert outcome.exit_code == 130
    states = {change["task"]: change["state"] for change in outcome.data("task.changed")}
    assert not set(states.values()) & {"waiting", "ready", "running"}


def test_cancelling_a_task_leaves_the_others_and_names_what_is_missing() -> None:
    def stop(event: Event, session: Any, _asking: object) -> None:
        if event.type == "tool.call.started" and event.data["tool"] == "altitude":
            asyncio.get_running_loop().call_later(0.1, session.cancel_task, 3)

    outcome = serve(THREE_PARTS, calls=Calls({"altitude": [5.0]}), watch=stop)
    check(outcome, status="partial")
    assert OSLO in outcome.text
    assert outcome.answer is not None
    assert any("altitude" in limit and "cancelled" in limit for limit in outcome.answer.limits)
    assert {change["task"]: change["state"] for change in outcome.data("task.changed")} == {
        1: "done",
        2: "done",
        3: "cancelled",
    }


def test_a_ready_task_can_be_cancelled_while_another_begins() -> None:
    def stop(event: Event, session: Any, _asking: object) -> None:
        if event.type == "task.changed" and (event.data["task"], event.data["state"]) == (
            1,
            "running",
        ):
            session.cancel_task(2)

    calls = Calls()
    check(serve(THREE_PARTS, calls=calls, watch=stop), status="partial")
    assert sorted(tool for tool, _ in calls.made) == ["altitude", "rainfall"]


def test_a_task_that_needs_a_failed_one_is_skipped_with_the_reason() -> None:
    from bench.faults.tools import down

    calls = Calls({name: [down()] * 9 for name in ("rainfall", "rainfall_archive")})
    outcome = serve(
        "What is the rainfall in Oslo, and then multiply it by 3", calls=calls, crew="weak"
    )
    check(outcome, status="failed")
    last = {change["task"]: change for change in outcome.data("task.changed")}
    assert last[2]["state"] == "skipped"
    assert "needs task 1" in last[2]["reason"]


def test_a_missing_argument_is_asked_for_once_and_used() -> None:
    asked: list[Question] = []

    async def answer(question: Question) -> str:
        asked.append(question)
        return "Oslo"

    outcome = serve("rainfall", crew="weak", clarify=answer)
    check(outcome, status="complete")
    assert OSLO in outcome.text
    assert [question.parameter for question in asked] == ["place"]


async def _silence(_question: Question) -> str:
    return ""


@pytest.mark.parametrize("clarify", [None, _silence], ids=["nobody there", "no answer"])
def test_without_an_answer_what_waits_is_told_as_data_with_exit_four(clarify: Any) -> None:
    calls = Calls()
    outcome = serve("rainfall", crew="weak", clarify=clarify, calls=calls)
    check(outcome, status="failed")
    assert outcome.exit_code == 4
    [waiting] = outcome.events[-1].data["waiting"]
    assert (waiting["kind"], waiting["tool"], waiting["parameter"]) == (
        "question", "rainfall", "place",
    )  # fmt: skip
    assert calls.made == []


def test_a_denied_call_waits_with_its_arguments() -> None:
    outcome = serve('Write "hello" to /elsewhere/note.txt', crew="weak")
    check(outcome, status="failed")
    assert outcome.exit_code == 4
    [waiting] = outcome.events[-1].data["waiting"]
    assert (waiting["kind"], waiting["tool"]) == ("approval", "write_file")
    assert waiting["arguments"]["path"] == "/elsewhere/note.txt"


def test_a_reader_that_raises_changes_nothing() -> None:
    def broken(_event: Event) -> None:
        raise RuntimeError("the observer crashed")

    with quiet_logs():
        outcome = serve(THREE_PARTS, subscribers=[broken])
    check(outcome, status="complete")
    assert outcome.text == serve(THREE_PARTS).text


@pytest.mark.parametrize(
    "prompt",
    [
        "What is the rainfall in Oslo?" + " please" * 3000,
        "\u202eWhat is the rainfall in Oslo?\u202c",
        "What is\x00 the rainfall in Oslo?",
        "\x1b[31mWhat is the rainfall in Oslo?\x1b[0m",
        "ما هو هطول الأمطار في أوسلو؟",
        "🌧" * 500,
        "\ud800",
        "?" * 200,
    ],
    ids=["20k", "rtl mark", "nul", "ansi", "arabic", "emoji", "surrogate", "marks"],
)
@pytest.mark.parametrize("crew", ["weak", "small"])
def test_an_odd_request_ends_in_a_documented_state(prompt: str, crew: str) -> None:
    outcome = serve(prompt, crew=crew)
    assert outcome.status in {"complete", "partial", "failed"}
    check(outcome, status=outcome.status)
    assert outcome.error is None or outcome.error.code != "internal"
    lines = "".join(event.to_line() for event in outcome.events)
    assert "\x1b" not in lines
    assert "\x00" not in lines
