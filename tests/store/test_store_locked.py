"""A run log that another process has locked: a run goes on, says so, and waits for it once."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from toollama.clock import SystemClock
from toollama.errors import StoreError
from toollama.events import Bus
from toollama.events.payloads import RunStarted, Warned
from toollama.store import Store, log

WAIT_S = 0.2


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A log whose writes wait for a lock for 0.2 s."""
    monkeypatch.setattr("toollama.store.connection.BUSY_TIMEOUT_S", WAIT_S)
    monkeypatch.setattr(log, "BUSY_TIMEOUT_S", WAIT_S)
    return Store.open(tmp_path / "toollama.db", SystemClock())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def _run(store: Store, *, events: int) -> str:
    bus = Bus("20261122-154218-3f2a", SystemClock())
    bus.subscribe(store.append)
    bus.emit(RunStarted(prompt="p", version="1", profile="starter"))
    for number in range(events - 1):
        bus.emit(Warned(message=str(number)))
    return bus.run_id


def test_only_the_first_record_waits_for_the_lock(store: Store, tmp_path: Path) -> None:
    with closing(store), _locked(tmp_path / "toollama.db"):
        began_s = time.monotonic()
        _run(store, events=100)
        assert time.monotonic() - began_s < 50 * WAIT_S
        assert store.notice is not None
        assert "is locked" in store.notice


def test_what_waited_is_written_and_the_notice_goes(store: Store, tmp_path: Path) -> None:
    with closing(store):
        with _locked(tmp_path / "toollama.db"):
            run_id = _run(store, events=3)
        assert store.notice is not None
        store.close()
        assert store.notice is None
        with closing(Store.open(tmp_path / "toollama.db", SystemClock())) as again:
            assert len(again.events(run_id)) == 3


def test_what_is_never_written_is_counted(store: Store, tmp_path: Path) -> None:
    with _locked(tmp_path / "toollama.db"):
        _run(store, events=3)
        store.close()
    assert store.notice == "3 records were not saved: database is locked"


def test_a_log_that_is_locked_from_the_start_names_who_must_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toollama.store.connection.BUSY_TIMEOUT_S", WAIT_S)
    path = tmp_path / "toollama.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="another process has locked") as raised:
            Store.open(path, SystemClock())
    assert raised.value.fix.startswith("end that process")
