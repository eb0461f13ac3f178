"""A recorded run as a `Crew`: its events come again in their own time, and no model is needed.

Owns its own time: it can stand still, go on by one event, and go faster or slower.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from toollama.clock import Clock
from toollama.errors import InputError
from toollama.events import Event
from toollama.host.crew import NoticeQueue
from toollama.host.notices import (
    AmendCommand,
    Command,
    EndedNotice,
    EventNotice,
    Notice,
    NotTakenNotice,
    RequestCommand,
)

SLOWEST, FASTEST = 0.125, 64.0
"""Times the recorded speed."""
LONGEST_PAUSE_S = 3.0
"""A person's own time to answer a question is not replayed."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a replay has come."""

    event: int
    """Of how many events `count` this one was shown last; 0 before the first."""
    count: int
    at_s: float
    """Recorded seconds from the first event to the one shown last."""
    whole_s: float
    speed: float
    """Times the recorded speed; 0 is all at once."""
    paused: bool


class ReplayCrew:
    """Plays the events of one run."""

    def __init__(
        self,
        events: Sequence[Event],
        clock: Clock,
        *,
        speed: float = 1.0,
        until_seq: int | None = None,
    ) -> None:
        """Play at `speed` times the recorded time; 0 is all at once."""
        self._events = [e for e in events if until_seq is None or e.seq <= until_seq]
        self._due_s = _times_s(self._events)
        self._clock = clock
        self._read_s = clock.monotonic_s()
        self._played_s = 0.0
        self._speed = speed
        self._paused = False
        self._at = 0
        self._told = NoticeQueue()

    def send(self, command: Command) -> None:
        """Refuse a request: a replay has no model to serve it."""
        if isinstance(command, RequestCommand):
            refused = InputError("a replay answers nothing new", fix="toollama tui")
            self._told.put(EndedNotice(error=refused.line()))
        elif isinstance(command, AmendCommand):
            self._told.put(NotTakenNotice(text=command.text))

    def drain(self, most: int) -> list[Notice]:
        """Return the events that are due by now, at most `most`."""
        self._let_time_pass()
        while self._at < len(self._due_s) and self._due_s[self._at] <= self._played_s:
            self._tell_next()
        return self._told.drain(most)

    def close(self) -> None:
        """Free nothing: there is nothing."""

    @property
    def position(self) -> Position:
        """Return how far the replay has come."""
        return Position(
            event=self._at,
            count=len(self._events),
            at_s=self._recorded_s(self._at - 1),
            whole_s=self._recorded_s(len(self._events) - 1),
            speed=self._speed,
            paused=self._paused,
        )

    def pause(self) -> None:
        """Stand still, or go on."""
        self._let_time_pass()
        self._paused = not self._paused

    def step(self) -> None:
        """Show the next event and stand still."""
        self._let_time_pass()
        self._paused = True
        if self._at < len(self._events):
            self._played_s = max(self._played_s, self._due_s[self._at])
            self._tell_next()

    def change_speed(self, factor: float) -> None:
        """Go `factor` times as fast as now."""
        self._let_time_pass()
        if self._speed:
            self._speed = min(max(self._speed * factor, SLOWEST), FASTEST)

    def _let_time_pass(self) -> None:
        now_s = self._clock.monotonic_s()
        if not self._paused:
            passed_s = (now_s - self._read_s) * self._speed
            self._played_s = self._played_s + passed_s if self._speed else math.inf
        self._read_s = now_s

    def _tell_next(self) -> None:
        self._told.put(EventNotice(event=self._events[self._at]))
        self._at += 1
        if self._at == len(self._events):
            self._told.put(EndedNotice())

    def _recorded_s(self, at: int) -> float:
        if not 0 <= at < len(self._events):
            return 0.0
        return (self._events[at].ts - self._events[0].ts).total_seconds()


def _times_s(events: Sequence[Event]) -> list[float]:
    """Return when each event comes, in recorded seconds without the longer pauses."""
    times: list[float] = []
    at_s = 0.0
    for before, event in zip([None, *events[:-1]], events, strict=True):
        if before is not None:
            pause_s = max((event.ts - before.ts).total_seconds(), 0.0)
            at_s += min(pause_s, LONGEST_PAUSE_S)
        times.append(at_s)
    return times
