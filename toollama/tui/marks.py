"""The signs of a state: never a colour alone, and all of them in ASCII too. Pure."""

from dataclasses import dataclass

from toollama.fold.models import Residency
from toollama.fold.plan import Status


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


def duration(seconds: float) -> str:
    """Return seconds in at most six cells."""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02d}s"


def size(count: float) -> str:
    """Return bytes in binary units, such as `1.6G`."""
    if count < 2**30:
        return f"{count / 2**20:.0f}M"
    return f"{count / 2**30:.1f}G"
