"""A `Crew` over the socket of an engine host in another process."""

import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

from pydantic import ValidationError

from toollama.errors import RunFailed
from toollama.host import wire
from toollama.host.crew import NoticeQueue
from toollama.host.notices import Command, EndedNotice, Notice

_CONNECT_WITHIN_S = 10.0


class SocketCrew:
    """Sends commands to a host; a thread reads what it tells."""

    def __init__(self, path: Path, *, when_gone: Callable[[], object] | None = None) -> None:
        """Connect to the host that listens at `path`; `when_gone` is called on another thread.

        Raises `RunFailed`.
        """
        self._when_gone = when_gone
        self._queue = NoticeQueue()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(_CONNECT_WITHIN_S)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise RunFailed(
                f"no engine host listens at {path}", fix="toollama serve --web"
            ) from error
        self._socket.settimeout(None)
        self._open = True
        self._thread = Thread(target=self._read, name="toollama-notices", daemon=True)
        self._thread.start()

    def send(self, command: Command) -> None:
        """Send a command; where the host is gone, say so."""
        try:
            self._socket.sendall(wire.command_line(command))
        except OSError:
            self._tell_gone()

    def drain(self, most: int) -> list[Notice]:
        """Return at most `most` notices, oldest first."""
        return self._queue.drain(most)

    def close(self) -> None:
        """Leave the host; it stops what this screen asked for."""
        self._open = False
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=_CONNECT_WITHIN_S)

    def _read(self) -> None:
        with suppress(OSError, ValueError), self._socket.makefile("rb") as lines:
            for line in lines:
                with suppress(ValidationError):  # a newer host says what this version cannot show
                    self._queue.put(wire.read_notice(line))
        if self._open:
            self._tell_gone()
            if self._when_gone is not None:
                self._when_gone()

    def _tell_gone(self) -> None:
        fault = RunFailed("the engine host has ended", fix="toollama serve --web", code="host.gone")
        self._queue.put(EndedNotice(error=fault.line()))
