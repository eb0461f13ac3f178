"""`toollama observe`: what the Observer saw in a run, each insight with the events that show it."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toollama.cli import log, out
from toollama.cli.options import Json

if TYPE_CHECKING:
    from toollama.fold.insights import InsightLine
    from toollama.store import Store

Name = Annotated[str, typer.Argument(metavar="RUN", help="A run's id or its beginning, or `last`.")]
Follow = Annotated[bool, typer.Option("--follow", help="Go on until the run ends.")]

_EVERY_S = 0.5


def observe(name: Name = "last", *, follow: Follow = False, json: Json = False) -> None:
    """Tell what the Observer saw in a run: loops, failing tools, spent budgets, figures unsourced.

    `toollama replay RUN` tells the events of the numbers.
    """
    from toollama.fold.run import RunView

    view = RunView()
    with log.opened() as store:
        run_id = store.find_run(name).run_id
        told = _take(store, run_id, view, after_seq=0)
        if json and not follow:
            out.json(view.insights)
            return
        _tell(view.insights, json=json)
        while follow and not view.ended:
            time.sleep(_EVERY_S)
            seen = len(view.insights)
            told = _take(store, run_id, view, after_seq=told)
            _tell(view.insights[seen:], json=json)
    if not view.insights:
        out.note(f"the Observer saw nothing in {run_id} that somebody should know")


def _take(store: "Store", run_id: str, view: Any, *, after_seq: int) -> int:
    """Let the view take the later events; return the number of the last one."""
    for event in store.events(run_id, after_seq=after_seq):
        view.take(event)
        after_seq = event.seq
    return after_seq


def _tell(insights: "list[InsightLine]", *, json: bool) -> None:
    from pydantic_core import to_json

    if json:
        for each in insights:
            out.json_line(to_json(each).decode())
    elif insights:
        rows = [
            (f"{each.at_s:.1f}", each.severity, each.kind, each.message, _numbers(each.events))
            for each in insights
        ]
        out.table(("SECONDS", "SEVERITY", "KIND", "WHAT", "EVENTS"), rows)


def _numbers(events: tuple[int, ...]) -> str:
    return ",".join(map(str, events))
