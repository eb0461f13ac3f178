"""What of a run is shown, and where: the output options of `ask` and its like, decided once."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from toollama.cli import out
from toollama.cli.look import Look, decide, is_plain
from toollama.cli.options import Colour, Render
from toollama.errors import InputError
from toollama.host import files

SHOWABLE = ("plan", "trace", "sources", "usage", "reasoning")
"""What `--show` takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What of a run is shown, and where."""

    json: bool = False
    jsonl: bool = False
    quiet: bool = False
    verbosity: int = 0
    """1 tells every event on a line, 2 with all of its data."""
    format: str = ""
    """`text` or `markdown` where the answer is to be printed as that, whole, at its end."""
    document: bool = False
    """The answer is a JSON document of the user's own form: stdout carries nothing else."""
    output: Path | None = None
    """The file that takes what stdout would."""
    extract: str | None = None
    """The language of the one code block to print; `""` takes the first of any."""
    show: frozenset[str] = frozenset()
    look: Look = field(default_factory=Look)

    @property
    def prose(self) -> bool:
        """Return whether stdout carries the answer as text."""
        return not (self.json or self.jsonl)

    @property
    def streamed(self) -> bool:
        """Return whether the answer is written as it comes."""
        whole = self.format or self.output or self.extract is not None
        return self.prose and not whole

    @property
    def traced(self) -> bool:
        """Return whether every event is told."""
        return self.verbosity > 0 or "trace" in self.show

    @property
    def with_sources(self) -> bool:
        """Return whether the sources stand below the answer."""
        shown = not self.quiet or "sources" in self.show
        return shown and not self.document and self.extract is None

    @property
    def noticed(self) -> bool:
        """Return whether the terminal itself is told of the run: its taskbar, its bell."""
        return self.prose and not (self.quiet or self.look.plain) and out.has_status_line()

    @property
    def animated(self) -> bool:
        """Return whether a status line is shown while the run goes on."""
        return self.noticed and not self.traced

    @property
    def narrated(self) -> bool:
        """Return whether what goes on is told in lines of its own, for those who hear them."""
        silent = self.quiet or self.traced or not self.prose
        return self.look.plain and not silent and out.is_terminal(sys.stderr)


def look(render: Render, *, plain: bool, width: int | None, colour: Colour) -> Look:
    """Return how stdout looks here."""
    out.set_colour("never" if plain or is_plain(os.environ) else colour.value)
    terminal = out.is_terminal(sys.stdout)
    return decide(
        render,
        plain=plain,
        columns=width,
        environ=os.environ,
        terminal=terminal and _shows_lines(),
        terminal_columns=out.columns(),
        colour=out.has_colour(os.environ, terminal=terminal),
    )


def _shows_lines() -> bool:
    """Return whether stdout can show the bullets and lines that are drawn."""
    return (sys.stdout.encoding or "").lower().startswith("utf")


def parts(show: str | None) -> frozenset[str]:
    """Return what `--show` names. Raises `InputError`."""
    named = frozenset(part.strip() for part in (show or "").split(",") if part.strip())
    if unknown := sorted(named.difference(SHOWABLE)):
        raise InputError(
            f"--show {', '.join(unknown)} is not known", fix=f"--show {','.join(SHOWABLE)}"
        )
    return named


def check(view: View) -> None:
    """Raise `InputError` for options that exclude each other, or a file that cannot be written."""
    if view.json and view.jsonl:
        raise InputError("--json and --jsonl exclude each other", fix="give one of them")
    if view.jsonl and view.output:
        raise InputError("--jsonl goes to stdout", fix="leave out -o and write > FILE")
    if view.extract is not None and not view.prose:
        raise InputError("-x prints code, not JSON", fix="leave out -x or --json")
    if view.output:
        files.check(view.output)
