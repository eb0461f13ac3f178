"""The engine host: one session behind a Unix socket, a desk for every screen that connects.

The socket has mode 0600 in a directory of mode 0700, so only the same user can ask. Requests of
several screens are served one after another.
"""

import asyncio
import os
import socket
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
        self._screens: dict[asyncio.Task[None], socket.socket] = {}

    @asynccontextmanager
    async def listening(self, path: Path) -> AsyncIterator[None]:
        """Accept screens on a socket while the block runs. Raises `OSError`."""
        door = _door(path)
        loop = asyncio.get_running_loop()
        loop.add_reader(door, self._let_in, door)
        try:
            yield
        finally:
            loop.remove_reader(door)
            door.close()
            await self._send_away()
            _remove(path)

    def _let_in(self, door: socket.socket) -> None:
        """Accept one screen, here and not in `asyncio.Server`.

        That one loses a connection that it accepts just before it is closed (CPython 3.11): such a
        screen would never be told that its host has ended.
        """
        try:
            connection, _ = door.accept()
        except OSError:  # it gave up while it waited
            return
        screen = asyncio.create_task(self._serve(connection))
        self._screens[screen] = connection
        screen.add_done_callback(self._screens.pop)

    async def _send_away(self) -> None:
        """Let every screen that is still connected go, and wait until it is gone."""
        screens = dict(self._screens)
        for connection in screens.values():
            with suppress(OSError):  # it has left by itself
                connection.shutdown(socket.SHUT_RDWR)
        await asyncio.gather(*screens, return_exceptions=True)

    async def _serve(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        connection.settimeout(0.0)
        reader, writer = await asyncio.open_unix_connection(
            sock=connection, limit=wire.MOST_LINE_BYTES
        )

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


def _door(path: Path) -> socket.socket:
    """Return a socket that listens at `path` and that nobody else may open."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remove(path)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.settimeout(0.0)
    before = os.umask(0o177)
    try:
        door.bind(str(path))
        door.listen()
    except OSError:
        door.close()
        raise
    finally:
        os.umask(before)
    return door


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
