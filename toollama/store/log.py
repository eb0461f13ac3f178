"""The run log: every event as it happens, one row per run, and the evidence. It never prints.

Events are imported where one is written or read, so that a list of runs starts without them.
"""

import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from toollama.clock import Clock
from toollama.errors import StoreError, UnknownName
from toollama.processes import Owner
from toollama.store.connection import BUSY_TIMEOUT_S
from toollama.store.damage import READ_FAULTS, failure
from toollama.store.database import Database, Statement
from toollama.store.keeping import SESSIONS, copy_run, delete_runs, rename_session
from toollama.store.migrations import migrate
from toollama.store.rows import EVIDENCE_COLUMNS, RUN_COLUMNS, EvidenceRow, RunRow, SessionRow
from toollama.store.statements import (
    ensure_run,
    forget_evidence,
    insert_evidence,
    interrupt_run,
    take_over_run,
)
from toollama.text import one_line, well_formed

if TYPE_CHECKING:
    from toollama.events import Event
    from toollama.store.search import Hit

_log = logging.getLogger(__name__)

Parsed = TypeVar("Parsed")

_LOADS_REMEMBERED = 100
_LOADS_PER_MODEL = 5
_NEAREST_AMONG = 200  # newest runs that a mistyped id is compared with
_CHAIN = """
    WITH RECURSIVE chain (run_id, previous_run_id, depth) AS (
        SELECT run_id, previous_run_id, 1 FROM runs WHERE run_id = ?1
        UNION ALL
        SELECT runs.run_id, runs.previous_run_id, depth + 1
        FROM runs JOIN chain ON runs.run_id = chain.previous_run_id WHERE depth < ?2
    )
    SELECT run_id FROM chain ORDER BY depth
"""


