"""The engine host of one program that talks in lines: commands come in, notices go out.

The lines are those of the socket (`wire`). Requests are served in their order, one at a time; what
steers the one being served is obeyed at once. Where lines come from and go to is the caller's.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from pydantic import ValidationError

from toollama.errors import InputError
from toollama.host import wire
from toollama.host.desk import Desk
from toollama.host.notices import EndedNotice, Notice, RequestCommand
from toollama.session import Session


class LineHost:
    """Serves lines over a session that it does not own. Call every method on its event loop."""

    def __init__(self, session: Session, write: Callable[[bytes], None]) -> None:
        """`write` takes each line that goes out, on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._desk = Desk(session, self._tell, turn=asyncio.Lock())
        self._write = write
        self._waiting: deque[RequestCommand] = deque()
        self._serving = False
        self._input_ended = False
        self._done = asyncio.Event()

    def take(self, line: bytes) -> None:
        """Obey one line; an empty one says nothing."""
        if not line.strip():
            return
        try:
            command = wire.read_command(line)
        except ValidationError:
            fault = InputError("not a command", fix="docs/pipes.md shows the lines")
            self._write(wire.notice_line(EndedNotice(error=fault.line())))
            return
        if isinstance(command, RequestCommand):
            self._waiting.append(command)
            self._go_on()
        else:
            self._desk.take(command)

    def end_input(self) -> None:
        """Take no more lines; what was asked is still served."""
        self._input_ended = True
        self._go_on()

    async def finished(self) -> None:
        """Wait until the input has ended and everything asked is served."""
        await self._done.wait()

    async def close(self) -> None:
        """Stop what goes on, and let its last notices out."""
        self._waiting.clear()
        await self._desk.close()
        await asyncio.sleep(0)

    def _tell(self, notice: Notice) -> None:
        self._loop.call_soon_threadsafe(self._told, notice)

    def _told(self, notice: Notice) -> None:
        self._write(wire.notice_line(notice))
        if isinstance(notice, EndedNotice):
            self._serving = False
            self._go_on()

    def _go_on(self) -> None:
        if self._serving:
            return
        if self._waiting:
            self._serving = True
            self._desk.take(self._waiting.popleft())
        elif self._input_ended:
            self._done.set()
