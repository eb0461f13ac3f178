"""What code answers without a model, through the whole hierarchy."""

import pytest

from tests.agents.conftest import Ask
from toollama.agents import clauses
from toollama.errors import ExitCode
from toollama.fold import RunView, explain
from toollama.fold.plan import ROOT
from toollama.tools.registry import Registry


async def test_a_greeting_is_answered_without_a_model(ask: Ask) -> None:
    outcome = await ask("hello", crew="weak")
    assert outcome.text.startswith("Hello.")
    assert outcome.engine.requests == []


async def test_what_can_you_do_names_every_ready_tool(ask: Ask) -> None:
    outcome = await ask("what can you do?", crew="weak")
    assert "ToolLama" in outcome.text
    for spec in Registry.builtin().ready().specs():
        assert f"- {spec.name}: {spec.summary}" in outcome.text


@pytest.mark.parametrize("crew", ["weak", "small"])
async def test_the_impossible_is_refused_without_a_model_call(ask: Ask, crew: str) -> None:
    outcome = await ask("book me a flight", crew=crew)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.exit_code) == ("answer.impossible", ExitCode.FAILED)
    assert "a booking, shop or payment service" in outcome.error.message
    assert outcome.engine.requests == []


async def test_the_impossible_part_of_a_request_is_named_with_what_is_missing(ask: Ask) -> None:
    outcome = await ask("What is 15% of 80? Book me a flight to Rome.", crew="weak")
    assert outcome.text.startswith("15% of 80 = 12")
    assert outcome.answer is not None
    assert outcome.answer.limits == (
        (
            "not answered: Book me a flight to Rome.: that needs a booking, shop or payment "
            "service, and no tool here reaches one"
        ),
    )


async def test_the_event_says_what_else_was_considered(ask: Ask) -> None:
    outcome = await ask("What is 15% of 80? Book me a flight to Rome.", crew="weak")
    (decided,) = outcome.data("route.decided")
    assert {candidate["clause"] for candidate in decided["candidates"]} == {0, 1}
    (unserved,) = decided["unserved"]
    assert (unserved["clause"], unserved["name"]) == (1, "booking_and_buying")


async def test_why_lists_each_part_with_scores_and_reasons(ask: Ask) -> None:
    outcome = await ask("What is 15% of 80? Book me a flight to Rome.", crew="weak")
    shown = explain.why(RunView.of(outcome.events), ROOT).splitlines()
    assert shown[0].startswith("route     single_tool  decided by rule")
    at = shown.index("clause 1  What is 15% of 80?")
    assert "calculator  every argument was read; like" in shown[at + 1]
    assert any("no tool: booking_and_buying  like" in line for line in shown)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("12 km in miles and 30 C in F", ["12 km in miles", "30 C in F"]),
        ("between Monday and Friday", ["between Monday and Friday"]),
        ("count the words in 'salt and pepper'", ["count the words in 'salt", "pepper'"]),
        ('count the words in "salt and pepper"', ['count the words in "salt and pepper"']),
        ("", [""]),
    ],
)
def test_pieces_are_what_and_joins(text: str, pieces: list[str]) -> None:
    assert clauses.pieces(text) == pieces


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [
        ("and in Paris?", True),
        ("what about 30 C?", True),
        ("Bergen?", True),
        ("what is 2 + 2?", False),
        ("and what is 2 + 2?", False),
        ("tell me the weather in Oslo", False),
    ],
)
def test_a_fragment_goes_on_with_the_request_before(text: str, goes_on: bool) -> None:
    assert clauses.continues(text) is goes_on


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("My landlord raises the rent by 3 % every year.", True),
        ("What will I pay next year?", False),
        ("12 km in miles", False),
        ("I need the hours of every nurse added up.", False),
    ],
)
def test_a_statement_tells_and_asks_nothing(text: str, tells: bool) -> None:
    assert clauses.tells(text) is tells
