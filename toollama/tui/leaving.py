"""How the screen is left from outside, by a signal: what goes on is stopped and kept.

A request to end leaves the terminal as it was found. A terminal that hung up cannot be written to,
and Textual would wait for it, so then the process ends without drawing. SIGHUP alone does not say
which of both it is: some terminals send it, and close a moment later.
"""

import os
import signal
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from types import FrameType

from toollama.errors import ExitCode

_EXIT_CODES = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}
_CLOSES_WITHIN_S = 4.0
"""Seconds after which a screen that does not end at SIGHUP is taken for one without a terminal."""


@contextmanager
def leaving(ask: Callable[[ExitCode], None], *, abandon: Callable[[], None]) -> Iterator[None]:
    """Heed signals while the block runs; call it on the main thread.

    `ask` has the screen leave with a code; `abandon` stops what goes on where there is no screen
    any more. A signal that the parent process made us ignore stays ignored, but for the hang-up:
    a screen does not outlive its terminal, under `nohup` neither.
    """

    def asked(number: int, _frame: FrameType | None) -> None:
        ask(_EXIT_CODES[signal.Signals(number)])

    def give_up() -> None:
        abandon()
        os._exit(ExitCode.HANGUP)

    def hung_up(_number: int, _frame: FrameType | None) -> None:
        if not _terminal_answers():
            give_up()
        ask(ExitCode.HANGUP)
        at_last = Timer(_CLOSES_WITHIN_S, give_up)
        at_last.daemon = True
        at_last.start()

    handlers = {**dict.fromkeys(_EXIT_CODES, asked), signal.SIGHUP: hung_up}
    before = {
        number: signal.signal(number, handler)
        for number, handler in handlers.items()
        if number is signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminal_answers() -> bool:
    """Return whether the terminal is still there: one that hung up answers nothing on Linux."""
    try:
        termios.tcgetattr(sys.__stdin__)  # type: ignore[arg-type]
    except (termios.error, TypeError, ValueError):
        return False
    return True
