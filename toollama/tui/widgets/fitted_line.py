"""One line of parts, for any width: the least important of them go where there is no room."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from toollama.tui.marks import Marks


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line; of the pieces that do not fit, the highest `rank` goes first."""

    text: str
    rank: int
    style: str = ""


class FittedLine(Static):
    """One line of parts that leaves out the least important ones where there is no room."""

    def __init__(self, marks: Marks, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__("", id=id, markup=False)
        self._marks = marks
        self._parts: list[Part] = []

    def on_resize(self) -> None:
        """Draw what fits the new width."""
        self.draw(self._parts)

    def draw(self, parts: list[Part]) -> None:
        """Draw the parts that fit."""
        self._parts = parts
        shown = fitting(parts, self.content_size.width)
        self.update(Content("  ").join(Content.styled(part.text, part.style) for part in shown))


def fitting(parts: Sequence[Part], width: int) -> list[Part]:
    """Return the parts that stand on a line of `width` cells, in their order.

    One that is more important is never left out for one that is less.
    """
    shown = list(parts)
    while len(shown) > 1 and _cells(shown) > width:
        shown.remove(max(shown, key=lambda part: part.rank))
    return shown


def _cells(parts: Sequence[Part]) -> int:
    return sum(cell_len(part.text) for part in parts) + 2 * (len(parts) - 1)
