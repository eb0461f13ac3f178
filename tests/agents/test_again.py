"""A task of an earlier run is done again; what the others found is taken from the log."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.agents.conftest import Ask, Outcome
from toollama.agents import again, resume
from toollama.agents.messages import Answer, PlannedTask
from toollama.clock import SystemClock
from toollama.config import Settings
from toollama.errors import InputError
from toollama.events import TERMINAL_TYPES, Event
from toollama.models.catalog import load_catalog
from toollama.models.scripted import ScriptedEngine
from toollama.session import Session

MILES = "How many miles are 42 km?"
CHAIN = "How many miles are 42 km? What is 15% of 240? Then multiply it by 2"


Retry = Callable[..., Awaitable[tuple[Answer, list[Event]]]]


@pytest.fixture
def retry(tmp_path: Path) -> Retry:
    async def serve(outcome: Outcome, **wanted: Any) -> tuple[Answer, list[Event]]:
        session = Session(
            settings=Settings(timezone="UTC", offline=True, output_dir=tmp_path / "out"),
            catalog=load_catalog(tmp_path / "models.toml"),
            store=outcome.store,
            clock=SystemClock(),
            engine=ScriptedEngine(()),
        )
        events: list[Event] = []
        answer = await session.retry(outcome.run_id, subscribers=[events.append], **wanted)
        return answer, events

    return serve


def tasks(*needs: tuple[int, ...]) -> list[PlannedTask]:
    return [PlannedTask(belter="analysis", ask=f"{n}", needs=each) for n, each in enumerate(needs)]


def test_a_task_is_done_again_with_everything_that_needs_it() -> None:
    assert again.subtree(tasks((), (1,), (), (2,)), 1) == {1, 2, 4}
    assert again.subtree(tasks((), (1,), (), (2,)), 3) == {3}


def called(events: Sequence[Event]) -> list[str | None]:
    return [event.task_id for event in events if event.type == "tool.call.requested"]


async def test_only_the_task_and_what_needs_it_call_their_tools_again(
    ask: Ask, retry: Retry
) -> None:
    outcome = await ask(CHAIN, crew="weak")
    answer, events = await retry(outcome, task=2)
    assert answer.text == outcome.text
    began = [event.type for event in events].index("task.changed")
    told, fresh = events[:began], events[began:]
    assert called(told) == ["1"]
    assert called(fresh) == ["2", "3"]
    ids = [e.data["call_id"] for e in events if e.type == "tool.call.requested"]
    assert ids == ["c1", "c2", "c3"]


def replace_sales(path: Path) -> None:
    path.write_text("region,product,revenue,cost\nWest,Chairs,9999,1\n")


def rename_a_region(path: Path) -> None:
    path.write_text(path.read_text().replace("North", "Centre"))


async def test_what_the_other_tasks_found_is_not_looked_up_again(
    ask: Ask, retry: Retry, sales: Path
) -> None:
    prompt = "What is the highest revenue by region in sales.csv? What is 15% of 240?"
    outcome = await ask(prompt, crew="weak")
    replace_sales(sales)
    of_the_other, _ = await retry(outcome, task=2)
    assert of_the_other.text == outcome.text
    of_the_table, _ = await retry(outcome, task=1)
    assert "9,999" in of_the_table.text or "9999" in of_the_table.text


SALES = "What is the highest revenue by region in sales.csv?"


async def test_a_rerun_on_recorded_answers_asks_no_tool(
    ask: Ask, retry: Retry, sales: Path
) -> None:
    outcome = await ask(SALES, crew="weak")
    rename_a_region(sales)
    answer, events = await retry(outcome, recorded=True)
    assert answer.text == outcome.text
    types = [event.type for event in events]
    assert "tool.call.completed" in types
    assert "tool.call.started" not in types


async def test_a_rerun_may_have_other_models(ask: Ask) -> None:
    outcome = await ask(MILES, crew="weak")
    run = outcome.store.find_run(outcome.run_id)
    again_with = resume.earlier(run, outcome.store, task=None, models={"camina": "other"}).started
    assert again_with.models == {**outcome.events[0].data["models"], "camina": "other"}
    assert again_with.request["models"]["camina"] == "other"


async def test_both_versions_are_kept_and_the_new_one_names_the_old(ask: Ask, retry: Retry) -> None:
    outcome = await ask(MILES, crew="weak")
    _, events = await retry(outcome, task=1)
    assert events[0].data["retries"] == {
        "run_id": outcome.run_id,
        "task": 1,
        "recorded": False,
    }
    assert [row.status for row in outcome.store.runs()] == ["complete", "complete"]
    assert [e.type for e in outcome.store.events(outcome.run_id)] == [
        e.type for e in outcome.events if e.type not in {"message.delta", "model.load.progress"}
    ]


async def test_a_whole_request_is_served_again(ask: Ask, retry: Retry) -> None:
    outcome = await ask(MILES, crew="weak")
    answer, events = await retry(outcome)
    assert answer.text == outcome.text
    assert sum(event.type == "agent.started" for event in events) == outcome.types().count(
        "agent.started"
    )
    assert [e.type for e in events if e.type in TERMINAL_TYPES] == ["run.completed"]


async def test_a_run_that_was_amended_is_done_again_with_what_was_added(
    ask: Ask, retry: Retry
) -> None:
    def speak(session: Session, event: Event) -> None:
        if event.type == "task.started" and event.task_id == "1":
            session.amend("and 10 kg in pounds?")

    outcome = await ask(MILES, crew="weak", during=speak)
    answer, events = await retry(outcome, task=1)
    assert answer.text == outcome.text
    assert "22.05" in answer.text
    assert [e.data["first"] for e in events if e.type == "plan.updated"] == [2]


async def test_a_task_that_is_not_there_cannot_be_done_again(ask: Ask, retry: Retry) -> None:
    outcome = await ask(MILES, crew="weak")
    with pytest.raises(InputError, match="has no task 9"):
        await retry(outcome, task=9)
    assert len(outcome.store.runs()) == 1


async def test_a_run_is_done_again_only_where_it_was_asked(
    ask: Ask, retry: Retry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = await ask(MILES, crew="weak")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    with pytest.raises(InputError, match="was asked in"):
        await retry(outcome, task=1)
