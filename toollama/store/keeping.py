"""What a person does to runs that are over: delete, rename a conversation, copy a run. Pure SQL.

Events, evidence and the search index of a deleted run go with it.
"""

from collections.abc import Sequence
from json import dumps

from toollama.store.database import Statement

SESSIONS = """
    SELECT session, count(*), min(started_at), max(started_at), (
        SELECT prompt FROM runs AS first WHERE first.session = runs.session
        ORDER BY first.started_at, first.rowid LIMIT 1
    )
    FROM runs WHERE session IS NOT NULL
    GROUP BY session ORDER BY max(started_at) DESC LIMIT ?
"""
"""The conversations, the last used one first."""

_DELETE_RUNS = """
    DELETE FROM runs WHERE run_id IN (SELECT value FROM json_each(?)) AND status <> 'running'
"""
_RENAME_SESSION = "UPDATE runs SET session = ? WHERE session = ?"
_COPY_RUN = """
    INSERT INTO runs (run_id, started_at, finished_at, status, prompt, answer, exit_code,
        duration_s, owner_pid, owner_marker, previous_run_id, session)
    SELECT ?, started_at, finished_at, status, prompt, answer, exit_code,
        duration_s, owner_pid, owner_marker, previous_run_id, ?
    FROM runs WHERE run_id = ?
"""
_COPY_EVENTS = """
    INSERT INTO events (run_id, seq, ts, type, line)
    SELECT ?, seq, ts, type, json_set(line, '$.run_id', ?) FROM events WHERE run_id = ?
"""
_COPY_EVIDENCE = """
    INSERT INTO evidence (run_id, id, title, locator, text, tool, retrieved_at, untrusted, private)
    SELECT ?, id, title, locator, text, tool, retrieved_at, untrusted, private
    FROM evidence WHERE run_id = ?
"""


def delete_runs(run_ids: Sequence[str]) -> list[Statement]:
    """Return what deletes these runs, except one that is still going on."""
    return [(_DELETE_RUNS, (dumps(list(run_ids)),))]


def rename_session(name: str, new_name: str) -> list[Statement]:
    """Return what gives a conversation another name."""
    return [(_RENAME_SESSION, (new_name, name))]


def copy_run(run_id: str, *, new_run_id: str, session: str) -> list[Statement]:
    """Return what copies a run with all that was kept of it into another conversation."""
    return [
        (_COPY_RUN, (new_run_id, session, run_id)),
        (_COPY_EVENTS, (new_run_id, new_run_id, run_id)),
        (_COPY_EVIDENCE, (new_run_id, run_id)),
    ]
