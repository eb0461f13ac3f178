"""Deleting runs, renaming conversations, copying a run into another one."""

import pytest

from toollama.clock import FixedClock
from toollama.events import Bus
from toollama.events.payloads import RunCompleted, RunStarted
from toollama.store import Store


@pytest.fixture
def trip(store: Store, clock: FixedClock) -> list[str]:
    """Log a conversation of two runs, the second of which goes on from the first."""
    ids: list[str] = []
    for number, prompt in enumerate(["To Oslo?", "And back?"]):
        bus = Bus(f"20261122-15421{number}-aaaa", clock)
        bus.subscribe(store.append)
        before = ids[-1] if ids else None
        bus.emit(
            RunStarted(
                prompt=prompt, version="1", profile="", session="trip", previous_run_id=before
            )
        )
        bus.emit(RunCompleted(status="complete", answer="Yes.", exit_code=0))
        clock.advance(60)
        ids.append(bus.run_id)
    store.add_evidence(ids[1], id="E1", title="a", locator="b", text="c")
    return ids


def test_a_conversation_is_listed_with_its_runs_and_its_first_request(
    store: Store, trip: list[str]
) -> None:
    (session,) = store.sessions()
    assert (session.name, session.runs, session.prompt) == ("trip", 2, "To Oslo?")
    assert (session.last_at - session.started_at).total_seconds() == 60


def test_a_renamed_conversation_goes_on_under_its_new_name(store: Store, trip: list[str]) -> None:
    store.rename_session("trip", "oslo")
    last = store.last_run(session="oslo")
    assert last is not None
    assert last.run_id == trip[1]
    assert store.last_run(session="trip") is None


def test_a_copied_run_leads_where_its_original_does(store: Store, trip: list[str]) -> None:
    store.copy_run(trip[1], new_run_id="20261122-160000-cccc", session="oslo")
    copied = store.last_run(session="oslo")
    assert copied is not None
    assert store.chain(copied.run_id, 10) == [trip[0], copied.run_id]
    assert {event.run_id for event in store.events(copied.run_id)} == {copied.run_id}
    assert [row.id for row in store.evidence(copied.run_id)] == ["E1"]
    assert store.last_run(session="trip") == store.find_run(trip[1])


def test_a_deleted_run_leaves_nothing_behind(store: Store, trip: list[str]) -> None:
    store.delete_runs([trip[1]])
    assert [run.run_id for run in store.runs()] == [trip[0]]
    assert store.events(trip[1]) == []
    assert store.evidence(trip[1]) == []


def test_a_run_that_is_going_on_is_not_deleted(store: Store, clock: FixedClock) -> None:
    bus = Bus("20261122-154218-dddd", clock)
    bus.subscribe(store.append)
    bus.emit(RunStarted(prompt="x", version="1", profile=""))
    store.delete_runs([bus.run_id])
    assert store.find_run(bus.run_id).status == "running"
