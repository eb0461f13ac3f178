"""A clock that stands still, a log in a directory of its own, and runs to put into it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.store.sample_run import StartRun, sample_run
from toollama.clock import FixedClock
from toollama.events import Bus, Event
from toollama.events.payloads import RunStarted
from toollama.store import Store


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 22, 15, 42, 18, tzinfo=UTC))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "toollama.db"


@pytest.fixture
def store(path: Path, clock: FixedClock) -> Iterator[Store]:
    opened = Store.open(path, clock)
    yield opened
    opened.close()


@pytest.fixture
def start_run(store: Store, clock: FixedClock) -> StartRun:
    """Return a function that starts a run in the store and hands back its bus."""

    def start(run_id: str = "20261122-154218-aaaa", prompt: str = "What is 15% of 80?") -> Bus:
        bus = Bus(run_id, clock)
        bus.subscribe(store.append)
        bus.emit(RunStarted(prompt=prompt, version="1", profile="starter"))
        return bus

    return start


@pytest.fixture
def whole_run() -> list[Event]:
    return sample_run()
