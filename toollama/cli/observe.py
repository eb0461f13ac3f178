"""`toollama observe`: what the Observer saw in a run, and the figures of several side by side."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toollama.cli import log, out
from toollama.cli.options import Json
from toollama.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toollama.events import Event
    from toollama.fold.insights import InsightLine
    from toollama.fold.scorecard import Scorecard
    from toollama.store import Store

Name = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run's id or its beginning, `last`, or a .jsonl file."),
]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="RUN...", help="Runs to compare, in this order; none: the newest."),
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, where none is named.")]
Follow = Annotated[bool, typer.Option("--follow", help="Go on until the run ends.")]

_EVERY_S = 0.5


def show(name: Name = "last", *, follow: Follow = False, json: Json = False) -> None:
    """Tell what the Observer saw in a run: loops, failing tools, spent budgets, figures unsourced.

    The word `show` may be left out. `toollama replay RUN` tells the events of the numbers.
    """
    from toollama.fold.run import RunView

    if not follow:
        view = RunView.of(log.recorded(name))
        if json:
            out.json(view.insights)
            return
        _tell(view.insights, json=False)
    else:
        view = _follow(name, json=json)
    if not view.insights:
        out.note(f"the Observer saw nothing in {view.run_id} that somebody should know")


def scorecard(names: Names = None, *, limit: Limit = 10, json: Json = False) -> None:
    """Compare runs, one on a line: tasks, calls and their errors, swaps, tokens and seconds.

    Names may also be .jsonl files of events. docs/pipes.md says what each column counts.
    """
    from toollama.fold.scorecard import scorecard as score

    told = [log.recorded(name) for name in names] if names else _newest(limit)
    cards = [score(events) for events in told if events]
    if json:
        out.json(cards)
        return
    out.table(_HEADER, [_cells(card) for card in cards])
    if not cards:
        out.note('no runs yet; start one with: toollama ask "your question"')


COMMANDS: dict[str, Callable[..., None]] = {"show": show, "scorecard": scorecard}
"""The commands of this group by name."""

_HEADER = (
    *("RUN", "STATUS", "SECONDS", "DONE", "FAILED", "CALLS", "ERRORS", "RETRIES", "REPEATS"),
    *("UNSOURCED", "INSIGHTS", "SWAPS", "LOADING", "READ", "WRITTEN", "MODELS", "PROMPT"),
)


def _cells(card: "Scorecard") -> tuple[object, ...]:
    return (
        card.run_id,
        card.status,
        f"{card.duration_s:.1f}",
        card.tasks_done,
        card.tasks_failed,
        card.tool_calls,
        card.tool_errors,
        card.retries,
        card.repeated_calls,
        card.unsourced,
        card.insights,
        card.swaps,
        f"{card.load_s:.1f}",
        card.input_tokens,
        card.output_tokens,
        ",".join(card.models),
        card.prompt,
    )


def _newest(limit: int) -> "list[list[Event]]":
    with log.opened_if_exists() as store:
        return [store.events(row.run_id) for row in store.runs(limit)] if store else []


def _follow(name: str, *, json: bool) -> Any:
    """Tell each insight as it comes, until the run ends; return the view of it."""
    from toollama.fold.run import RunView
    from toollama.store import recording

    if name.endswith(recording.SUFFIX):
        raise InputError("--follow follows a run of the log", fix=f"toollama observe {name}")
    view = RunView()
    with log.opened() as store:
        run_id = store.find_run(name).run_id
        told = _take(store, run_id, view, after_seq=0)
        _tell(view.insights, json=json)
        while not view.ended:
            time.sleep(_EVERY_S)
            seen = len(view.insights)
            told = _take(store, run_id, view, after_seq=told)
            _tell(view.insights[seen:], json=json)
    return view


def _take(store: "Store", run_id: str, view: Any, *, after_seq: int) -> int:
    """Let the view take the later events; return the number of the last one."""
    for event in store.events(run_id, after_seq=after_seq):
        view.take(event)
        after_seq = event.seq
    return after_seq


def _tell(insights: "Sequence[InsightLine]", *, json: bool) -> None:
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
