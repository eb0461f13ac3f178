"""The run log in ordinary use."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.sample_run import StartRun
from toollama.clock import FixedClock
from toollama.errors import UnknownName
from toollama.events import Bus, Event
from toollama.events.payloads import (
    MessageDelta,
    ModelLoadCompleted,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunStarted,
    Warned,
)
from toollama.store import EvidenceRow, Store


def test_events_come_back_as_they_were_appended(store: Store, whole_run: list[Event]) -> None:
    for event in whole_run:
        store.append(event)
    assert store.events(whole_run[0].run_id) == whole_run


def test_an_event_of_an_unknown_type_is_kept(store: Store, whole_run: list[Event]) -> None:
    newer = whole_run[0].model_copy(update={"type": "dream.dreamt"})
    store.append(newer)
    assert store.events(newer.run_id) == [newer]


def test_pieces_of_an_answer_are_not_stored(store: Store, start_run: StartRun) -> None:
    bus = start_run()
    bus.emit(MessageDelta(text="tw"))
    assert [event.type for event in store.events(bus.run_id)] == ["run.started"]


def test_a_run_is_running_from_its_first_event(store: Store, start_run: StartRun) -> None:
    bus = start_run(prompt="hello")
    row = store.find_run(bus.run_id)
    assert (row.status, row.prompt, row.answer) == ("running", "hello", "")
    assert (row.finished_at, row.exit_code, row.duration_s) == (None, None, None)
    assert row.started_at == datetime(2026, 11, 22, 15, 42, 18, tzinfo=UTC)


def test_a_completed_run_has_its_answer_and_figures(
    store: Store, start_run: StartRun, clock: FixedClock
) -> None:
    bus = start_run()
    clock.advance(2.5)
    bus.emit(RunCompleted(status="partial", answer="12", exit_code=8, duration_s=2.5))
    row = store.find_run(bus.run_id)
    assert (row.status, row.answer, row.exit_code, row.duration_s) == ("partial", "12", 8, 2.5)
    assert row.finished_at == clock.now()


def test_a_failed_run_keeps_what_it_had_written(store: Store, start_run: StartRun) -> None:
    bus = start_run()
    bus.emit(RunFailed(code="model.failed", message="m", fix="f", exit_code=3, partial="tw"))
    row = store.find_run(bus.run_id)
    assert (row.status, row.answer, row.exit_code) == ("failed", "tw", 3)


def test_a_cancelled_run_keeps_what_it_had_written(store: Store, start_run: StartRun) -> None:
    bus = start_run()
    bus.emit(RunCancelled(reason="Ctrl-C", exit_code=130, partial="tw"))
    row = store.find_run(bus.run_id)
    assert (row.status, row.answer, row.exit_code) == ("cancelled", "tw", 130)


def test_runs_are_listed_newest_first_up_to_the_limit(
    store: Store, start_run: StartRun, clock: FixedClock
) -> None:
    for run_id in ("a", "b", "c"):
        start_run(run_id)
        clock.advance(1)
    assert [row.run_id for row in store.runs(limit=2)] == ["c", "b"]


def test_last_names_the_newest_of_two_runs_of_one_second(store: Store, start_run: StartRun) -> None:
    start_run("z")
    start_run("a")
    assert store.find_run("last").run_id == "a"


def test_a_run_is_found_by_the_beginning_of_its_id(store: Store, start_run: StartRun) -> None:
    start_run("20261122-154218-aaaa")
    start_run("20261123-090000-bbbb")
    assert store.find_run("20261123").run_id == "20261123-090000-bbbb"


def test_a_full_id_wins_over_a_longer_one(store: Store, start_run: StartRun) -> None:
    start_run("a")
    start_run("ab")
    assert store.find_run("a").run_id == "a"


def test_an_ambiguous_beginning_names_the_runs(store: Store, start_run: StartRun) -> None:
    start_run("20261122-154218-aaaa")
    start_run("20261122-154218-bbbb")
    with pytest.raises(UnknownName, match="several") as caught:
        store.find_run("20261122")
    assert caught.value.fix == "one of 20261122-154218-bbbb, 20261122-154218-aaaa"


@pytest.mark.parametrize("name", ["20261122-154218-aaab", "%", "", "\udc80"])
def test_an_unknown_run_names_the_nearest(store: Store, start_run: StartRun, name: str) -> None:
    start_run("20261122-154218-aaaa")
    with pytest.raises(UnknownName) as caught:
        store.find_run(name)
    assert "20261122-154218-aaaa" in caught.value.message


def test_last_of_no_runs_is_unknown(store: Store) -> None:
    with pytest.raises(UnknownName, match="nor any other"):
        store.find_run("last")


def test_evidence_comes_back_in_the_order_it_was_added(store: Store, start_run: StartRun) -> None:
    rows = [
        EvidenceRow(id="E10", title="t", locator="https://example.org", text="x", untrusted=True),
        EvidenceRow(id="E2", title="u", locator="notes.txt", text="y\x00é", private=True),
    ]
    run_id = start_run().run_id
    for row in rows:
        fields = {name: getattr(row, name) for name in EvidenceRow.__dataclass_fields__}
        store.add_evidence(run_id, **fields)
    assert store.evidence(run_id) == rows


def test_evidence_never_changes_under_its_id(store: Store) -> None:
    store.add_evidence("r", id="E1", title="t", locator="l", text="first")
    store.add_evidence("r", id="E1", title="t", locator="l", text="second")
    assert [row.text for row in store.evidence("r")] == ["first"]


def test_a_prompt_with_a_lone_surrogate_is_stored(store: Store, start_run: StartRun) -> None:
    bus = start_run(prompt="caf\udce9")
    assert store.find_run("last").prompt == "caf?"
    assert store.events(bus.run_id)[0].data["prompt"] == "caf?"


def test_a_terminal_named_in_bytes_outside_utf_8_is_stored_and_found(
    store: Store, clock: FixedClock
) -> None:
    bus = Bus("20261122-154218-cccc", clock)
    bus.subscribe(store.append)
    bus.emit(RunStarted(prompt="x", version="1", profile="", terminal="tab \udcff"))
    bus.emit(RunCompleted(status="complete", answer="y", exit_code=0))
    found = store.last_run(terminal="tab \udcff")
    assert found is not None
    assert found.answer == "y"


def test_appends_from_several_threads_all_arrive(store: Store, start_run: StartRun) -> None:
    bus = start_run()

    def warn_often() -> None:
        for _ in range(20):
            bus.emit(Warned(message="w"))

    threads = [threading.Thread(target=warn_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.seq for event in store.events(bus.run_id)] == list(range(1, 82))


def test_a_log_that_does_not_exist_is_not_made_by_reading(path: Path, clock: FixedClock) -> None:
    assert Store.open_if_exists(path, clock) is None
    assert not path.parent.exists()


def test_a_second_store_reads_while_the_first_is_open(
    store: Store, start_run: StartRun, path: Path, clock: FixedClock
) -> None:
    start_run("a")
    second = Store.open_if_exists(path, clock)
    assert second is not None
    assert [row.run_id for row in second.runs()] == ["a"]
    second.close()
    start_run("b")
    assert len(store.runs()) == 2


def test_the_first_event_repeated_changes_nothing(store: Store, whole_run: list[Event]) -> None:
    store.append(whole_run[0])
    store.append(whole_run[0])
    assert store.events(whole_run[0].run_id) == whole_run[:1]


def test_a_run_that_started_before_it_was_watched_is_logged(
    store: Store, whole_run: list[Event]
) -> None:
    for event in whole_run[1:]:
        assert event.type != RunStarted.type
        store.append(event)
    assert store.find_run("last").status == "complete"


def test_how_long_models_took_to_load_is_the_median_of_the_last_loads(
    store: Store, start_run: StartRun
) -> None:
    bus = start_run()
    for model, seconds in [("a", 90.0), *[("a", float(at)) for at in range(5)], ("b", 0.5)]:
        bus.emit(ModelLoadCompleted(model=model, duration_s=seconds, bytes=1, resident_bytes=1))
    assert store.load_seconds() == {"a": 2.0, "b": 0.5}
