"""How a screen asks and is told: commands go in, notices come out of a bounded queue."""

from collections import deque
from threading import Lock
from typing import Protocol

from toollama.events.payloads import UNSTORED_TYPES
from toollama.host.notices import Command, EventNotice, Notice

QUEUE_LIMIT = 4096


class Crew(Protocol):
    """What a screen talks to. No method blocks."""

    def send(self, command: Command) -> None:
        """Carry out a command some time soon."""
        ...

    def drain(self, most: int) -> list[Notice]:
        """Return at most `most` notices, oldest first."""
        ...

    def close(self) -> None:
        """Stop what goes on and free what is held."""
        ...


class NoticeQueue:
    """Notices on their way to a screen. Safe to fill from any thread.

    When the screen is behind, pieces of the answer and load progress are dropped: later events
    repeat what they tell. Everything else is kept.
    """

    def __init__(self, limit: int = QUEUE_LIMIT) -> None:
        self._notices: deque[Notice] = deque()
        self._limit = limit
        self._lock = Lock()
        self.dropped = 0

    def put(self, notice: Notice) -> None:
        """Add a notice, or drop it where it may be missed and the queue is full."""
        with self._lock:
            if len(self._notices) >= self._limit and may_be_missed(notice):
                self.dropped += 1
                return
            self._notices.append(notice)

    def drain(self, most: int) -> list[Notice]:
        """Return at most `most` notices, oldest first."""
        with self._lock:
            return [self._notices.popleft() for _ in range(min(most, len(self._notices)))]


def may_be_missed(notice: Notice) -> bool:
    """Return whether a later notice tells the same."""
    return isinstance(notice, EventNotice) and notice.event.type in UNSTORED_TYPES
