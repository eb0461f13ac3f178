"""Another process's run as a `Crew`: its events are read from the run log while it goes on.

The log needs no connection to the other process; what is not stored (pieces of the answer, load
progress) is seen only once it is whole.
"""

from toollama.clock import Clock
from toollama.errors import InputError, StoreError
from toollama.events import TERMINAL_TYPES
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
from toollama.store import Store

POLL_EVERY_S = 0.25


class AttachedCrew:
    """Follows one run of the log."""

    def __init__(self, store: Store, run_id: str, clock: Clock) -> None:
        self._store = store
        self._run_id = run_id
        self._clock = clock
        self._next_poll_s = 0.0
        self._last_seq = 0
        self._ended = False
        self._queue = NoticeQueue()

    def send(self, command: Command) -> None:
        """Refuse a request: the run belongs to another process."""
        if isinstance(command, RequestCommand):
            refused = InputError("this screen only watches", fix="toollama tui")
            self._queue.put(EndedNotice(error=refused.line()))
        elif isinstance(command, AmendCommand):
            self._queue.put(NotTakenNotice(text=command.text))

    def drain(self, most: int) -> list[Notice]:
        """Return at most `most` events that were not returned before."""
        now_s = self._clock.monotonic_s()
        if not self._ended and now_s >= self._next_poll_s:
            self._next_poll_s = now_s + POLL_EVERY_S
            self._poll()
        return self._queue.drain(most)

    def close(self) -> None:
        """Close the log."""
        self._store.close()

    def _poll(self) -> None:
        try:
            events = self._store.events(self._run_id, after_seq=self._last_seq)
        except StoreError as error:  # a locked or full disk; the next poll may succeed
            self._queue.put(EndedNotice(error=error.line()))
            return
        for event in events:
            self._last_seq = event.seq
            self._queue.put(EventNotice(event=event))
            if event.type in TERMINAL_TYPES:
                self._ended = True
                self._queue.put(EndedNotice())
