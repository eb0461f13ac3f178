"""The last gate before the terminal: no drawn line carries a character that a terminal acts on.

Data is made `Visible` where it enters a view; this filter holds for whatever was forgotten, for
text typed by the user, and for text of the libraries.
"""

from collections.abc import Iterable

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from toollama.text import visible

_PLAIN = str.maketrans("…→←—–•·“”‘’×↓↑⏎", ".><--*.\"\"''xv^<")
"""The signs of our own texts, for terminals without them: one cell each, as they are."""
_BREAKS = str.maketrans({"\n": "\N{SYMBOL FOR NEWLINE}", "\t": " "})


class Scrub(LineFilter):
    """Replaces control, bidi and surrogate characters one by one, so that widths stay."""

    def __init__(self, *, ascii_only: bool = False) -> None:
        """With `ascii_only` the arrows, dashes and quotes of our own texts become ASCII too."""
        super().__init__()
        self._ascii_only = ascii_only

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the line without any of them; segments that are clean stay as they are."""
        if all(self._is_clean(segment.text) for segment in segments):
            return segments
        return [
            segment
            if self._is_clean(segment.text)
            else Segment(self._cleaned(segment.text), segment.style, segment.control)
            for segment in segments
        ]

    def _is_clean(self, text: str) -> bool:
        return text.isprintable() and (not self._ascii_only or text.isascii())

    def _cleaned(self, text: str) -> str:
        return scrubbed(text).translate(_PLAIN) if self._ascii_only else scrubbed(text)

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
