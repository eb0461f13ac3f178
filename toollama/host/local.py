"""A session in this process, on a thread with an event loop of its own.

The screen's loop never runs engine work, and a busy engine never delays a key.
"""

import asyncio
from collections.abc import Callable
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING

from toollama.errors import RunFailed, ToolLamaError
from toollama.host.crew import NoticeQueue
from toollama.host.desk import Desk
from toollama.host.notices import Command, EndedNotice, Notice

if TYPE_CHECKING:
    from toollama.session import Session

_LEAVE_AFTER_S = 5.0


class LocalCrew:
    """A `Crew` over a session that is opened on its own thread."""

    def __init__(self, open_session: "Callable[[], Session] | None" = None) -> None:
        """Start the thread; `open_session` runs on it, at the first command."""
        self._open_session = open_session or _open_session
        self._queue = NoticeQueue()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._session: Session | None = None
        self._desk: Desk | None = None
        self._ready = Flag()
        self._thread = Thread(target=self._work, name="toollama-session", daemon=True)
        self._thread.start()
        self._ready.wait()

    def send(self, command: Command) -> None:
        """Carry out a command on the session's loop."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, command)

    def drain(self, most: int) -> list[Notice]:
        """Return at most `most` notices, oldest first."""
        return self._queue.drain(most)

    def close(self) -> None:
        """End the run and the session; give up on an engine that does not let go in time."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout=_LEAVE_AFTER_S)

    def _work(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._live())
        finally:
            self._loop.close()

    async def _live(self) -> None:
        self._ready.set()
        await self._stop.wait()
        if self._desk is not None:
            await self._desk.close()
        if self._session is not None:
            await self._session.close()

    def _take(self, command: Command) -> None:
        try:
            self._opened().take(command)
        except ToolLamaError as error:
            self._queue.put(EndedNotice(error=error.line()))
        except Exception as error:  # noqa: BLE001 - the screen outlives a fault of the session
            fault = RunFailed(f"{type(error).__name__}", fix="toollama doctor", code="internal")
            self._queue.put(EndedNotice(error=fault.line()))

    def _opened(self) -> Desk:
        if self._desk is None:
            self._session = self._open_session()
            self._desk = Desk(self._session, self._queue.put, turn=asyncio.Lock())
        return self._desk


def _open_session() -> "Session":
    from toollama.session import Session  # the crew and its tools, which the first screen need not

    return Session.open()
