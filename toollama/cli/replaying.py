"""`toollama replay`: a recorded run told again, event by event. No model, no tool, no network."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import log, out
from toollama.cli.options import Quiet
from toollama.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from toollama.events import Event

Name = Annotated[str, typer.Argument(metavar="RUN", help="A run's id or its beginning, or `last`.")]
Speed = Annotated[
    str,
    typer.Option(metavar="TIMES", help="1x is as fast as it was, 4x four times so; 0 never waits."),
]
Until = Annotated[
    int | None, typer.Option(min=1, metavar="SEQ", help="Stop after the event of this number.")
]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="Print every event as a line of JSON.")]

_LONGEST_WAIT_S = 10.0
"""A pause in which a person was asked, or the run lay broken, is not waited out."""


def replay(
    name: Name = "last",
    *,
    speed: Speed = "0",
    until: Until = None,
    jsonl: Jsonl = False,
    quiet: Quiet = False,
) -> None:
    """Tell a run again: what was done on stderr, the answer on stdout, as `ask -v` showed it."""
    times = _times(speed)
    with log.opened() as store:
        row = store.find_run(name)
        told = store.events(row.run_id)
    if not told:
        raise InputError(f"{row.run_id} has no events", fix="toollama runs list")
    for event in paced(told, speed=times, until=until, wait=time.sleep):
        if jsonl:
            out.json_line(event.to_line())
        else:
            _tell(event, quiet=quiet)


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


def _tell(event: "Event", *, quiet: bool) -> None:
    from toollama.cli.progress import event_line

    if not quiet:
        out.note(event_line(event))
    if event.type == "message.completed":
        out.data(f"{str(event.data.get('text', '')).rstrip()}\n")
