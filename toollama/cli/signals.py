"""How a run is stopped from outside: signals and readers that are gone.

The first stop cancels the run, which keeps what it has; the second leaves at once. What the run
keeps, and how, is the session's affair.
"""

import asyncio
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, NoReturn

from toollama.cli import out
from toollama.errors import ExitCode, ToolLamaError

_EXIT_CODES = {
    signal.SIGINT: ExitCode.INTERRUPTED,
    signal.SIGTERM: ExitCode.TERMINATED,
    signal.SIGHUP: ExitCode.HANGUP,
}


class Stop:
    """Cancels one task, once, and remembers why."""

    def __init__(self, task: asyncio.Task[Any], *, announce: Callable[[ExitCode], None]) -> None:
        """Stop `task` when told to; `announce` learns the exit code before the task is cancelled.

        Must be made on the task's own event loop.
        """
        self._task = task
        self._announce = announce
        self._loop = asyncio.get_running_loop()
        self.exit_code: ExitCode | None = None
        self.cause: ToolLamaError | None = None
        """What a person is told, where they did not stop it themselves."""

    def __call__(self, code: ExitCode, *, cause: ToolLamaError | None = None) -> None:
        """Cancel the task; callable from any thread and from a signal handler."""
        if self.exit_code is None:
            self.exit_code, self.cause = code, cause
            self._announce(code)
            self._loop.call_soon_threadsafe(self._task.cancel)


@contextmanager
def stopping(stop: Stop) -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP stop the run while the block runs; a second one leaves.

    A signal that the parent process made us ignore (`nohup`, `&` in a script) stays ignored.
    """

    def received(number: int, _frame: FrameType | None) -> None:
        code = _EXIT_CODES[signal.Signals(number)]
        if stop.exit_code is not None:
            out.restore_terminal_at_once()
            os._exit(code)
        stop(code)

    previous = {
        number: signal.signal(number, received)
        for number in _EXIT_CODES
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def watching_reader(stop: Stop) -> Iterator[None]:
    """Stop the run as soon as the reader of a piped stdout is gone, even while nothing is written.

    Linux reports the error on the writing end of a pipe; elsewhere the next write tells.
    """
    try:
        descriptor = sys.stdout.fileno()
        watched = sys.platform == "linux" and stat.S_ISFIFO(os.fstat(descriptor).st_mode)
    except (AttributeError, OSError, ValueError):  # closed, or replaced by an object without one
        watched = False
    if not watched:
        yield
        return
    loop = asyncio.get_running_loop()

    def gone() -> None:
        loop.remove_reader(descriptor)
        stop(ExitCode.BROKEN_PIPE)

    loop.add_reader(descriptor, gone)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)


def leave(code: int) -> NoReturn:
    """End the process now, without joining a thread that still computes."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError):  # a closed stream, a reader that is gone
            stream.flush()
    os._exit(code)
