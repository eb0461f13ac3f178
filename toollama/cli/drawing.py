"""Blocks of Markdown as lines of a terminal, drawn with Rich. Pure.

Code is shown as it stands, so that it can be copied; colours are the terminal's own sixteen.
"""

import io
import re
import textwrap
from typing import TYPE_CHECKING, Any

from toollama.cli.look import Look
from toollama.fold.blocks import Block

if TYPE_CHECKING:
    from rich.markdown import Markdown

_CYAN, _DIM, _RESET = "\x1b[36m", "\x1b[2m", "\x1b[0m"
_STYLED_NOTHING = re.compile(r"\x1b\[[0-9;]+m\x1b\[0m")
_TRAILING = re.compile(r"[ \t]+((?:\x1b\[[0-9;]*m)*)$", re.MULTILINE)
_INDENT = re.compile(r" *")
_MAX_INDENT = 8


def draw(block: Block, look: Look) -> str:
    """Return a block, whose text is `Visible`, as text with SGR sequences and nothing else."""
    if block.kind == "markdown":
        return _markdown(block.text, look)
    if not look.colour:
        return block.text
    style = _DIM if block.kind == "fence" else _CYAN
    line = block.text.rstrip("\n")
    return f"{style}{line}{_RESET}{block.text[len(line) :]}"


def _markdown(text: str, look: Look) -> str:
    body = text.rstrip("\n")
    if not body.strip():
        return "\n"
    indent = min(len(_INDENT.match(body)[0]), _MAX_INDENT)  # type: ignore[index]
    drawn = _drawn(textwrap.dedent(body), look, columns=look.columns - indent)
    lines = textwrap.indent(drawn, " " * indent)
    blank_after = len(text) - len(body) > 1
    return f"{lines}\n\n" if blank_after else f"{lines}\n"


def _drawn(text: str, look: Look, *, columns: int) -> str:
    from rich.console import Console

    canvas = io.StringIO()
    console = Console(
        file=canvas,
        width=columns,
        force_terminal=look.colour,
        color_system="standard" if look.colour else None,
        no_color=not look.colour,
        legacy_windows=False,
        highlight=False,
        emoji=False,
    )
    console.print(_document(text))
    text = _TRAILING.sub(r"\1", canvas.getvalue())
    return _STYLED_NOTHING.sub("", text).strip("\n")


def _document(text: str) -> "Markdown":
    from rich.markdown import Heading, Markdown
    from rich.text import Text

    class LeftHeading(Heading):
        """A heading at the left margin, told by its style and its marks."""

        def __rich_console__(self, console: Any, options: Any) -> Any:
            marks = Text(f"{'#' * int(self.tag.removeprefix('h'))} ", style="bold")
            yield Text.assemble(marks, self.text)

    class Document(Markdown):
        elements = {**Markdown.elements, "heading_open": LeftHeading}  # noqa: RUF012 - as in Rich

    # Rich would make links act on a click; the address is shown instead.
    return Document(text, hyperlinks=False, inline_code_theme="ansi_dark")
