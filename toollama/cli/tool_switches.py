"""`toollama tools enable|disable|docs`: which tools are on, and the page that describes them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from toollama.cli import out
from toollama.errors import InputError, UnknownName

Names = Annotated[list[str] | None, typer.Argument(help="Tools, from `toollama tools list`.")]
OfPack = Annotated[
    str | None, typer.Option("--pack", help="Every tool of this pack, such as drummer.search.")
]
Trust = Annotated[
    Path | None,
    typer.Option("--trust", help="A Python file of your own in the tools folder, to run as it is."),
]


def enable(names: Names = None, *, pack: OfPack = None, trust: Trust = None) -> None:
    """Switch tools on, or trust a file of your own tools as it is now."""
    from toollama.tools.discovery import switches

    chosen = switches.load()
    if trust is not None:
        chosen = chosen.with_trusted(trust)
        out.note(f"{trust.name} runs as long as it stays as it is now")
    on = _named(names or [], pack, required=trust is None)
    switches.save(chosen.with_enabled(on))
    if on:
        out.note(f"enabled: {', '.join(on)}")
        _tell_what_is_lacking(on)


def disable(names: Names = None, *, pack: OfPack = None) -> None:
    """Switch tools off: no model hears of them, and they do not run."""
    from toollama.tools.discovery import switches

    off = _named(names or [], pack, required=True)
    switches.save(switches.load().with_disabled(off))
    out.note(f"disabled: {', '.join(off)}")


def docs() -> None:
    """Print the page that describes every tool (docs/tools.md), as Markdown."""
    from toollama.tools.discovery import discover, gone
    from toollama.tools.discovery.page import page

    out.data(page(discover().entries, gone.load()))


def _tell_what_is_lacking(names: Sequence[str]) -> None:
    from toollama.tools.discovery.survey import survey

    found = survey()
    for row in map(found.row, names):
        if row.standing.state != "ready":
            out.warn(f"{row.entry.name} {row.standing} — fix: {row.standing.fix}")


def _named(names: Sequence[str], pack: str | None, *, required: bool) -> list[str]:
    """Return the tools meant. Raises `UnknownName` or `InputError`."""
    from toollama.tools.discovery import discover

    found = discover()
    chosen = {found.entry(name).name for name in names}
    if pack is not None:
        of_pack = {entry.name for entry in found.entries if pack in entry.packs}
        if not of_pack:
            raise UnknownName(f"no tool is of the pack {pack}", fix="toollama tools list --json")
        chosen |= of_pack
    if required and not chosen:
        raise InputError("no tool was named", fix="toollama tools list")
    return sorted(chosen)
