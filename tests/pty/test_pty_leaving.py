"""Something ends the full screen while a run goes on: the terminal and the run survive."""

import signal
import sys
import time

import pytest

from bench.terminal import Terminal
from tests.pty.conftest import STAGED, Environ
from toollama import paths
from toollama.clock import SystemClock
from toollama.store import Store

RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1000l", b"\x1b[?1003l")
"""The screen before, the cursor, and no mouse or paste reports."""
ENDS_WITHIN_S = 10.0


UNDER_NOHUP = ("sh", "-c", 'trap "" HUP; exec "$@"', "sh")


def _asked(environ: dict[str, str], *before: str) -> Terminal:
    """Return a screen whose run writes without end; `before` starts the program."""
    command = [*before, sys.executable, str(STAGED), "tui"]
    terminal = Terminal(command, environ=environ, columns=100, rows=30)
    terminal.until("ask, /command")
    terminal.type(b"count for me\r")
    terminal.until("item 3")
    return terminal


def _last_run() -> tuple[str, str]:
    store = Store.open(paths.database(), SystemClock())
    try:
        row = store.find_run("last")
        return row.status, row.answer
    finally:
        store.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_request_to_end_restores_the_terminal_and_keeps_what_was_written(
    environ: Environ, number: signal.Signals, code: int
) -> None:
    with _asked(environ(SCENE="endless")) as terminal:
        terminal.process.send_signal(number)
        assert terminal.finish() == code
        tail = terminal.written[-400:]
        assert all(sequence in tail for sequence in RESTORED)
        assert terminal.modes()[:4] == terminal.modes_before[:4]
    status, answer = _last_run()
    assert status == "cancelled"
    assert "item 3" in answer


def test_a_terminal_that_is_closed_ends_the_program_and_keeps_the_run(environ: Environ) -> None:
    with _asked(environ(SCENE="endless"), *UNDER_NOHUP) as terminal:
        closed_s = time.monotonic()
        terminal.hang_up()
        assert terminal.process.wait(timeout=20) == 129
        assert time.monotonic() - closed_s < ENDS_WITHIN_S
    status, answer = _last_run()
    assert status == "cancelled"
    assert "item 3" in answer


@pytest.mark.deep
def test_a_killed_screen_leaves_a_log_that_tells(environ: Environ) -> None:
    with _asked(environ(SCENE="endless")) as terminal:
        terminal.process.kill()
        terminal.finish()
    assert _last_run()[0] == "interrupted"


@pytest.mark.deep
def test_a_fault_of_the_engine_is_told_and_the_next_request_is_answered(environ: Environ) -> None:
    command = [sys.executable, str(STAGED), "tui"]
    with Terminal(command, environ=environ(SCENE="dies memory answer"), rows=30) as terminal:
        terminal.until("ask, /command")
        terminal.type(b"first\r")
        terminal.until("the engine thread is gone")
        terminal.type(b"second\r")
        terminal.until("MemoryError")
        terminal.type(b"third\r")
        terminal.until("Paris")
        terminal.type(b"\x11")
        assert terminal.finish() == 0
