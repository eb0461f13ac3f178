"""The engine host: one session behind a Unix socket, a desk for every screen that connects.

The socket has mode 0600 in a directory of mode 0700, so only the same user can ask. Requests of
several screens are served one after another.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from toollama.errors import InputError
from toollama.host import wire
from toollama.host.crew import may_be_missed
from toollama.host.desk import Desk, Tell
from toollama.host.notices import EndedNotice, Notice
from toollama.session import Session

_BEHIND_BYTES = 4 * 1024 * 1024
"""What a screen may lag before pieces of answers are left out for it."""


class Host:
    """Serves screens over a session that it does not own."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._turn = asyncio.Lock()
        self._screens: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @asynccontextmanager
    async def listening(self, path: Path) -> AsyncIterator[None]:
        """Accept screens on a socket while the block runs. Raises `OSError`."""
        _make_room(path)
        before = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(self._serve, path, limit=wire.MOST_LINE_BYTES)
        finally:
            os.umask(before)
        try:
            yield
        finally:
            server.close()
            await self._send_away()
            _remove(path)

    async def _send_away(self) -> None:
        """Let every screen that is still connected go, and wait until it is gone."""
        screens = dict(self._screens)
        for writer in screens.values():
            writer.transport.abort()
        await asyncio.gather(*screens, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        screen = asyncio.current_task()
        assert screen is not None
        self._screens[screen] = writer
        screen.add_done_callback(self._screens.pop)

        def tell(notice: Notice) -> None:
            loop.call_soon_threadsafe(_write, writer, notice)

        desk = Desk(self._session, tell, turn=self._turn)
        try:
            await _obey(reader, desk, tell)
        finally:
            await desk.close()
            writer.transport.abort()  # a screen that is gone reads nothing more
            with suppress(OSError):
                await writer.wait_closed()


def _make_room(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remove(path)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


async def _obey(reader: asyncio.StreamReader, desk: Desk, tell: Tell) -> None:
    """Carry out commands until the screen is gone."""
    with suppress(ConnectionError, asyncio.LimitOverrunError, ValueError):
        while line := await reader.readline():
            try:
                desk.take(wire.read_command(line))
            except ValidationError:
                fault = InputError("not a command of this version", fix="toollama --version")
                tell(EndedNotice(error=fault.line()))


def _write(writer: asyncio.StreamWriter, notice: Notice) -> None:
    if writer.is_closing():
        return
    behind = writer.transport.get_write_buffer_size() > _BEHIND_BYTES
    if not (behind and may_be_missed(notice)):
        writer.write(wire.notice_line(notice))
