"""The signs of a state: never a colour alone, and all of them in ASCII too. Pure."""

from dataclasses import dataclass

from toollama.fold.models import Residency
from toollama.fold.plan import Status
from toollama.fold.units import duration, size

__all__ = ["ASCII", "STYLES", "UNICODE", "Marks", "bar", "duration", "size"]


@dataclass(frozen=True, slots=True)
class Marks:
    """One set of signs."""

    status: dict[Status, str]
    retry: str
    full: str
    empty: str
    warning: str
    critical: str
    info: str
    more: str
    leads: str
    prompt: str
    residency: dict[Residency, str]


UNICODE = Marks(
    status={
        "waiting": "·",
        "ready": "○",
        "running": "◐",
        "done": "✓",
        "partial": "◑",
        "failed": "✗",
        "skipped": "↷",
        "cancelled": "⊘",
    },
    retry="⟳",
    full="█",
    empty="░",
    warning="⚠",
    critical="✗",
    info="●",
    more="↓",
    leads="→",
    prompt="❯",
    residency={"away": "·", "loading": "▒", "idle": "━", "writing": "▄"},
)
ASCII = Marks(
    status={
        "waiting": ".",
        "ready": "o",
        "running": ">",
        "done": "ok",
        "partial": "~",
        "failed": "x",
        "skipped": "-",
        "cancelled": "!",
    },
    retry="r",
    full="#",
    empty=".",
    warning="!",
    critical="x",
    info="*",
    more="v",
    leads="->",
    prompt=">",
    residency={"away": ".", "loading": "~", "idle": "-", "writing": "#"},
)

STYLES: dict[Status, str] = {
    "waiting": "dim",
    "ready": "dim",
    "running": "bold",
    "done": "green",
    "partial": "yellow",
    "failed": "red",
    "skipped": "dim",
    "cancelled": "yellow",
}
"""Colours of the terminal's own palette."""


def bar(fraction: float, width: int, marks: Marks) -> str:
    """Return a bar of `width` cells."""
    filled = round(min(max(fraction, 0.0), 1.0) * width)
    return marks.full * filled + marks.empty * (width - filled)
