"""What an event or a record of evidence writes into the tables. Pure.

Every statement may run twice without effect: a commit that reported a fault may have reached the
disk all the same, so it must be safe to repeat.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from json import dumps

from toollama.events import Event
from toollama.events.payloads import RunCancelled, RunCompleted, RunFailed, RunStarted
from toollama.store.database import Statement
from toollama.store.owner import Owner
from toollama.store.rows import EvidenceRow, RunStatus
from toollama.text import well_formed

_ENSURE_RUN = """
    INSERT INTO runs (run_id, started_at, status, prompt, owner_pid, owner_marker)
    VALUES (?, ?, 'running', '', ?, ?) ON CONFLICT DO NOTHING
"""
_START_RUN = """
    UPDATE runs SET prompt = ?, started_at = ?, previous_run_id = ?, session = ?, terminal = ?
    WHERE run_id = ?
"""
_END_RUN = """
    UPDATE runs SET finished_at = ?, status = ?, answer = ?, exit_code = ?, duration_s = ?
    WHERE run_id = ?
"""
_INTERRUPT_RUN = """
    UPDATE runs SET status = 'interrupted',
        finished_at = (SELECT max(ts) FROM events WHERE events.run_id = runs.run_id)
    WHERE run_id = ? AND status = 'running'
"""
_TAKE_OVER_RUN = """
    UPDATE runs SET status = 'running', finished_at = NULL, owner_pid = ?, owner_marker = ?
    WHERE run_id = ? AND status IN ('interrupted', 'cancelled')
"""
_FORGET_EVIDENCE = """
    DELETE FROM evidence WHERE run_id = ? AND id NOT IN (SELECT value FROM json_each(?))
"""
_INSERT_EVENT = """
    INSERT INTO events (run_id, seq, ts, type, line)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_INSERT_EVIDENCE = """
    INSERT INTO evidence
        (run_id, id, title, locator, text, tool, retrieved_at, untrusted, private)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""

_RUN_TYPES = frozenset({RunStarted.type, RunCompleted.type, RunFailed.type, RunCancelled.type})


def event_statements(event: Event, *, owner: Owner) -> list[Statement]:
    """Return what logs the event and keeps the row of its run."""
    line = dumps(event.model_dump(mode="json", exclude_none=True), ensure_ascii=False)
    columns = (event.run_id, event.seq, _utc(event.ts), event.type, well_formed(line))
    statements = [ensure_run(event.run_id, event.ts, owner=owner), (_INSERT_EVENT, columns)]
    if event.type in _RUN_TYPES:
        statements.append(_update_run(event))
    return statements


def ensure_run(run_id: str, started_at: datetime, *, owner: Owner) -> Statement:
    """Return what makes the row of a run, unless it is there."""
    return _ENSURE_RUN, (run_id, _utc(started_at), owner.pid, owner.marker)


def insert_evidence(run_id: str, row: EvidenceRow) -> Statement:
    """Return what stores the evidence; an id that is taken keeps its first text."""
    texts = (row.id, row.title, row.locator, row.text, row.tool, row.retrieved_at)
    stored = (None if text is None else well_formed(text) for text in texts)
    return _INSERT_EVIDENCE, (run_id, *stored, row.untrusted, row.private)


def interrupt_run(run_id: str) -> Statement:
    """Return what marks a run whose process is gone; its last event is when it was last alive."""
    return _INTERRUPT_RUN, (run_id,)


def take_over_run(run_id: str, *, owner: Owner) -> Statement:
    """Return what makes a run that was cut short the owner's, unless another one has it."""
    return _TAKE_OVER_RUN, (owner.pid, owner.marker, run_id)


def forget_evidence(run_id: str, *, keep: Iterable[str]) -> Statement:
    """Return what deletes the evidence of a run except the ids in `keep`."""
    return _FORGET_EVIDENCE, (run_id, dumps(sorted(keep)))


def _update_run(event: Event) -> Statement:
    match event.payload():
        case RunStarted() as run:
            place = (run.previous_run_id, run.session, run.terminal)
            return _START_RUN, (well_formed(run.prompt), _utc(event.ts), *place, event.run_id)
        case RunCompleted() as run:
            return _end_run(event, run, status=run.status, answer=run.answer)
        case RunFailed() as run:
            return _end_run(event, run, status="failed", answer=run.partial)
        case RunCancelled() as run:
            return _end_run(event, run, status="cancelled", answer=run.partial)
        case other:
            raise AssertionError(other.type)


def _end_run(
    event: Event,
    run: RunCompleted | RunFailed | RunCancelled,
    *,
    status: RunStatus,
    answer: str,
) -> Statement:
    finished_at = _utc(event.ts)
    outcome = (status, well_formed(answer), run.exit_code, run.duration_s)
    return _END_RUN, (finished_at, *outcome, event.run_id)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")  # one width sorts as text
