"""How output looks: drawn or raw, plain or not, in colour or not, how wide. Decided once. Pure.

`--plain`, a non-empty ACCESSIBLE other than 0, and TERM=dumb mean the same: nothing is redrawn and
nothing is coloured, so that a screen reader reads each line once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from toollama.cli.options import Render

MAX_COLUMNS = 100
"""Lines longer than this are hard to read, however wide the terminal is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was decided."""

    drawn: bool = False
    """Markdown is drawn block by block; else its text is passed on as it comes."""
    plain: bool = False
    colour: bool = False
    columns: int = 80


def is_plain(environ: Mapping[str, str]) -> bool:
    """Return whether the environment asks for output that is never redrawn."""
    return environ.get("ACCESSIBLE", "0") not in {"", "0"} or environ.get("TERM") == "dumb"


def decide(
    render: Render,
    *,
    plain: bool,
    columns: int | None,
    environ: Mapping[str, str],
    terminal: bool,
    terminal_columns: int,
    colour: bool,
) -> Look:
    """Return the look of a stdout that is a terminal or not; `colour` is what `out` allows it."""
    plain = plain or is_plain(environ)
    drawn = render is Render.ALWAYS or (render is Render.AUTO and terminal and not plain)
    return Look(
        drawn=drawn,
        plain=plain,
        colour=colour and not plain,
        columns=columns or min(terminal_columns, MAX_COLUMNS),
    )
