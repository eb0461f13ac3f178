"""`toollama runs`: what was asked before, read from the run log."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import out
from toollama.cli.options import Json
from toollama.errors import UnknownName

if TYPE_CHECKING:
    from toollama.events import Event
    from toollama.store import RunRow, Store

Name = Annotated[str, typer.Argument(metavar="RUN", help="A run's id or its beginning, or `last`.")]
Limit = Annotated[int, typer.Option(min=1, help="How many runs to list, newest first.")]
SessionName = Annotated[
    str | None,
    typer.Option("--session", "-s", metavar="NAME", help="Only the runs of this conversation."),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show why these tools were chosen.")]
Events = Annotated[bool, typer.Option("--events", help="Show the stored events too.")]


def list_runs(*, limit: Limit = 20, session: SessionName = None, json: Json = False) -> None:
    """List runs, newest first: id, start, status, seconds and request."""
    with _store() as store:
        rows = store.runs(limit, session=session) if store else []
    if json:
        out.json(rows)
        return
    out.table(
        ("RUN", "STARTED", "STATUS", "SECONDS", "PROMPT"),
        [(row.run_id, _time(row), row.status, _seconds(row), row.prompt) for row in rows],
    )
    if not rows:
        out.note('no runs yet; start one with: toollama ask "your question"')
    elif broken := next((row for row in rows if row.status == "interrupted"), None):
        out.note(f"what was interrupted can go on: toollama resume {broken.run_id}")


def show(
    name: Name, *, json: Json = False, events: Events = False, verbose: Verbose = False
) -> None:
    """Show one run: what was asked, the tree of what was done, and the answer."""
    with _store() as store:
        if store is None:
            raise UnknownName("there are no runs yet", fix='toollama ask "your question"')
        row = store.find_run(name)
        log = store.events(row.run_id)
    if json:
        told = {"events": [event.for_readers() for event in log]} if events else {}
        out.json({"run": row, **told})
        return
    _show_header(row)
    _show_events(log) if events else _show_tree(log)
    if verbose:
        from toollama.cli import why

        out.data("".join(f"{line}\n" for line in ["", *why.lines(log)]))
    if row.answer:
        out.data(f"\n{row.answer.rstrip()}\n")
    if row.status in {"interrupted", "cancelled"}:
        out.note(f"it can go on: toollama resume {row.run_id}")


COMMANDS: dict[str, Callable[..., None]] = {"list": list_runs, "show": show}
"""The commands of this group by name."""


@contextmanager
def _store() -> "Iterator[Store | None]":
    """Open the run log for the block; reading never makes one."""
    from toollama import paths
    from toollama.clock import SystemClock
    from toollama.store import Store

    store = Store.open_if_exists(paths.database(), SystemClock())
    try:
        if store and store.notice:
            out.warn(store.notice)
        yield store
    finally:
        if store:
            store.close()


def _show_header(row: "RunRow") -> None:
    exit_code = "" if row.exit_code is None else f" · exit {row.exit_code}"
    seconds = f" · {_seconds(row)} s" if row.duration_s is not None else ""
    session = f" · session {row.session}" if row.session not in {None, row.run_id} else ""
    about = f"{_time(row)} · {row.status}{exit_code}{seconds}{session}"
    out.data(f"{row.run_id} · {about}\n{row.prompt}\n\n")


def _show_tree(log: "list[Event]") -> None:
    from toollama.store.tree import build_tree, render_tree

    plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    out.data("".join(f"{line}\n" for line in render_tree(build_tree(log), ascii=plain)))


def _show_events(log: "list[Event]") -> None:
    from toollama.cli.progress import event_line

    out.data("".join(f"{event_line(event)}\n" for event in log))


def _time(row: "RunRow") -> str:
    return f"{row.started_at.astimezone():%Y-%m-%d %H:%M:%S}"


def _seconds(row: "RunRow") -> str:
    return "" if row.duration_s is None else f"{row.duration_s:.1f}"
