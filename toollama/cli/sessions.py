"""`toollama sessions`: the conversations that runs form, and what a person does to them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import approval, log, out, pager, spans
from toollama.cli.options import Json
from toollama.commands import check_conversation
from toollama.errors import InputError, UnknownName

if TYPE_CHECKING:
    from toollama.store import RunRow, Store

Name = Annotated[str, typer.Argument(metavar="NAME", help="A conversation's name.")]
NewName = Annotated[str, typer.Argument(metavar="NEW", help="Its new name.")]
Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="Conversations to delete.")]
Limit = Annotated[
    int, typer.Option("--limit", "-n", min=1, help="How many, the last used one first.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
OlderThan = Annotated[
    str,
    typer.Option("--older-than", metavar="TIME", help="Not used for this long: 30d, 12h, 2w."),
]

_EVERY = 1_000_000


def list_sessions(*, limit: Limit = 20, json: Json = False) -> None:
    """List conversations: name, number of requests, when last used, and the first request."""
    with log.opened_if_exists() as store:
        rows = store.sessions(limit) if store else []
    if json:
        out.json(rows)
        return
    out.table(
        ("SESSION", "REQUESTS", "LAST", "BEGAN WITH"),
        [(row.name, row.runs, _time(row.last_at), row.prompt) for row in rows],
    )
    if not rows:
        out.note('no conversations yet; begin one with: toollama ask -s NAME "your question"')


def show(name: Name, *, json: Json = False) -> None:
    """Show a conversation: every request with its answer, oldest first."""
    with log.opened() as store:
        rows = _runs(store, name)
    if json:
        out.json(rows)
        return
    pager.show("\n".join(f"> {row.prompt}\n\n{row.answer.rstrip()}\n" for row in rows))


def rename(name: Name, new_name: NewName) -> None:
    """Give a conversation another name."""
    from toollama.host import archive

    check_conversation(new_name)
    with log.opened() as store:
        _runs(store, name)
        archive.require_free(store, new_name)
        store.rename_session(name, new_name)
    out.data(f"{new_name}\n")


def fork(name: Name, new_name: NewName) -> None:
    """Begin another conversation where this one stands; both go on by themselves."""
    from toollama.clock import SystemClock
    from toollama.host import archive

    check_conversation(new_name)
    with log.opened() as store:
        _runs(store, name)
        archive.fork(store, name, new_name, SystemClock())
    out.data(f"{new_name}\n")
    out.note(f"go on with: toollama ask -s {new_name} …")


def remove(names: Names, *, yes: Yes = False) -> None:
    """Delete conversations with all their runs."""
    with log.opened() as store:
        runs = [row for name in names for row in _runs(store, name)]
        _delete(store, list(names), runs, yes=yes)


def prune(*, older_than: OlderThan = "30d", yes: Yes = False) -> None:
    """Delete conversations that were not used for a while."""
    from toollama.clock import SystemClock

    before = SystemClock().now() - timedelta(seconds=spans.seconds(older_than, "--older-than"))
    with log.opened() as store:
        names = [row.name for row in store.sessions(_EVERY) if row.last_at < before]
        if not names:
            out.note(f"no conversation is older than {older_than}")
            return
        _delete(store, names, [row for name in names for row in _runs(store, name)], yes=yes)


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_sessions,
    "show": show,
    "rename": rename,
    "fork": fork,
    "rm": remove,
    "prune": prune,
}
"""The commands of this group by name."""


def _runs(store: "Store", name: str) -> "list[RunRow]":
    """Return the runs of a conversation, oldest first. Raises `UnknownName`."""
    rows = store.runs(_EVERY, session=name)
    if not rows:
        from difflib import get_close_matches

        known = [row.name for row in store.sessions(200)]
        near = ", ".join(get_close_matches(name, known, n=3))
        raise UnknownName(
            f"there is no conversation {name}" + (f"; nearest: {near}" if near else ""),
            fix="toollama sessions list",
        )
    return rows[::-1]


def _delete(store: "Store", names: list[str], runs: "list[RunRow]", *, yes: bool) -> None:
    if running := next((row for row in runs if row.status == "running"), None):
        raise InputError(f"{running.run_id} is still running", fix="wait, or stop it first")
    if not approval.agreed(f"delete {', '.join(names)} ({len(runs)} runs)", yes=yes):
        out.note("nothing was changed")
        return
    store.delete_runs([row.run_id for row in runs])
    out.data("".join(f"{name}\n" for name in names))


def _time(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
