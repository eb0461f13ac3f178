"""What a run waits to be told, and what was typed for it: the newest line stands last."""

from collections.abc import Sequence

from textual.widgets import Static

from toollama.agents.messages import Question
from toollama.text import visible

_BETWEEN = "  |  "
_ROWS = 2
"""As many as the stylesheet gives it."""


class QueueLine(Static):
    """Shown only while something waits."""

    def __init__(self) -> None:
        super().__init__("", id="queue", markup=False)

    def show(self, question: Question | None, waiting: Sequence[str]) -> None:
        """Draw the question and as many of the newest lines as there is room for."""
        lines = [asked(question)] if question else []
        room = _ROWS * (self.app.size.width - 2) - sum(map(len, lines))
        lines += newest(waiting, room=room)
        self.display = bool(lines)
        self.update(visible(_BETWEEN.join(lines)))


def asked(question: Question) -> str:
    """Return a question with its options, by the numbers that choose them."""
    options = [f"{number} {option}" for number, option in enumerate(question.options, start=1)]
    return "  ".join([question.text, *options])


def newest(lines: Sequence[str], *, room: int) -> list[str]:
    """Return the last lines that fit into `room` cells, one at least, and how many are left out."""
    shown: list[str] = []
    left = room - len("999 more: /queue")
    for line in reversed(lines):
        left -= len(_BETWEEN) + len(line)
        if left < 0 and shown:
            break
        shown.insert(0, line)
    more = len(lines) - len(shown)
    return [f"{more} more: /queue", *shown] if more else shown
