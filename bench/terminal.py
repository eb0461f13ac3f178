"""A program on a pseudo-terminal of its own: what it wrote, what is seen, which modes it left.

The terminal controls the program's session, so that it hangs up and suspends jobs as a real one
does. Nothing here judges the bytes; `bench.sequences` does.
"""

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, Self

import pyte

TOOLLAMA = (sys.executable, "-m", "toollama")
_READ_BYTES = 1 << 16
_POLL_S = 0.05


class Terminal:
    """A process whose three streams are one terminal of `columns` by `rows`."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environ: Mapping[str, str],
        columns: int = 80,
        rows: int = 24,
        seen: bool = True,
        stdout: int | None = None,
    ) -> None:
        """Start `command`; its answer may go to another `stdout`.

        `seen` keeps the picture of the screen, which costs time.
        """
        self._controller, terminal = os.openpty()
        _set_size(terminal, columns, rows)
        self.modes_before = termios.tcgetattr(terminal)
        self.process = subprocess.Popen(
            command,
            stdin=terminal,
            stdout=terminal if stdout is None else stdout,
            stderr=terminal,
            env=dict(environ),
            start_new_session=True,
            # Only the new session's leader can take the terminal, which no argument of Popen asks.
            preexec_fn=partial(fcntl.ioctl, 0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
        os.close(terminal)
        self.written = b""
        self._screen = pyte.Screen(columns, rows) if seen else None
        self._stream = pyte.ByteStream(self._screen) if seen else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.hang_up()
        self.process.wait()

    def type(self, keys: bytes) -> None:
        """Type, reading meanwhile: a terminal holds 4 KiB that nobody has read."""
        left = memoryview(keys)
        while left:
            _, writable, _ = select.select([], [self._controller], [], _POLL_S)
            if writable:
                left = left[os.write(self._controller, left[:1024]) :]
            self.read(0)

    def interrupt(self) -> None:
        """Send SIGINT to the process alone, as Ctrl-C does where it is the only one."""
        self.process.send_signal(signal.SIGINT)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; the kernel tells the program with SIGWINCH."""
        if self._screen is not None:
            self._screen.resize(rows, columns)
        _set_size(self._controller, columns, rows)

    def hang_up(self) -> None:
        """Close the terminal, as a window that is closed does."""
        if self._controller >= 0:
            os.close(self._controller)
            self._controller = -1

    def modes(self) -> list[Any]:
        """Return the line settings, as `termios.tcgetattr` does."""
        return termios.tcgetattr(self._controller)

    def until(self, holds: Callable[[], bool] | str, *, within_s: float = 30.0) -> None:
        """Read until something holds, or the screen shows a text; fail where it never does."""
        end_s = time.monotonic() + within_s
        while not (holds in self.text if isinstance(holds, str) else holds()):
            ended = self.process.poll() is not None and not self.read(0)
            assert not ended, (
                f"ended with {self.process.returncode}: {self.text or self.written[-2000:]!r}"
            )
            assert time.monotonic() < end_s, self.text or self.written[-2000:]
            self.read(_POLL_S)

    def until_written(self, text: str) -> None:
        """Read until the bytes hold a text, whatever the screen still shows of it."""
        self.until(lambda: text.encode() in self.written)

    def quiet(self, *, for_s: float = 0.3, within_s: float = 30.0) -> None:
        """Read until nothing was written for a while."""
        end_s = time.monotonic() + within_s
        while self.read(for_s) and time.monotonic() < end_s:
            pass

    def finish(self, *, within_s: float = 30.0) -> int:
        """Read to the end of the process; return its exit code."""
        end_s = time.monotonic() + within_s
        while self.process.poll() is None:
            assert time.monotonic() < end_s, self.text or self.written[-2000:]
            self.read(_POLL_S)
        while self.read(_POLL_S):
            pass
        return self.process.wait()

    @property
    def lines(self) -> list[str]:
        """Return the lines that the screen shows, without trailing blanks."""
        return [line.rstrip() for line in self._screen.display] if self._screen else []

    @property
    def text(self) -> str:
        """Return what the screen shows."""
        return "\n".join(self.lines)

    def read(self, wait_s: float) -> bool:
        """Take in what is written within a time; return whether there was any."""
        if self._controller < 0:
            return False
        ready, _, _ = select.select([self._controller], [], [], wait_s)
        if not ready:
            return False
        try:
            found = os.read(self._controller, _READ_BYTES)
        except OSError:  # Linux reports the closed other end so
            return False
        self.written += found
        if self._stream is not None:
            self._stream.feed(found)
        return bool(found)


def _set_size(descriptor: int, columns: int, rows: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
