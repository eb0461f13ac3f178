"""Lines for a terminal outside UTF-8: what the libraries draw, in signs that it can show.

The program's own signs come from `tui.marks`; guides, scrollbars and underlines are Textual's. A
character of the user's text stays where the terminal's encoding has it, and keeps its width where
it has not.
"""

import sys

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_BOX = range(0x2500, 0x2580)
_BLOCK = range(0x2580, 0x25A0)
_SIGNS = {
    **dict.fromkeys("─━═╌╍┄┅┈┉╴╶╸╺╼╾", "-"),
    **dict.fromkeys("│┃║╎╏┆┇┊┋╵╷╹╻", "|"),
    **dict.fromkeys("▲▴△", "^"),
    **dict.fromkeys("▼▾▽", "v"),
    **dict.fromkeys("▶▸▷❯›", ">"),
    **dict.fromkeys("◀◂◁‹", "<"),
    **dict.fromkeys("–—", "-"),
    **dict.fromkeys("•●·", "*"),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”„", '"'),
    **dict(zip("…→←↓↑×⏎", "~><v^x<", strict=True)),
}


class AsciiLines(LineFilter):
    """Draws with ASCII what is drawn, and shows a `?` per cell for what cannot be encoded."""

    def __init__(self, encoding: str = "") -> None:
        """Write for a terminal of `encoding`; none is that of stderr, which Textual draws on."""
        super().__init__()
        self._encoding = encoding or getattr(sys.__stderr__, "encoding", None) or "ascii"
        self._signs: dict[str, str] = dict(_SIGNS)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the line in signs of the same width; segments in ASCII stay as they are."""
        return [
            segment
            if segment.text.isascii()
            else Segment("".join(map(self._sign, segment.text)), segment.style, segment.control)
            for segment in segments
        ]

    def _sign(self, character: str) -> str:
        if character not in self._signs:
            self._signs[character] = _drawn(character) or self._shown(character)
        return self._signs[character]

    def _shown(self, character: str) -> str:
        try:
            character.encode(self._encoding)
        except UnicodeEncodeError:
            return "?" * cell_len(character)
        return character


def _drawn(character: str) -> str:
    """Return what stands for a corner, a crossing or a block; empty for any other character."""
    code = ord(character)
    if code in _BOX:
        return "+"
    return "#" if code in _BLOCK else ""
