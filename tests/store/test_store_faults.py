"""The run log under kill -9, a full disk, damage and rivals."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.sample_run import StartRun
from toollama.clock import FixedClock
from toollama.errors import StoreError
from toollama.events import Event
from toollama.events.payloads import Warned
from toollama.processes import Owner, process_marker
from toollama.store import Store

WRITER = """
import sys
from pathlib import Path
from toollama.clock import SystemClock
from toollama.events import Bus
from toollama.events.payloads import RunStarted, Warned
from toollama.store import Store

path, run_id, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
store = Store.open(path, SystemClock())
bus = Bus(run_id, SystemClock())
bus.subscribe(store.append)
event = bus.emit(RunStarted(prompt="write", version="1", profile="starter"))
while event.seq < count:
    event = bus.emit(Warned(message="x" * 500))
    assert store.notice is None, store.notice
    print(event.seq, flush=True)
store.close()
"""


def writer(path: Path, run_id: str, count: int) -> "subprocess.Popen[str]":
    """Start a process that appends `count` events and prints each `seq` once it is acknowledged."""
    command = [sys.executable, "-c", WRITER, str(path), run_id, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_no_acknowledged_event_is_lost_to_kill_9(path: Path, clock: FixedClock) -> None:
    moment = random.Random(9)
    for round_no in range(10):
        run_id = f"run-{round_no}"
        with writer(path, run_id, 1_000_000) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(moment.uniform(0.0, 0.05))
            child.send_signal(signal.SIGKILL)
            rest = child.stdout.read().split()
        acknowledged = int(rest[-1]) if rest else 2
        with closing(Store.open(path, clock)) as store:
            seqs = [event.seq for event in store.events(run_id)]
            assert store.notice is None
            assert store.find_run(run_id).status == "interrupted"
        assert seqs == list(range(1, len(seqs) + 1))
        assert len(seqs) >= acknowledged


def test_two_processes_append_to_one_log(path: Path, clock: FixedClock) -> None:
    with writer(path, "a", 150) as first, writer(path, "b", 150) as second:
        first.communicate()
        second.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
    with closing(Store.open(path, clock)) as store:
        assert [len(store.events(run_id)) for run_id in ("a", "b")] == [150, 150]


def test_a_run_of_a_living_process_is_not_interrupted(
    store: Store, start_run: StartRun, path: Path, clock: FixedClock
) -> None:
    start_run()
    with closing(Store.open(path, clock)) as second:
        assert second.recover() == 0
        assert second.find_run("last").status == "running"


def test_recover_counts_the_runs_it_marks(store: Store, start_run: StartRun) -> None:
    start_run("a")
    start_run("b")
    store._database.writer.execute("UPDATE runs SET owner_marker = 'earlier' WHERE run_id = 'a'")
    assert store.recover() == 1
    assert {row.run_id: row.status for row in store.runs()} == {"a": "interrupted", "b": "running"}


def test_an_interrupted_run_ended_with_its_last_event(
    store: Store, start_run: StartRun, clock: FixedClock
) -> None:
    bus = start_run()
    clock.advance(3)
    bus.emit(Warned(message="w"))
    last_seen = clock.now()
    clock.advance(3600)
    store._database.writer.execute("UPDATE runs SET owner_marker = 'earlier'")
    store.recover()
    assert store.find_run("last").finished_at == last_seen


def test_a_process_is_not_its_namesake() -> None:
    this = Owner.this_process()
    assert not this.is_gone()
    assert Owner(this.pid, "an earlier boot").is_gone()


def test_a_process_that_ended_has_no_marker() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert process_marker(child.pid) is None


def fill_disk(store: Store) -> None:
    """Let the file grow no further, as on a full disk."""
    database = store._database.writer
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")


def free_disk(store: Store) -> None:
    store._database.writer.execute("PRAGMA max_page_count = 1000000")


def test_a_full_disk_ends_neither_the_run_nor_its_log(store: Store, start_run: StartRun) -> None:
    bus = start_run()
    fill_disk(store)
    for _ in range(50):
        bus.emit(Warned(message="x" * 2000))
    assert store.notice is not None
    assert "full" in store.notice
    assert len(store.events(bus.run_id)) < 51
    free_disk(store)
    bus.emit(Warned(message="space again"))
    assert [event.seq for event in store.events(bus.run_id)] == list(range(1, 53))


def test_what_waits_is_written_at_the_close(
    path: Path, clock: FixedClock, whole_run: list[Event]
) -> None:
    store = Store.open(path, clock)
    fill_disk(store)
    big = whole_run[0].model_copy(update={"data": {"prompt": "x" * 100_000}})
    store.append(big.model_copy(update={"type": "unknown.type"}))
    free_disk(store)
    store.close()
    with closing(Store.open(path, clock)) as again:
        assert len(again.events(big.run_id)) == 1


def test_a_close_that_cannot_save_says_how_much_is_lost(
    path: Path, clock: FixedClock, whole_run: list[Event]
) -> None:
    store = Store.open(path, clock)
    fill_disk(store)
    big = whole_run[0].model_copy(update={"data": {"x": "x" * 100_000}, "type": "unknown.type"})
    store.append(big)
    store.close()
    assert store.notice is not None
    assert store.notice.startswith("1 records were not saved")


def test_reading_works_while_another_process_writes(
    store: Store, start_run: StartRun, path: Path, clock: FixedClock
) -> None:
    start_run()
    with closing(sqlite3.connect(path, isolation_level=None)) as rival:
        rival.execute("BEGIN IMMEDIATE")
        began_s = time.monotonic()
        with closing(Store.open(path, clock)) as reader:
            assert len(reader.runs()) == 1
        assert time.monotonic() - began_s < 2
        rival.execute("ROLLBACK")


def filled(path: Path, clock: FixedClock, whole_run: list[Event]) -> None:
    with closing(Store.open(path, clock)) as store:
        for event in whole_run:
            store.append(event)


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a flipped header": lambda healthy: b"\xff" + healthy[1:],
    "flipped pages": lambda healthy: healthy[:4096] + b"\xa5" * (len(healthy) - 4096),
    "a truncated file": lambda healthy: healthy[: len(healthy) // 2 + 100],
    "another file": lambda _: b"These are my shopping notes.\n" * 200,
}


@pytest.mark.parametrize("harm", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_log_is_set_aside_and_a_new_one_begun(
    path: Path, clock: FixedClock, whole_run: list[Event], harm: Callable[[bytes], bytes]
) -> None:
    filled(path, clock, whole_run)
    damaged = harm(path.read_bytes())
    path.write_bytes(damaged)
    with closing(Store.open(path, clock)) as store:
        assert store.notice is not None
        assert "toollama.db.corrupt-20261122-15421" in store.notice
        store.append(whole_run[0])
        assert store.events(whole_run[0].run_id)[0] == whole_run[0]
    (aside,) = path.parent.glob("*.corrupt-????????-??????")
    assert aside.read_bytes() == damaged


def test_one_bad_page_costs_only_the_rows_near_it(
    path: Path, clock: FixedClock, start_run: StartRun, store: Store
) -> None:
    bus = start_run()
    for _ in range(300):
        bus.emit(Warned(message="x" * 1000))
    store.close()
    content = bytearray(path.read_bytes())
    pages = range(0, len(content), 4096)
    of_rows = [at for at in pages if content[at : at + 4096].count(b"x") > 2000]
    middle = of_rows[len(of_rows) // 2]
    content[middle : middle + 4096] = b"\xa5" * 4096
    path.write_bytes(content)
    with closing(Store.open(path, clock)) as again:
        seqs = [event.seq for event in again.events(bus.run_id)]
        assert again.notice is not None
        assert again.notice.endswith("runs carried over: 1")
    assert {1, 2, 300, 301} <= set(seqs)
    assert 290 <= len(seqs) < 301


def test_two_damaged_logs_of_one_second_are_both_kept(path: Path, clock: FixedClock) -> None:
    path.parent.mkdir()
    for content in (b"first" * 300, b"second" * 300):
        path.write_bytes(content)
        Store.open(path, clock).close()
    kept = {file.read_bytes() for file in path.parent.glob("*.corrupt-*")}
    assert kept == {b"first" * 300, b"second" * 300}


def test_a_damaged_log_in_use_is_left_alone(path: Path, clock: FixedClock) -> None:
    Store.open(path, clock).close()
    with closing(Store.open(path, clock)):
        path.write_bytes(b"not a database" * 400)
        with pytest.raises(StoreError, match="another process"):
            Store.open(path, clock)
    assert path.exists()


@pytest.mark.parametrize("position", range(0, 28_000, 1_777))
def test_a_flipped_byte_never_crashes(
    path: Path, clock: FixedClock, whole_run: list[Event], position: int
) -> None:
    """A byte inside a text passes the check; then the reader returns or raises `StoreError`."""
    filled(path, clock, whole_run)
    content = bytearray(path.read_bytes())
    content[position % len(content)] ^= 0xFF
    path.write_bytes(content)
    try:
        with closing(Store.open(path, clock)) as store:
            for run in store.runs():
                store.events(run.run_id)
    except StoreError as error:
        assert "damaged" in error.message  # noqa: PT017 - returning is as good


def test_a_path_that_cannot_be_a_file_is_a_store_error(tmp_path: Path, clock: FixedClock) -> None:
    with pytest.raises(StoreError, match="cannot use"):
        Store.open(tmp_path, clock)
