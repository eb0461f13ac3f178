"""The last gate before the terminal: no drawn line carries a character that a terminal acts on.

Data is made `Visible` where it enters a view; this filter holds for whatever was forgotten, for
text typed by the user, and for text of the libraries.
"""

from collections.abc import Iterable

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from toollama.text import visible

_BREAKS = str.maketrans({"\n": "\N{SYMBOL FOR NEWLINE}", "\t": " "})


class Scrub(LineFilter):
    """Replaces control, bidi and surrogate characters one by one, so that widths stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the line without any of them; segments that are clean stay as they are."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [
            segment
            if segment.text.isprintable()
            else Segment(scrubbed(segment.text), segment.style, segment.control)
            for segment in segments
        ]

    def clean(self, segments: Iterable[Segment]) -> list[Segment]:
        """Return what is printed after the screen is gone; line feeds and controls stay."""
        return [
            segment
            if segment.control or segment.text == "\n"
            else Segment(visible(segment.text), segment.style)
            for segment in segments
        ]


def scrubbed(text: str) -> str:
    """Return the text as part of one line that is safe to draw."""
    return visible(text).translate(_BREAKS)
