"""`toollama tools`: look at the tools, and run one without any model."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toollama.cli import imports, out
from toollama.cli.options import Json, NoInput
from toollama.errors import InputError

if TYPE_CHECKING:
    from toollama.policy import Effect
    from toollama.session import Approve
    from toollama.tools.base import ToolResult, ToolSpec

Name = Annotated[str, typer.Argument(help="The tool's name, from `toollama tools list`.")]
Args = Annotated[
    list[str] | None,
    typer.Option("--arg", help="An argument: key=text, or key:=JSON. Repeat it for more."),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Allow what the tool declares without asking.")
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Show the traceback of an internal error.")
]


def list_tools(*, json: Json = False) -> None:
    """List every tool: name, effects, when it was last verified, and what it does."""
    from toollama.tools.registry import Registry

    specs = Registry.builtin().specs()
    if json:
        out.json([_document(spec) for spec in specs])
        return
    out.table(
        ("TOOL", "EFFECTS", "VERIFIED", "SUMMARY"),
        [(spec.name, _effects(spec), spec.verified_live, spec.summary) for spec in specs],
    )


def info(name: Name, *, json: Json = False) -> None:
    """Show one tool: parameters, effects, hosts and example requests."""
    from toollama.tools.registry import Registry

    spec = Registry.builtin().get(name).spec
    if json:
        out.json(_document(spec))
        return
    rows = [
        ("name", spec.name),
        ("summary", spec.summary),
        ("effects", _effects(spec)),
        ("leaves the machine", "yes" if spec.egress else "no"),
        ("hosts", ", ".join(spec.hosts) or "none"),
        ("credentials", ", ".join(spec.credentials) or "none"),
        ("offered to", ", ".join(spec.packs)),
        ("deadline", f"{spec.deadline_s:g} s"),
        ("verified live", spec.verified_live),
        ("origin", spec.origin),
    ]
    rows += [(f"--arg {name}", text) for name, text in _parameters(spec).items()]
    rows += [("example", utterance) for utterance in spec.utterances[:3]]
    out.table(("FIELD", "VALUE"), rows)


def run(
    name: Name,
    *,
    args: Args = None,
    json: Json = False,
    yes: Yes = False,
    no_input: NoInput = False,
    _verbose: Verbose = False,
) -> None:
    """Run one tool with the arguments given, and print what it returns."""
    import asyncio

    from toollama.cli import approval
    from toollama.tools.registry import Registry

    spec = Registry.builtin().get(name).spec
    arguments = parse_arguments(args or [])
    result = asyncio.run(
        _run(
            name,
            arguments,
            granted=spec.effects if yes else frozenset(),
            approve=approval.approve if approval.can_ask(no_input=no_input) else None,
        )
    )
    if json:
        out.json({"tool": name, **asdict(result)})
    else:
        _show(result)


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_tools,
    "info": info,
    "run": run,
    "import": imports.import_spec,
    "schemas": imports.schemas,
}
"""The commands of this group by name."""


def parse_arguments(pairs: Sequence[str]) -> dict[str, Any]:
    """Return `key=text` and `key:=JSON` pairs as arguments; a repeated key makes a list.

    The notation is HTTPie's. Raises `InputError`.
    """
    from pydantic_core import from_json

    arguments: dict[str, Any] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator or not key.rstrip(":"):
            raise InputError(f"--arg {pair} is not key=value", fix="write it as --arg key=value")
        parsed: Any = value
        if key.endswith(":"):
            key = key.removesuffix(":")
            try:
                parsed = from_json(value)
            except ValueError as error:
                raise InputError(f"--arg {pair}: {error}", fix="write JSON after :=") from error
        if key not in arguments:
            arguments[key] = parsed
        elif isinstance(arguments[key], list):
            arguments[key].append(parsed)
        else:
            arguments[key] = [arguments[key], parsed]
    return arguments


async def _run(
    name: str,
    arguments: dict[str, Any],
    *,
    granted: "frozenset[Effect]",
    approve: "Approve | None",
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
            return await session.run_tool(name, arguments, approve=approve, granted=granted)
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


def _effects(spec: "ToolSpec") -> str:
    return ",".join(sorted(spec.effects)) or "none"


def _parameters(spec: "ToolSpec") -> dict[str, str]:
    """Return each parameter's type, need and description as one line."""
    schema = spec.parameters.model_json_schema()
    required = set(schema.get("required", ()))
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
        for name, field in schema.get("properties", {}).items()
    }


def _document(spec: "ToolSpec") -> dict[str, Any]:
    return {
        "name": spec.name,
        "summary": spec.summary,
        "parameters": spec.parameters.model_json_schema(),
        "effects": sorted(spec.effects),
        "egress": spec.egress,
        "hosts": spec.hosts,
        "credentials": spec.credentials,
        "packs": spec.packs,
        "deadline_s": spec.deadline_s,
        "verified_live": spec.verified_live,
        "origin": spec.origin,
        "utterances": spec.utterances,
    }
