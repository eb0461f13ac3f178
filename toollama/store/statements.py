"""What runs and evidence write into the tables, besides events. Pure.

Every statement may run twice without effect: a commit that reported a fault may have reached the
disk all the same, so it must be safe to repeat.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from json import dumps

from toollama.processes import Owner
from toollama.store.database import Statement
from toollama.store.rows import EvidenceRow
from toollama.text import well_formed

_ENSURE_RUN = """
    INSERT INTO runs (run_id, started_at, status, prompt, owner_pid, owner_marker)
    VALUES (?, ?, 'running', '', ?, ?) ON CONFLICT DO NOTHING
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
_INSERT_EVIDENCE = """
    INSERT INTO evidence
        (run_id, id, title, locator, text, tool, retrieved_at, untrusted, private)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""


def ensure_run(run_id: str, started_at: datetime, *, owner: Owner) -> Statement:
    """Return what makes the row of a run, unless it is there."""
    return _ENSURE_RUN, (run_id, utc(started_at), owner.pid, owner.marker)


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


def utc(moment: datetime) -> str:
    """Return the moment as text that sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")  # one width sorts as text
