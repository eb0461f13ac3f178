"""How the screen is left from outside, by a signal: what goes on is stopped and kept.

A request to end leaves the terminal as it was found. A terminal that hung up cannot be written to,
and Textual would wait for it, so then the process ends without drawing.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from toollama.errors import ExitCode

_EXIT_CODES = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}


@contextmanager
def leaving(ask: Callable[[ExitCode], None], *, abandon: Callable[[], None]) -> Iterator[None]:
    """Heed signals while the block runs; call it on the main thread.

    `ask` has the screen leave with a code; `abandon` stops what goes on where there is no screen
    any more. A signal that the parent process made us ignore stays ignored, but for the hang-up:
    a screen does not outlive its terminal, under `nohup` neither.
    """

    def asked(number: int, _frame: FrameType | None) -> None:
        ask(_EXIT_CODES[signal.Signals(number)])

    def hung_up(_number: int, _frame: FrameType | None) -> None:
        abandon()
        os._exit(ExitCode.HANGUP)

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
