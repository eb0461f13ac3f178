"""`toollama tools test`: whether tools work, by trying their own examples.

Only tools that compute or read what is public are tried; the others act on what is the user's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from toollama.cli import out
from toollama.cli.options import Json
from toollama.errors import ExitCode

if TYPE_CHECKING:
    from toollama.tools.base import ToolContext
    from toollama.tools.discovery.survey import Row
    from toollama.tools.run import AnyTool

Names = Annotated[list[str] | None, typer.Argument(help="Tools to try; all where none is named.")]
Live = Annotated[
    bool, typer.Option("--live", help="Also ask the real services, and keep the date.")
]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying one tool."""

    tool: str
    outcome: Literal["passed", "failed", "skipped"]
    detail: str


def try_tools(names: Names = None, *, live: Live = False, json: Json = False) -> None:
    """Run an example of each tool: local tools really, networked ones only with --live."""
    import asyncio

    from toollama.tools.discovery import survey

    found = survey.survey()
    rows = [found.row(name) for name in names] if names else list(found.rows())
    trials = asyncio.run(_try_all(rows, live=live))
    if json:
        out.json(trials)
    else:
        out.table(
            ("OUTCOME", "TOOL", "DETAIL"), [(one.outcome, one.tool, one.detail) for one in trials]
        )
    if any(trial.outcome == "failed" for trial in trials):
        raise typer.Exit(ExitCode.FAILED)


async def _try_all(rows: "Sequence[Row]", *, live: bool) -> list[Trial]:
    """Try the tools one after another; a service is asked once."""
    from toollama.session import Session
    from toollama.tools.registry import Registry

    registry = Registry.discover()
    session = Session.open()
    trials: list[Trial] = []
    try:
        for number, row in enumerate(rows, 1):
            name = row.entry.name
            if out.has_status_line():
                out.status(f"{number}/{len(rows)} {name}")
            if reason := _reason_to_skip(row, live=live):
                trials.append(Trial(name, "skipped", reason))
                continue
            trials.append(await _try(registry.get(name), session.tool_context()))
            if row.entry.egress:
                _keep(trials[-1])
    finally:
        out.clear_status()
        await session.close()
    return trials


def _reason_to_skip(row: "Row", *, live: bool) -> str:
    """Return why a tool is not tried, or `""`."""
    from toollama.policy import Effect

    if row.standing.state != "ready":
        return str(row.standing)
    if not row.entry.effects <= {Effect.READ_PUBLIC}:
        return "it reads or changes what is yours: try it with toollama tools run"
    if row.entry.egress and not live:
        return "it asks a service: add --live"
    return ""


async def _try(tool: "AnyTool", context: "ToolContext") -> Trial:
    from toollama.text import one_line
    from toollama.tools import run
    from toollama.tools.base import ToolFailure
    from toollama.tools.examples import examples

    name = tool.spec.name
    arguments = next(examples(tool, context), None)
    if arguments is None:
        return Trial(name, "skipped", "it declares no example that can be run as it stands")
    try:
        result = await run.run(tool, arguments, context)
    except ToolFailure as failure:
        return Trial(name, "failed", one_line(failure.message))
    if result.status == "empty" or not result.statements:
        return Trial(name, "failed", "it found nothing")
    return Trial(name, "passed", one_line(result.statements[0]))


def _keep(trial: Trial) -> None:
    """Put a tool's live check on record; a full disk loses the record, not the check."""
    from toollama.clock import SystemClock
    from toollama.tools.discovery import live

    if trial.outcome == "skipped":
        return
    date = SystemClock().now().date().isoformat()
    check = live.LiveCheck(date=date, passed=trial.outcome == "passed", detail=trial.detail)
    try:
        live.record({trial.tool: check})
    except OSError as error:
        out.warn(f"the check of {trial.tool} could not be kept: {error.strerror}")
