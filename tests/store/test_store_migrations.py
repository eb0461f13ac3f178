"""From no tables to today's, and the refusal of tomorrow's."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from toollama.clock import FixedClock
from toollama.errors import StoreError
from toollama.store import Store
from toollama.store.migrations import MIGRATIONS, migrate

SHIPPED = [migration.__name__ for migration in MIGRATIONS]


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        yield opened


def m900_adds_a_note(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE runs ADD COLUMN note TEXT")


def m901_breaks_midway(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE half_made (x)")
    connection.execute("SELECT * FROM nowhere")


def names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM migrations ORDER BY rowid")]


def test_an_empty_database_gets_every_step_in_order(
    connection: sqlite3.Connection, clock: FixedClock
) -> None:
    migrate(connection, now=clock.now(), migrations=[*MIGRATIONS, m900_adds_a_note])
    assert names(connection) == [*SHIPPED, "m900_adds_a_note"]


def test_only_the_steps_that_are_missing_run(
    connection: sqlite3.Connection, clock: FixedClock
) -> None:
    migrate(connection, now=clock.now())
    migrate(connection, now=clock.now(), migrations=[*MIGRATIONS, m900_adds_a_note])
    assert names(connection) == [*SHIPPED, "m900_adds_a_note"]


def test_a_step_that_fails_leaves_no_trace(
    connection: sqlite3.Connection, clock: FixedClock
) -> None:
    migrate(connection, now=clock.now())
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, now=clock.now(), migrations=[*MIGRATIONS, m901_breaks_midway])
    assert names(connection) == SHIPPED
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'half_made'").fetchall()


def test_a_newer_database_is_refused_with_a_way_out(path: Path, clock: FixedClock) -> None:
    Store.open(path, clock).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO migrations VALUES ('m099_from_the_future', '2030-01-01')")
    with pytest.raises(StoreError, match="m099_from_the_future") as caught:
        Store.open(path, clock)
    assert "upgrade" in caught.value.fix


def test_only_the_user_can_read_the_log(store: Store, path: Path) -> None:
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes.keys() >= {"toollama.db", "toollama.db-wal"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_commits_are_flushed_to_the_disk(store: Store) -> None:
    writer = store._database.writer
    found = [
        writer.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    ]
    assert found == ["wal", 2]


def test_one_process_at_a_time_checkpoints(store: Store, path: Path, clock: FixedClock) -> None:
    second = Store.open(path, clock)
    pages = [
        each._database.writer.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
        for each in (store, second)
    ]
    second.close()
    assert pages[0] > 0
    assert pages[1] == 0
