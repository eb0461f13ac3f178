"""`toollama tools`: look at the tools, and run one without any model."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toollama.cli import imports, out, tool_cache, tool_checks, tool_health, tool_switches
from toollama.cli.options import Json, NoInput
from toollama.commands import arguments
from toollama.errors import InputError, UnknownName

if TYPE_CHECKING:
    from toollama.policy import Effect
    from toollama.session import Approve
    from toollama.tools.base import ToolResult
    from toollama.tools.discovery import Entry
    from toollama.tools.discovery.survey import Row, Survey

Name = Annotated[str, typer.Argument(help="The tool's name, from `toollama tools list`.")]
Args = Annotated[
    list[str] | None,
    typer.Option("--arg", help="An argument: key=text, or key:=JSON. Repeat it for more."),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Allow what the tool declares without asking.")
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Ask the service, whatever it answered before.")
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show the traceback of an internal error.")
]
Pack = Annotated[
    str | None, typer.Option("--pack", help="Only tools of this pack, such as drummer.search.")
]
OfState = Annotated[
    str | None, typer.Option("--state", help="Only tools that are ready, needs, off or disabled.")
]
All = Annotated[
    bool, typer.Option("--all", help="Also what is hidden by another tool or gone upstream.")
]
_STATES = ("ready", "needs", "off", "disabled")


def list_tools(
    *, pack: Pack = None, state: OfState = None, everything: All = False, json: Json = False
) -> None:
    """List every tool: its state, its effects, when it was last verified, and what it does."""
    from toollama.tools.discovery import survey

    if state is not None and state not in _STATES:
        raise InputError(
            f"--state {state} is none of {', '.join(_STATES)}", fix="toollama tools list"
        )
    found = survey.survey()
    rows = [row for row in found.rows() if _is_wanted(row, pack, state)]
    if pack is not None and not rows and not _is_pack(found, pack):
        packs = sorted({each for row in found.rows() for each in row.entry.packs})
        raise UnknownName(f"no tool is of the pack {pack}", fix=f"one of: {', '.join(packs)}")
    if json:
        out.json([_document(row) for row in rows])
    else:
        absent = _absent(found) if everything else ()
        out.table(
            ("TOOL", "STATE", "EFFECTS", "VERIFIED", "SUMMARY"), [*map(_listed, rows), *absent]
        )
    for problem in found.found.problems:
        out.warn(f"{problem.message} — fix: {problem.fix}")
    for hidden in found.found.collisions:
        out.warn(f"{hidden.name} of {hidden.hidden} is hidden by that of {hidden.kept}")


def info(name: Name, *, json: Json = False) -> None:
    """Show one tool: state, parameters, effects, hosts, limits and example requests."""
    from toollama.tools.discovery import survey

    row = survey.survey().row(name)
    if json:
        out.json(_document(row))
        return
    out.table(("FIELD", "VALUE"), list(_fields(row)))


def schema(name: Name) -> None:
    """Print the JSON Schema of a tool's arguments."""
    from toollama.tools.discovery import discover

    out.json(discover().entry(name).parameters)


def run(
    name: Name,
    *,
    args: Args = None,
    json: Json = False,
    yes: Yes = False,
    no_input: NoInput = False,
    no_cache: NoCache = False,
    _verbose: Verbose = False,
) -> None:
    """Run one tool with the arguments given, and print what it returns."""
    import asyncio

    from toollama.cli import approval
    from toollama.tools.discovery import discover

    entry = discover().entry(name)
    given = arguments(args or [])
    result = asyncio.run(
        _run(
            name,
            given,
            granted=entry.effects if yes else frozenset(),
            approve=approval.approve if approval.can_ask(no_input=no_input) else None,
            use_cache=not no_cache,
        )
    )
    if json:
        out.json({"tool": name, **asdict(result)})
    else:
        _show(result)


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_tools,
    "info": info,
    "schema": schema,
    "run": run,
    "test": tool_checks.try_tools,
    "import": imports.import_spec,
    "schemas": imports.schemas,
    "enable": tool_switches.enable,
    "disable": tool_switches.disable,
    "health": tool_health.health,
    "cache": tool_cache.cache,
    "docs": tool_switches.docs,
}
"""The commands of this group by name."""


