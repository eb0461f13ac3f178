"""A recorded run as a `Crew`: its events come again in their own time, and no model is needed."""

from collections.abc import Sequence

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

LONGEST_PAUSE_S = 3.0
"""A person's own time to answer a question is not replayed."""


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
        kept = [event for event in events if until_seq is None or event.seq <= until_seq]
        self._due = list(zip(_times_s(kept, speed), kept, strict=True))
        self._clock = clock
        self._began_s = clock.monotonic_s()
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
        elapsed_s = self._clock.monotonic_s() - self._began_s
        found: list[Notice] = self._told.drain(most)
        while self._at < len(self._due) and len(found) < most:
            due_s, event = self._due[self._at]
            if due_s > elapsed_s:
                break
            found.append(EventNotice(event=event))
            self._at += 1
            if self._at == len(self._due):
                found.append(EndedNotice())
        return found

    def close(self) -> None:
        """Free nothing: there is nothing."""


def _times_s(events: Sequence[Event], speed: float) -> list[float]:
    times: list[float] = []
    at_s = 0.0
    for before, event in zip([None, *events[:-1]], events, strict=True):
        if before is not None and speed > 0:
            pause_s = max((event.ts - before.ts).total_seconds(), 0.0)
            at_s += min(pause_s, LONGEST_PAUSE_S) / speed
        times.append(at_s)
    return times
