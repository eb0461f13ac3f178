"""`toollama runs`: what was asked before, read from the run log."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import approval, comparing, exporting, log, out, pager
from toollama.cli.options import Json
from toollama.errors import InputError

if TYPE_CHECKING:
    from toollama.events import Event
    from toollama.store import RunRow

Name = Annotated[str, typer.Argument(metavar="RUN", help="A run's id or its beginning, or `last`.")]
Names = Annotated[list[str], typer.Argument(metavar="RUN...", help="Runs to delete.")]
Limit = Annotated[
    int, typer.Option("--limit", "-n", min=1, help="How many runs to list, newest first.")
]
BestFirst = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many runs, best first.")]
Words = Annotated[
    list[str],
    typer.Argument(metavar="WORDS", help='Words, or parts of words; "a phrase" stays together.'),
]
SessionName = Annotated[
    str | None,
    typer.Option("--session", "-s", metavar="NAME", help="Only the runs of this conversation."),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show why these tools were chosen.")]
Events = Annotated[bool, typer.Option("--events", help="Show the stored events too.")]
Tree = Annotated[bool, typer.Option("--tree", help="Show the tree of what was done, alone.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def list_runs(*, limit: Limit = 20, session: SessionName = None, json: Json = False) -> None:
    """List runs, newest first: id, start, status, seconds and request."""
    with log.opened_if_exists() as store:
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
    name: Name,
    *,
    json: Json = False,
    events: Events = False,
    tree: Tree = False,
    verbose: Verbose = False,
) -> None:
    """Show one run: what was asked, the tree of what was done, and the answer."""
    with log.opened() as store:
        row = store.find_run(name)
        told = store.events(row.run_id)
    if json:
        with_events = {"events": [event.for_readers() for event in told]} if events else {}
        out.json({"run": row, **with_events})
        return
    if tree:
        pager.show(_tree(told))
        return
    body = _events(told) if events else _tree(told)
    pager.show(_header(row) + body + _ending(row, told, verbose=verbose))
    if row.status in {"interrupted", "cancelled"}:
        out.note(f"it can go on: toollama resume {row.run_id}")


def last(*, json: Json = False) -> None:
    """Show the newest run."""
    show("last", json=json)


def search(words: Words, *, limit: BestFirst = 20, json: Json = False) -> None:
    """Find runs by words of the request, the answer, and what tools were given and gave."""
    with log.opened_if_exists() as store:
        hits = store.search(" ".join(words), limit) if store else []
    if json:
        out.json(hits)
        return
    out.table(
        ("RUN", "STARTED", "IN", "EXCERPT", "PROMPT"),
        [(hit.run.run_id, _time(hit.run), hit.field, hit.excerpt, hit.run.prompt) for hit in hits],
    )
    if not hits:
        out.note("no run has all of these words")


def remove(names: Names, *, yes: Yes = False) -> None:
    """Delete runs, with their events and their evidence."""
    with log.opened() as store:
        rows = [store.find_run(name) for name in names]
        if running := next((row for row in rows if row.status == "running"), None):
            raise InputError(f"{running.run_id} is still running", fix="wait, or stop it first")
        ids = [row.run_id for row in rows]
        if not approval.agreed(f"delete {', '.join(ids)}", yes=yes):
            out.note("nothing was changed")
            return
        store.delete_runs(ids)
    out.data("".join(f"{run_id}\n" for run_id in ids))


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_runs,
    "show": show,
    "last": last,
    "search": search,
    "export": exporting.export,
    "diff": comparing.diff,
    "rm": remove,
}
"""The commands of this group by name."""


def _header(row: "RunRow") -> str:
    exit_code = "" if row.exit_code is None else f" · exit {row.exit_code}"
    seconds = f" · {_seconds(row)} s" if row.duration_s is not None else ""
    session = f" · session {row.session}" if row.session not in {None, row.run_id} else ""
    about = f"{_time(row)} · {row.status}{exit_code}{seconds}{session}"
    return f"{row.run_id} · {about}\n{row.prompt}\n\n"


def _tree(told: "list[Event]") -> str:
    from toollama.store.tree import build_tree, render_tree

    plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    return "".join(f"{line}\n" for line in render_tree(build_tree(told), ascii=plain))


def _events(told: "list[Event]") -> str:
    from toollama.cli.progress import event_line

    return "".join(f"{event_line(event)}\n" for event in told)


def _ending(row: "RunRow", told: "list[Event]", *, verbose: bool) -> str:
    lines = ""
    if verbose:
        from toollama.fold import RunView, explain
        from toollama.fold.plan import ROOT

        lines = f"\n{explain.why(RunView.of(told), ROOT)}\n"
    return f"{lines}\n{row.answer.rstrip()}\n" if row.answer else lines


def _time(row: "RunRow") -> str:
    return f"{row.started_at.astimezone():%Y-%m-%d %H:%M:%S}"


def _seconds(row: "RunRow") -> str:
    return "" if row.duration_s is None else f"{row.duration_s:.1f}"