async def _run(
    name: str,
    arguments: dict[str, Any],
    *,
    granted: "frozenset[Effect]",
    approve: "Approve | None",
    use_cache: bool,
) -> "ToolResult":
    import asyncio
    from functools import partial

    from toollama.cli import signals
    from toollama.errors import Cancelled
    from toollama.session import Session

    session = Session.open()
    task = asyncio.current_task()
    assert task is not None
    stop = signals.Stop(task, announce=partial(setattr, session, "cancel_exit_code"))
    try:
        with signals.stopping(stop):
            return await session.run_tool(
                name, arguments, approve=approve, granted=granted, use_cache=use_cache
            )
    except (asyncio.CancelledError, Cancelled):
        out.error(Cancelled("the call was stopped", fix=f"toollama tools run {name}").line())
        signals.leave(stop.exit_code or Cancelled.exit_code)
    finally:
        await session.close()


def _show(result: "ToolResult") -> None:
    parts = ["\n".join(result.statements), result.text.rstrip()]
    text = "\n\n".join(dict.fromkeys(filter(None, parts)))  # a short text repeats the statements
    if text:
        out.data(f"{text}\n")
    for source in result.sources:
        out.note(f"source: {source.title} — {source.locator}")
    if result.status == "empty":
        out.note("note: the tool found nothing")
    if result.truncated:
        out.note("note: the result was cut")


def _is_wanted(row: "Row", pack: str | None, state: str | None) -> bool:
    return (pack is None or pack in row.entry.packs) and state in (None, row.standing.state)


def _is_pack(found: "Survey", pack: str) -> bool:
    return any(pack in row.entry.packs for row in found.rows())


def _listed(row: "Row") -> tuple[str, ...]:
    entry = row.entry
    return entry.name, str(row.standing), _effects(entry), row.verified_live, entry.summary


def _absent(found: "Survey") -> Iterator[tuple[str, ...]]:
    """Yield the rows of what cannot be used: hidden by another tool, or gone upstream."""
    from toollama.tools.discovery import gone

    for hidden in found.found.collisions:
        yield hidden.name, "hidden", "", "", f"{hidden.hidden}, by {hidden.kept}"
    for dead in gone.load():
        yield dead.name, "gone", "", "", f"{dead.reason}; instead: {dead.replacement}"


def _effects(entry: "Entry") -> str:
    return ",".join(sorted(entry.effects)) or "none"


def _fields(row: "Row") -> Iterator[tuple[str, str]]:
    """Yield what `tools info` shows, a name and a value each."""
    entry = row.entry
    yield "name", entry.name
    yield "summary", entry.summary
    yield "state", str(row.standing)
    yield "effects", _effects(entry)
    yield "leaves the machine", "yes" if entry.egress else "no"
    yield "hosts", ", ".join(entry.hosts) or "none"
    yield "credentials", ", ".join(entry.credentials) or "none"
    if entry.optional_credentials:
        yield "optional credentials", ", ".join(entry.optional_credentials)
    yield "offered to", ", ".join(entry.packs)
    if entry.provider:
        yield "provider", entry.provider
    if entry.rates:
        yield "limits", ", ".join(f"{count} in {window_s:g} s" for count, window_s in entry.rates)
    yield "cached for", f"{entry.cache_ttl_s:g} s" if entry.cache_ttl_s else "never"
    if entry.fallbacks:
        yield "falls back to", ", ".join(entry.fallbacks)
    yield "deadline", f"{entry.deadline_s:g} s"
    yield "verified live", row.verified_live
    yield "origin", entry.label()
    if entry.homepage:
        yield "homepage", entry.homepage
    yield from ((f"--arg {name}", text) for name, text in _parameters(entry).items())
    yield from (("example", utterance) for utterance in entry.utterances[:3])


def _parameters(entry: "Entry") -> dict[str, str]:
    """Return each parameter's type, need and description as one line."""
    required = set(entry.parameters.get("required", ()))
    return {
        name: " ".join(
            part
            for part in (
                str(field.get("type", "")),
                "required" if name in required else "",
                str(field.get("description", "")),
            )
            if part
        )
        for name, field in entry.parameters.get("properties", {}).items()
    }


def _document(row: "Row") -> dict[str, Any]:
    """Return a tool as `--json` prints it."""
    missing = row.standing.detail.split(",") if row.standing.state == "needs" else []
    return {
        **row.entry.document(),
        "state": row.standing.state,
        "reason": "" if missing else row.standing.detail,
        "needs": missing,
        "fix": row.standing.fix,
        "verified_live": row.verified_live,
    }
