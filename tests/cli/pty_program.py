"""The program on a terminal of its own: what it wrote, byte by byte, and what a person sees."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

from tests.cli.harness import FAKE_PROGRAM


class PtyProgram:
    """A process whose three streams are one terminal; `stdout` may be a pipe instead."""

    def __init__(
        self,
        *arguments: str,
        scene: str,
        columns: int = 80,
        rows: int = 24,
        stdout: int | None = None,
        environ: Mapping[str, str] | None = None,
        program: Sequence[str] = (sys.executable, str(FAKE_PROGRAM)),
    ) -> None:
        self._controller, terminal = os.openpty()
        size = {"COLUMNS": str(columns), "LINES": str(rows)}
        terminal_of = {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **size}
        environ = {**os.environ, **terminal_of, "SCENE": scene, **(environ or {})}
        self.process = subprocess.Popen(
            [*program, *arguments],
            stdin=terminal,
            stdout=terminal if stdout is None else stdout,
            stderr=terminal,
            env=environ,
            start_new_session=True,
        )
        os.close(terminal)
        self.written = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._controller)

    def type(self, text: str) -> None:
        os.write(self._controller, text.encode())

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def until(self, wanted: str, *, limit_s: float = 30.0) -> str:
        """Read until the bytes hold a text; return everything so far as text."""
        end_s = time.monotonic() + limit_s
        while wanted.encode() not in self.written:
            assert time.monotonic() < end_s, self.written
            assert self._read(0.2) or self.process.poll() is None, self.written
        return self.written.decode("utf-8", "replace")

    def finish(self, *, limit_s: float = 30.0) -> int:
        """Read to the end of the process; return its exit code."""
        end_s = time.monotonic() + limit_s
        while self.process.poll() is None:
            assert time.monotonic() < end_s, self.written
            self._read(0.05)
        while self._read(0.05):
            pass
        return self.process.wait()

    @property
    def seen(self) -> list[str]:
        """Return the lines that the terminal shows, without trailing blanks."""
        return [line.rstrip() for line in self._screen.display]

    def _read(self, wait_s: float) -> bool:
        ready, _, _ = select.select([self._controller], [], [], wait_s)
        if not ready:
            return False
        try:
            content = os.read(self._controller, 1 << 16)
        except OSError:  # Linux reports the closed other end so
            return False
        self.written += content
        self._stream.feed(content)
        return bool(content)


def display(program: PtyProgram) -> list[str]:
    """Return the lines that are not empty."""
    return [line for line in program.seen if line]
