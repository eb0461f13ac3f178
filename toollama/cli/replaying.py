"""`toollama replay`: a recorded run told again, event by event, or done again.

Telling needs no model, no tool and no network.
"""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import log, out, views
from toollama.cli.options import Colour, Models, Quiet, Render
from toollama.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from toollama.cli.look import Look
    from toollama.events import Event

Name = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run's id or its beginning, `last`, or a .jsonl file."),
]
Speed = Annotated[
    str,
    typer.Option(metavar="TIMES", help="1x is as fast as it was, 4x four times so; 0 never waits."),
]
Until = Annotated[
    int | None, typer.Option(min=1, metavar="SEQ", help="Stop after the event of this number.")
]
Rerun = Annotated[
    bool,
    typer.Option(
        "--rerun",
        help="Serve its request again with the same seed; a call that it made has the answer it "
        "had then.",
    ),
]
Live = Annotated[
    bool, typer.Option("--live", help="With --rerun: make every call anew, and act anew.")
]
From = Annotated[
    int | None,
    typer.Option(
        "--from",
        min=1,
        metavar="TASK",
        help="Do this task again and what needs it; the log gives what the others found.",
    ),
]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="Print every event as a line of JSON.")]

_LONGEST_WAIT_S = 10.0
"""A pause in which a person was asked, or the run lay broken, is not waited out."""


def replay(
    name: Name = "last",
    *,
    speed: Speed = "0",
    until: Until = None,
    rerun: Rerun = False,
    live: Live = False,
    task: From = None,
    models: Models = None,
    jsonl: Jsonl = False,
    quiet: Quiet = False,
) -> None:
    """Tell a run again: what was done on stderr, the answer on stdout, as `ask -v` showed it.

    With --rerun or --from it is done again, with other models where -m names them, and the run that
    it was stays: compare them with `toollama runs diff` and `toollama observe scorecard`.
    """
    times = _times(speed)
    if rerun or task is not None:
        if until is not None or times:
            raise InputError(
                "--rerun and --from take their own time", fix="leave out --until/--speed"
            )
        view = views.View(jsonl=jsonl, quiet=quiet, look=_look())
        recorded = rerun and not live
        raise typer.Exit(_do_again(name, view, task=task, recorded=recorded, models=models or []))
    if live or models:
        raise InputError("--live and -m do a run again", fix="add --rerun or --from TASK")
    told = log.recorded(name)
    if not told:
        raise InputError(f"{name} has no events", fix="toollama runs list")
    for event in paced(told, speed=times, until=until, wait=time.sleep):
        if jsonl:
            out.json_line(event.to_line())
        else:
            tell(event, quiet=quiet)


def _look() -> "Look":
    return views.look(Render.AUTO, plain=False, width=None, colour=Colour.AUTO)


def _do_again(
    name: str, view: views.View, *, task: int | None, recorded: bool, models: "Sequence[str]"
) -> int:
    import asyncio

    from toollama.cli import approval, asking, running
    from toollama.cli.resume import go_where_it_was_asked

    by_role = asking.models_by_role(models)
    session = running.open_session()
    go_where_it_was_asked(session, name)
    again = running.retry(
        session,
        name,
        view,
        task=task,
        recorded=recorded,
        models=by_role,
        interactive=approval.can_ask(no_input=False),
    )
    return asyncio.run(again)


def paced(
    told: "Sequence[Event]", *, speed: float, until: int | None, wait: "Callable[[float], None]"
) -> "Iterator[Event]":
    """Yield the events up to number `until`, waiting between them as the run did."""
    before = told[0].ts
    for event in told:
        if until is not None and event.seq > until:
            return
        if speed > 0:
            wait(min((event.ts - before).total_seconds() / speed, _LONGEST_WAIT_S))
            before = event.ts
        yield event


def _times(speed: str) -> float:
    try:
        times = float(speed.removesuffix("x"))
    except ValueError:
        times = -1
    if not 0 <= times < float("inf"):
        raise InputError(f"--speed {speed} is not a speed", fix="write it as --speed 4x")
    return times


def tell(event: "Event", *, quiet: bool) -> None:
    """Tell one event on stderr, and the whole answer on stdout."""
    from toollama.cli.progress import event_line

    if not quiet:
        out.note(event_line(event))
    if event.type == "message.completed":
        out.data(f"{str(event.data.get('text', '')).rstrip()}\n")
