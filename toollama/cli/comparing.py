"""`toollama runs diff`: what two runs did and answered differently."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from toollama.cli import log, out
from toollama.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from toollama.events import Event
    from toollama.store import RunRow

One = Annotated[str, typer.Argument(metavar="A", help="A run's id or its beginning, or `last`.")]
Other = Annotated[str, typer.Argument(metavar="B", help="The run to compare it with.")]


def diff(one: One, other: Other, *, json: Json = False) -> None:
    """Compare two runs: figures, the calls of tools, and the answers line by line."""
    with log.opened() as store:
        rows = [store.find_run(name) for name in (one, other)]
        facts = [_facts(row, store.events(row.run_id)) for row in rows]
    lines = _answer_diff(rows)
    if json:
        out.json({"a": facts[0], "b": facts[1], "answer_diff": lines})
        return
    table = [(name, _shown(facts[0][name]), _shown(facts[1][name])) for name in facts[0]]
    out.table(("", "A", "B"), [row for row in table if row[1] != row[2] or row[0] == "run"])
    out.data("\n" + ("".join(f"{line}\n" for line in lines) or "the answers are the same\n"))


def _facts(row: "RunRow", told: "Sequence[Event]") -> dict[str, Any]:
    """Return what is compared: how it ended, what it cost, and every call in order."""
    ended: dict[str, Any] = told[-1].data if told else {}
    usage = ended.get("usage", {})
    return {
        "run": row.run_id,
        "prompt": row.prompt,
        "status": row.status,
        "seconds": None if row.duration_s is None else round(row.duration_s, 1),
        "tokens read": usage.get("input_tokens"),
        "tokens written": usage.get("output_tokens"),
        "models": _models(told),
        "swaps": ended.get("swaps"),
        "calls": [_call(event.data) for event in told if event.type == "tool.call.requested"],
    }


def _models(told: "Sequence[Event]") -> list[str]:
    used = (event.data["model"] for event in told if event.type == "inference.started")
    return sorted(set(used))


def _call(data: dict[str, Any]) -> str:
    arguments = ", ".join(f"{name}={value}" for name, value in data["arguments"].items())
    return f"{data['tool']}({arguments})"


def _answer_diff(rows: "Sequence[RunRow]") -> list[str]:
    import difflib

    before, after = (row.answer.strip().splitlines() for row in rows)
    one, other = (row.run_id for row in rows)
    return list(difflib.unified_diff(before, after, one, other, lineterm=""))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(value)
    return "" if value is None else str(value)
