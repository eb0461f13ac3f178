"""What an event writes into the tables. Pure.

Like every statement of the log these may run twice without effect.
"""

from json import dumps

from toollama.events import Event
from toollama.events.payloads import RunCancelled, RunCompleted, RunFailed, RunStarted
from toollama.processes import Owner
from toollama.store.database import Statement
from toollama.store.rows import RunStatus
from toollama.store.statements import ensure_run, utc
from toollama.text import well_formed

_START_RUN = """
    UPDATE runs SET prompt = ?, started_at = ?, previous_run_id = ?, session = ?, terminal = ?
    WHERE run_id = ?
"""
_END_RUN = """
    UPDATE runs SET finished_at = ?, status = ?, answer = ?, exit_code = ?, duration_s = ?
    WHERE run_id = ?
"""
_INSERT_EVENT = """
    INSERT INTO events (run_id, seq, ts, type, line)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""

_RUN_TYPES = frozenset({RunStarted.type, RunCompleted.type, RunFailed.type, RunCancelled.type})


def event_statements(event: Event, *, owner: Owner) -> list[Statement]:
    """Return what logs the event and keeps the row of its run."""
    line = dumps(event.model_dump(mode="json", exclude_none=True), ensure_ascii=False)
    columns = (event.run_id, event.seq, utc(event.ts), event.type, well_formed(line))
    statements = [ensure_run(event.run_id, event.ts, owner=owner), (_INSERT_EVENT, columns)]
    if event.type in _RUN_TYPES:
        statements.append(_update_run(event))
    return statements


def _update_run(event: Event) -> Statement:
    match event.payload():
        case RunStarted() as run:
            place = (run.previous_run_id, _stored(run.session), _stored(run.terminal))
            return _START_RUN, (well_formed(run.prompt), utc(event.ts), *place, event.run_id)
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
    finished_at = utc(event.ts)
    outcome = (status, well_formed(answer), run.exit_code, run.duration_s)
    return _END_RUN, (finished_at, *outcome, event.run_id)


def _stored(text: str | None) -> str | None:
    """Return a name without lone surrogates: a terminal's comes from the environment's bytes."""
    return None if text is None else well_formed(text)
