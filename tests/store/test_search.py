"""Runs are found by the words of everything that was said and done in them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.sample_run import StartRun
from toollama.clock import FixedClock
from toollama.errors import InputError
from toollama.events import Event
from toollama.events.payloads import RunCompleted, ToolCallCompleted, ToolCallRequested
from toollama.store import Store
from toollama.store.migrations import MIGRATIONS, migrate


@pytest.fixture
def kitchen(start_run: StartRun) -> str:
    """Log a run whose request, call and answer hold different words."""
    bus = start_run("20261122-154218-aaaa", "Who invented the Küchenwaage?")
    bus.emit(
        ToolCallRequested(call_id="1", tool="wikipedia_summary", arguments={"title": "Scales"})
    )
    bus.emit(
        ToolCallCompleted(call_id="1", tool="wikipedia_summary", status="ok", statements=["Steel."])
    )
    bus.emit(RunCompleted(status="complete", answer="Nobody knows.", exit_code=0))
    start_run("20261122-154219-bbbb", "Something else")
    return bus.run_id


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ("invented", "prompt"),
        ("kuchenwaage", "prompt"),
        ("scales", "arguments"),
        ("wikipedia_summary", "arguments"),
        ("steel", "results"),
        ("nobody", "answer"),
        ("noBO", "answer"),
        ('"nobody knows"', "answer"),
    ],
)
def test_a_run_is_found_by_the_words_of_each_of_its_texts(
    store: Store, kitchen: str, words: str, field: str
) -> None:
    (hit,) = store.search(words)
    assert (hit.run.run_id, hit.field) == (kitchen, field)


def test_the_words_may_stand_in_different_texts_of_a_run(store: Store, kitchen: str) -> None:
    assert [hit.run.run_id for hit in store.search("invented steel")] == [kitchen]


def test_every_word_must_occur(store: Store, kitchen: str) -> None:
    assert store.search("invented copper") == []


def test_an_excerpt_marks_what_was_found(store: Store, kitchen: str) -> None:
    assert store.search("knows")[0].excerpt == "Nobody «knows»."


def test_nothing_to_search_for_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match="nothing to search for"):
        store.search('"-" *')


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from('ab"*^():-+{}\0 ORNEAT\N{COMBINING DIAERESIS}'), max_size=20))
def test_no_text_is_a_syntax_error(store: Store, text: str) -> None:
    try:
        store.search(text)
    except InputError as error:
        assert "nothing to search for" in error.message  # noqa: PT017 - either outcome is right


def test_an_event_that_is_logged_twice_is_found_once(store: Store, whole_run: list[Event]) -> None:
    for event in [*whole_run, *whole_run]:
        store.append(event)
    rows = store._database.read("SELECT count(*), count(DISTINCT rowid) FROM search")
    assert rows[0][0] == rows[0][1] > 0
    word = whole_run[0].data["prompt"].split()[0]
    assert len(store.search(word)) == 1


def test_what_is_deleted_is_not_found(store: Store, kitchen: str) -> None:
    store.delete_runs([kitchen])
    assert store.search("invented") == []
    assert store._database.read("SELECT * FROM search WHERE run_id = ?", (kitchen,)) == []


def test_runs_from_before_the_index_are_found(path: Path, clock: FixedClock) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        migrate(old, now=clock.now(), migrations=MIGRATIONS[:2])
        old.execute(
            "INSERT INTO runs (run_id, started_at, status, prompt, owner_pid, owner_marker) "
            "VALUES ('r1', ?, 'complete', 'ancient words', 1, '')",
            (clock.now().isoformat(),),
        )
        for seq, line in enumerate(['{"data": {"prompt": "ancient words"}}', "damaged"]):
            old.execute(
                "INSERT INTO events VALUES ('r1', ?, ?, 'run.started', ?)",
                (seq, clock.now().isoformat(), line),
            )
    store = Store.open(path, clock)
    assert [hit.run.run_id for hit in store.search("ancient")] == ["r1"]
    store.close()
