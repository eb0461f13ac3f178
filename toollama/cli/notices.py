"""What the terminal itself is told of a run: progress in the taskbar, the title, a word at the end.

Nothing here is part of the output, so all of it is left out where a person reads plain text or a
program reads anything. Only our own words and figures are sent, never those of a model or a tool.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toollama.cli import out
from toollama.cli.activity import Activity, follow
from toollama.errors import Cancelled

if TYPE_CHECKING:
    from toollama.clock import Clock
    from toollama.config import TerminalSettings
    from toollama.events import Event

_PROGRESS_PROGRAMS = frozenset({"WezTerm", "ghostty"})
"""Terminals with a progress bar, by TERM_PROGRAM. Others take OSC 9;4 for a notification that says
`4;1;50`, as iTerm2 did, so the sequence goes only where it is known; Cargo has the same rule."""
_NOTIFYING_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "ghostty"})
"""Terminals that make a notification of OSC 9."""
_WORK = frozenset({"model.load.started", "inference.started"})
"""What a run begins with that takes a while; a run of tools alone is over before it is noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a terminal can be told by, and what its user wants to be told."""

    taskbar: bool
    title: bool
    notification: bool
    """The word at the end is a notification; else it is the bell."""
    notify_after_s: float
    """A run of at least so many seconds ends in a word; 0 is never."""


def means(environ: Mapping[str, str], settings: "TerminalSettings") -> Means:
    """Return what this terminal is told by. Pure."""
    program = environ.get("TERM_PROGRAM", "")
    windows = bool(environ.get("WT_SESSION")) or environ.get("ConEmuANSI") == "ON"
    return Means(
        taskbar=windows or program in _PROGRESS_PROGRAMS,
        title=settings.title,
        notification=program in _NOTIFYING_PROGRAMS,
        notify_after_s=settings.notify_after_s,
    )


class Notices:
    """A subscriber that keeps the taskbar and the title up to date."""

    def __init__(self, means: Means, clock: "Clock") -> None:
        self._means = means
        self._clock = clock
        self._activity = Activity()
        self._working = False
        self._told: int | None = -1

    def __call__(self, event: "Event") -> None:
        """Take in one event, and tell what has changed by it."""
        self._activity = follow(self._activity, event)
        self._working = self._working or event.type in _WORK
        percent = self._activity.percent
        if self._working and percent != self._told:
            self._told = percent
            self._tell(percent)

    def _tell(self, percent: int | None) -> None:
        if self._means.taskbar:
            out.taskbar(percent)
        if self._means.title:
            out.title("toollama" if percent is None else f"toollama {percent}%")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Take everything back after the block, and say that a long one has ended.

        Whoever stopped it knows.
        """
        started_s = self._clock.monotonic_s()
        stopped = False
        try:
            yield
        except (asyncio.CancelledError, Cancelled):
            stopped = True
            raise
        finally:
            with suppress(out.BrokenPipe):
                out.restore_terminal()
                after_s = self._means.notify_after_s
                if after_s and not stopped and self._clock.monotonic_s() - started_s >= after_s:
                    out.call_back("toollama is done", notification=self._means.notification)