class Store:
    """The log of all runs in one SQLite file. Every method may be called from any thread.

    A write that fails never ends a run: records wait in memory, in order, and are written before
    the next one that succeeds.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.notice: str | None = None
        """One line that the user should see, such as a full disk or a damaged file set aside."""
        self._database = database
        self._clock = clock
        self._owner = Owner.this_process()
        self._lock = RLock()
        self._waiting: deque[Sequence[Statement]] = deque()
        self._fault = ""
        """Why records wait; empty while they can be written."""

    @classmethod
    def open(cls, path: Path, clock: Clock) -> "Store":
        """Open the log, making it where missing, and mark runs whose process is gone.

        A damaged file is set aside, what can be read of it is carried over, and `notice` says so.
        Raises `StoreError` where the file cannot be used or was written by a newer version.
        """
        database = Database.open(path, now=clock.now())
        try:
            migrate(database.writer, now=clock.now())
            store = cls(database, clock)
            store.notice = _salvaged(database)
            store.recover()
        except (*READ_FAULTS, StoreError) as error:
            database.close()
            raise failure(path, error) from error
        return store

    @classmethod
    def open_if_exists(cls, path: Path, clock: Clock) -> "Store | None":
        """Open the log, or return None and create nothing where there is none yet."""
        return cls.open(path, clock) if path.exists() else None

    def append(self, event: "Event") -> None:
        """Log the event durably; a `Bus` subscriber.

        When it returns without a new `notice`, the event survives a crash of the machine.
        """
        from toollama.events.payloads import UNSTORED_TYPES
        from toollama.store.event_statements import event_statements

        if event.type not in UNSTORED_TYPES:
            self._write(event_statements(event, owner=self._owner))

    def add_evidence(
        self,
        run_id: str,
        *,
        id: str,  # noqa: A002 - the field's name in every record of evidence
        title: str,
        locator: str,
        text: str,
        tool: str = "",
        retrieved_at: str | None = None,
        untrusted: bool = False,
        private: bool = False,
    ) -> None:
        """Keep a text that findings of the run are tied to. An id that is taken stays as it is."""
        row = EvidenceRow(
            id=id,
            title=title,
            locator=locator,
            text=text,
            tool=tool,
            retrieved_at=retrieved_at,
            untrusted=untrusted,
            private=private,
        )
        run = ensure_run(run_id, self._clock.now(), owner=self._owner)
        self._write([run, insert_evidence(run_id, row)])

    def evidence(self, run_id: str) -> list[EvidenceRow]:
        """Return the evidence of a run in the order it was added. Raises `StoreError`."""
        sql = f"SELECT {EVIDENCE_COLUMNS} FROM evidence WHERE run_id = ? ORDER BY rowid"  # noqa: S608 - constant columns
        return [EvidenceRow.from_columns(row) for row in self._database.read(sql, (run_id,))]

    def runs(self, limit: int = 20, *, session: str | None = None) -> list[RunRow]:
        """Return at most `limit` runs, of one conversation or of all, newest first.

        Raises `StoreError`.
        """
        newest = "ORDER BY started_at DESC, rowid DESC LIMIT ?"
        if session is None:
            return self._runs(newest, limit)
        return self._runs(f"WHERE session = ? {newest}", well_formed(session), limit)

    def find_run(self, name: str) -> RunRow:
        """Return the run called `last`, by its full id or by the beginning of one id.

        Raises `UnknownName`, naming the nearest ids, or `StoreError`.
        """
        name = well_formed(name)
        if name == "last":
            found = self.runs(limit=1)
        else:
            found = self._runs("WHERE run_id = ?", name) or self._runs(
                "WHERE substr(run_id, 1, length(?1)) = ?1 AND ?1 <> '' ORDER BY run_id DESC", name
            )
        if len(found) != 1:
            raise self._unknown_run(name, [run.run_id for run in found])
        return found[0]

    def events(self, run_id: str, *, after_seq: int = 0) -> "list[Event]":
        """Return the logged events of a run in order; none for a run that is not known.

        With `after_seq` only later ones. A damaged event is left out: `seq` has a gap and `notice`
        says so. Raises `StoreError`.
        """
        sql = "SELECT line FROM events WHERE run_id = ? AND seq > ? ORDER BY seq"
        rows = self._database.read(sql, (run_id, after_seq))
        return self._whole(rows, _event)

    def load_seconds(self) -> dict[str, float]:
        """Return by model the median seconds of its last loads. Raises `StoreError`."""
        from statistics import median

        from toollama.events.payloads import ModelLoadCompleted

        sql = "SELECT line FROM events WHERE type = ? ORDER BY rowid DESC LIMIT ?"
        rows = self._database.read(sql, (ModelLoadCompleted.type, _LOADS_REMEMBERED))
        loads_s: dict[str, list[float]] = {}
        for event in self._whole(rows, _event):
            loads_s.setdefault(event.data["model"], []).append(event.data["duration_s"])
        return {model: median(seconds[:_LOADS_PER_MODEL]) for model, seconds in loads_s.items()}

    def last_run(self, *, session: str | None = None, terminal: str | None = None) -> RunRow | None:
        """Return the newest answered run of a conversation, or else of a terminal."""
        column, value = ("session", session) if session else ("terminal", terminal)
        found = self._runs(
            f"WHERE {column} = ? AND status IN ('complete', 'partial') "
            "ORDER BY started_at DESC, rowid DESC LIMIT 1",
            well_formed(value or ""),
        )
        return found[0] if found else None

    def chain(self, run_id: str, limit: int) -> list[str]:
        """Return the ids of at most `limit` runs that lead to this one, oldest first, with it."""
        rows = self._database.read(_CHAIN, (run_id, limit))
        return [row[0] for row in reversed(rows)]

    def take_over(self, run_id: str) -> None:
        """Make a run that was cut short this process's own. Raises `StoreError`.

        Of several processes that try at one moment, one succeeds.
        """
        self._change([take_over_run(run_id, owner=self._owner)])
        columns = "status, owner_pid, owner_marker"
        sql = f"SELECT {columns} FROM runs WHERE run_id = ?"  # noqa: S608 - constant columns
        found = self._database.read(sql, (run_id,))
        if found != [("running", self._owner.pid, self._owner.marker)]:
            raise StoreError(
                f"{run_id} belongs to another process", fix=f"toollama runs show {run_id}"
            )

    def forget_evidence(self, run_id: str, *, keep: Iterable[str]) -> None:
        """Delete the evidence of a run except the ids in `keep`."""
        self._write([forget_evidence(run_id, keep=keep)])

    def search(self, text: str, limit: int = 20) -> "list[Hit]":
        """Return at most `limit` runs in which every word of the text occurs, the best first.

        Raises `InputError` for a text without a word, or `StoreError`.
        """
        from toollama.store.search import hit, query, terms

        if not self._database.read("SELECT 1 FROM sqlite_master WHERE name = 'search'"):
            raise StoreError(
                "this Python's SQLite has no full-text search", fix="toollama runs list"
            )
        return self._whole(self._database.read(*query(terms(text), limit=limit)), hit)

    def sessions(self, limit: int = 20) -> list[SessionRow]:
        """Return at most `limit` conversations, the last used one first. Raises `StoreError`."""
        return self._whole(self._database.read(SESSIONS, (limit,)), SessionRow.from_columns)

    def rename_session(self, name: str, new_name: str) -> None:
        """Give a conversation another name. Raises `StoreError`."""
        self._change(rename_session(well_formed(name), well_formed(new_name)))

    def copy_run(self, run_id: str, *, new_run_id: str, session: str) -> None:
        """Copy a run into another conversation, which may go on from it. Raises `StoreError`."""
        self._change(copy_run(run_id, new_run_id=new_run_id, session=well_formed(session)))

    def delete_runs(self, run_ids: Sequence[str]) -> None:
        """Delete runs with all that was kept of them; one that is going on stays.

        Raises `StoreError`.
        """
        self._change(delete_runs(run_ids))

    def recover(self) -> int:
        """Mark `interrupted` every running run whose process is gone; return how many."""
        running = self._database.read(
            "SELECT run_id, owner_pid, owner_marker FROM runs WHERE status = 'running'"
        )
        gone = [run_id for run_id, pid, marker in running if Owner(pid, marker).is_gone()]
        if gone:
            self._write([interrupt_run(run_id) for run_id in gone])
        return len(gone)

    def close(self) -> None:
        """Write what waits, if it can be written now, and close the file."""
        with self._lock:
            if self._waiting:
                self._database.wait_for_locks(BUSY_TIMEOUT_S)
                self._flush()
            if self._waiting:
                self.notice = f"{len(self._waiting)} records were not saved: {self._fault}"
            self._database.close()

    def _runs(self, rest: str, *parameters: str | int) -> list[RunRow]:
        sql = f"SELECT {RUN_COLUMNS} FROM runs {rest}"  # noqa: S608 - every caller passes constants
        return self._whole(self._database.read(sql, parameters), RunRow.from_columns)

    def _whole(
        self, rows: Sequence[Sequence[Any]], parse: Callable[[Sequence[Any]], Parsed]
    ) -> list[Parsed]:
        """Return what can be read of the rows; what a disk damaged is left out and counted."""
        found = []
        for row in rows:
            try:
                found.append(parse(row))
            except (ValueError, TypeError):
                continue
        if len(found) < len(rows):
            self.notice = f"{len(rows) - len(found)} damaged records of the run log are left out"
        return found

    def _unknown_run(self, name: str, matches: list[str]) -> UnknownName:
        shown = one_line(name, limit=60)
        if matches:
            nearest = ", ".join(matches[:3])
            return UnknownName(f"{shown} is the beginning of several runs", fix=f"one of {nearest}")
        known = [run.run_id for run in self.runs(limit=_NEAREST_AMONG)]
        if not known:
            return UnknownName(f"there is no run {shown}, nor any other", fix="toollama ask TEXT")
        nearest = ", ".join(get_close_matches(name, known, n=3, cutoff=0.4) or known[:3])
        return UnknownName(f"there is no run {shown}; nearest: {nearest}", fix="toollama runs list")

    def _change(self, statements: Sequence[Statement]) -> None:
        """Write now or fail: what a person asks for does not wait. Raises `StoreError`."""
        with self._lock:
            try:
                self._database.write(statements)
            except sqlite3.DatabaseError as error:
                raise failure(self._database.path, error) from error

    def _write(self, statements: Sequence[Statement]) -> None:
        with self._lock:
            self._waiting.append(statements)
            self._flush()

    def _flush(self) -> None:
        """Write what waits, oldest first, up to the first fault.

        A run waits for another process's lock once: while records wait, none is waited for.
        """
        try:
            while self._waiting:
                self._database.write(self._waiting[0])
                self._waiting.popleft()
        except sqlite3.DatabaseError as error:
            if not self._fault:
                self._fault = str(error)
                self._database.wait_for_locks(0)
                self.notice = f"the run log cannot be written ({error}); it is kept in memory"
            _log.info("%d records wait for the run log: %s", len(self._waiting), error)
        else:
            if self._fault:
                self._fault, self.notice = "", None
                self._database.wait_for_locks(BUSY_TIMEOUT_S)


def _event(columns: Sequence[Any]) -> "Event":
    from toollama.events import Event

    return Event.model_validate_json(columns[0])


def _salvaged(database: Database) -> str | None:
    """Carry over what a damaged log still holds; return what the user should know of it."""
    aside = database.set_aside_as
    if aside is None:
        return None
    from toollama.store.salvage import salvage

    try:
        saved = salvage(aside, database.writer)
    except sqlite3.DatabaseError as error:
        _log.info("nothing of %s can be carried over: %s", aside, error)
        saved = 0
    return f"the run log was damaged and is kept as {aside}; runs carried over: {saved}"
