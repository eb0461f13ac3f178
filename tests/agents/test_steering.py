"""Words added to a request while it is served: taken between two tasks, or left to the next one."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.agents.conftest import Ask, During, Outcome
from toollama.agents.amendments import More, Reading, Stop, Wish, joined, readings
from toollama.agents.followups import PreviousTurn
from toollama.agents.messages import Answer
from toollama.clock import SystemClock
from toollama.config import Settings
from toollama.events import Bus, Event
from toollama.events.payloads import RunCancelled
from toollama.models.catalog import load_catalog
from toollama.models.scripted import ScriptedEngine
from toollama.session import Session
from toollama.store import Store

MILES = "How many miles are 42 km?"
TWO = "How many miles are 42 km? What is 15% of 240?"


def says(texts: Mapping[str, str]) -> During:
    """Return what adds a text at the first event of a type."""
    left = dict(texts)

    def speak(session: Session, event: Event) -> None:
        if text := left.pop(event.type, ""):
            assert session.amend(text) is not None

    return speak


def settled(outcome: Outcome) -> list[tuple[str, Any, Any]]:
    return [
        (data["outcome"], data["tasks"], data["dropped"])
        for data in outcome.data("amendment.settled")
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("stop the second", (Stop((2,)),)),
        ("cancel task 1, please", (Stop((1,)),)),
        ("drop the last one", (Stop((3,)),)),
        ("and in Italian", (Wish("answer in Italian"),)),
        ("write it in German", (Wish("answer in German"),)),
        ("shorter please", (Wish("shorter"),)),
        ("as a table", (Wish("as a table"),)),
        ("always use metric units", (Wish("always use metric units"),)),
        ("only the winners", (Wish("only the winners"),)),
        ("and 10 kg in pounds?", (More("10 kg in pounds?"),)),
        ("stop the ninth", (More("stop the ninth"),)),
    ],
)
def test_added_words_stop_a_task_wish_for_a_form_or_ask_for_more(
    said: str, expected: tuple[Reading, ...]
) -> None:
    assert readings(said, PreviousTurn(TWO), tasks=3) == expected


@given(st.text(max_size=60), st.integers(min_value=0, max_value=6))
def test_no_words_stop_a_task_that_is_not_there(said: str, tasks: int) -> None:
    for text in (said, f"stop the {said}", f"stop task {said}"):
        for reading in readings(text, PreviousTurn(TWO), tasks=tasks):
            assert not isinstance(reading, Stop) or set(reading.tasks) <= set(range(1, tasks + 1))


def test_only_another_year_replaces_the_one_asked_for() -> None:
    previous = PreviousTurn("What was the revenue in 2019?")
    again = More("What was the revenue in 2023?", whole=True, instead=True)
    assert readings("only 2023", previous, tasks=1) == (again,)


def test_a_language_is_no_form_where_a_translation_is_asked_for() -> None:
    previous = PreviousTurn("translate 'good day' into French")
    assert not any(isinstance(one, Wish) for one in readings("and in Italian", previous, tasks=1))


def test_added_words_are_a_part_of_their_own() -> None:
    assert joined(MILES, "10 kg in pounds?") == f"{MILES} 10 kg in pounds?"
    assert joined("42 km in miles", "10 kg in pounds") == "42 km in miles; 10 kg in pounds"


@pytest.mark.parametrize("at", ["plan.created", "task.completed"])
async def test_what_is_added_before_the_answer_is_written_is_answered_with_it(
    ask: Ask, at: str
) -> None:
    outcome = await ask(MILES, crew="weak", during=says({at: "and 10 kg in pounds?"}))
    assert "26.1" in outcome.text
    assert "22.05" in outcome.text
    assert settled(outcome) == [("taken", [2], [])]
    (updated,) = outcome.data("plan.updated")
    assert (updated["first"], [task["ask"] for task in updated["tasks"]]) == (
        2,
        ["10 kg in pounds?"],
    )


async def test_a_new_task_may_go_on_from_a_finished_one(ask: Ask) -> None:
    outcome = await ask(
        "What is 15% of 240?", crew="weak", during=says({"task.completed": "multiply it by 3"})
    )
    assert "108" in outcome.text
    (updated,) = outcome.data("plan.updated")
    assert updated["tasks"][0]["needs"] == [1]


async def test_a_follow_up_is_understood_against_the_request_being_served(ask: Ask) -> None:
    outcome = await ask(MILES, crew="weak", during=says({"task.started": "and 50 km?"}))
    assert "26.1" in outcome.text
    assert "31.07" in outcome.text


async def test_what_is_wanted_instead_replaces_what_was_asked(ask: Ask) -> None:
    outcome = await ask(MILES, crew="weak", during=says({"task.started": "no, 50 km"}))
    assert settled(outcome) == [("taken", [2], [1])]
    assert "31.07" in outcome.text
    assert "26.1" not in outcome.text
    assert outcome.answer is not None
    assert outcome.answer.status == "complete"


@pytest.mark.parametrize("at", ["plan.created", "task.completed"])
async def test_a_stopped_task_is_not_answered_even_where_it_had_ended(ask: Ask, at: str) -> None:
    outcome = await ask(TWO, crew="weak", during=says({at: "stop the second"}))
    assert settled(outcome) == [("taken", [], [2])]
    assert outcome.text == "42 km = 26.1 mi"
    assert outcome.answer is not None
    assert outcome.answer.limits == ("stopped by you: What is 15% of 240?",)


async def test_a_wish_goes_into_the_instructions_of_the_answer(ask: Ask) -> None:
    outcome = await ask(
        TWO,
        "42 km are 26.1 mi. 15% of 240 is 36.",
        during=says({"task.started": "in one sentence"}),
    )
    (request,) = [r for r in outcome.engine.requests if r.purpose == "answer"]
    assert "in one sentence" in request.messages[0].content
    assert outcome.data("amendment.settled")[0]["wish"] == "in one sentence"


async def test_a_wish_that_no_model_heeds_is_told_as_not_applied(ask: Ask) -> None:
    outcome = await ask(MILES, crew="weak", during=says({"task.started": "and in Italian"}))
    assert outcome.answer is not None
    assert any("answer in Italian" in limit for limit in outcome.answer.limits)


async def test_words_that_no_tool_is_for_are_left_to_the_next_request(ask: Ask) -> None:
    outcome = await ask(MILES, crew="weak", during=says({"task.started": "sing me a lullaby"}))
    (data,) = outcome.data("amendment.settled")
    assert (data["outcome"], data["text"]) == ("deferred", "sing me a lullaby")
    assert "26.1" in outcome.text


async def test_words_that_come_while_the_answer_is_written_are_not_taken(ask: Ask) -> None:
    numbers: list[int | None] = []

    def speak(session: Session, event: Event) -> None:
        if event.type in {"message.delta", "run.completed"}:
            numbers.append(session.amend("and 10 kg in pounds?"))

    outcome = await ask(MILES, crew="weak", during=speak)
    assert numbers == [None, None]
    assert settled(outcome) == []


async def test_words_to_a_run_that_fails_are_given_back(ask: Ask) -> None:
    during = says({"route.decided": "and 10 kg in pounds?"})
    outcome = await ask("Write a poem about the rain", crew="weak", during=during)
    assert outcome.error is not None
    assert settled(outcome) == [("deferred", [], [])]
    assert outcome.types()[-1] == "run.failed"


async def test_withdrawn_words_change_nothing(ask: Ask) -> None:
    def speak(session: Session, event: Event) -> None:
        if event.type == "task.started":
            number = session.amend("and 10 kg in pounds?")
            assert number is not None
            assert session.withdraw(number)
            assert not session.withdraw(number)

    outcome = await ask(MILES, crew="weak", during=speak)
    assert settled(outcome) == [("withdrawn", [], [])]
    assert "22.05" not in outcome.text


async def test_the_answer_is_saved_where_added_words_want_it(ask: Ask, tmp_path: Path) -> None:
    outcome = await ask(
        MILES, crew="weak", during=says({"task.started": "and save it as miles.md"})
    )
    assert outcome.error is None
    assert "26.1" in (tmp_path / "out" / "miles.md").read_text()


async def resumed_after(outcome: Outcome, kept: int, directory: Path) -> Answer:
    """Return the answer of the run cut off after so many events, and gone on with."""
    clock = SystemClock()
    with closing(Store.open(directory / f"cut-{kept}.db", clock)) as store:
        logged = outcome.store.events(outcome.run_id)[:kept]
        for event in logged:
            store.append(event)
        for row in outcome.store.evidence(outcome.run_id):
            store.add_evidence(outcome.run_id, **asdict(row))
        cut = RunCancelled(reason="cut off", exit_code=130)
        bus = Bus(outcome.run_id, clock, last_seq=logged[-1].seq)
        bus.subscribe(store.append)
        bus.emit(cut)
        session = Session(
            settings=Settings(timezone="UTC", offline=True, output_dir=directory / "out"),
            catalog=load_catalog(directory / "models.toml"),
            store=store,
            clock=clock,
            engine=ScriptedEngine(()),
        )
        return await session.resume(outcome.run_id)


@pytest.mark.parametrize("said", ["and 10 kg in pounds?", "no, 50 km"])
async def test_a_resumed_run_answers_what_was_added_before_it_broke_off(
    ask: Ask, tmp_path: Path, said: str
) -> None:
    outcome = await ask(TWO, crew="weak", during=says({"task.started": said}))
    logged = [event.type for event in outcome.store.events(outcome.run_id)]
    for last in ("amendment.received", "amendment.settled"):
        answer = await resumed_after(outcome, logged.index(last) + 1, tmp_path)
        assert answer.text == outcome.text, last
