"""Ctrl-Z gives the shell a terminal as it left it; `fg` brings back what was there."""

import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bench.terminal import TOOLLAMA, Terminal
from tests.cli.harness import FAKE_PROGRAM
from tests.pty.conftest import REPLAY, Environ

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell with jobs")

FAKE = [sys.executable, str(FAKE_PROGRAM)]


@contextmanager
def _from_a_shell(command: list[str], environ: dict[str, str]) -> Iterator[Terminal]:
    shell = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(shell, environ={**environ, "PS1": "sh> "}, columns=100, rows=30) as terminal:
        terminal.until("sh>")
        terminal.modes_before = terminal.modes()  # those of the shell's own line editor
        terminal.type(f"{shlex.join(command)}\r".encode())
        yield terminal


def test_the_full_screen_is_left_for_the_shell_and_drawn_again(environ: Environ) -> None:
    with _from_a_shell([*TOOLLAMA, *REPLAY, "--speed", "0"], environ()) as terminal:
        terminal.until("26.1 mi")
        at = len(terminal.written)
        terminal.type(b"\x1a")
        terminal.until("Stopped")
        left = terminal.written[at:]
        for sequence in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1003l", b"\x1b[<u"):
            assert sequence in left
        assert terminal.modes()[3] == terminal.modes_before[3]
        terminal.type(b"clear; fg\r")
        terminal.until("26.1 mi")
        terminal.until("a recorded run")
        while terminal.read(0.5):
            pass  # what is typed while the terminal is set up again is thrown away
        terminal.type(b"\x11")
        terminal.until("sh>")


def test_a_line_of_chat_is_there_again_after_the_shell(environ: Environ) -> None:
    with _from_a_shell([*FAKE, "chat"], environ(SCENE="answer")) as terminal:
        terminal.until("/help lists")
        terminal.type(b"how many")
        terminal.until("> how many")
        at = len(terminal.written)
        terminal.type(b"\x1a")
        terminal.until("Stopped")
        assert b"\x1b[?2004l" in terminal.written[at:]
        assert terminal.modes()[3] == terminal.modes_before[3]
        terminal.type(b"clear; fg\r")
        terminal.until(lambda: "> how many" in terminal.text and "Stopped" not in terminal.text)
        terminal.type(b" miles\r")
        terminal.until("Paris.")
        assert "> how many miles" in terminal.text


@pytest.mark.deep
def test_the_status_line_is_drawn_again_after_the_shell(environ: Environ) -> None:
    with _from_a_shell([*FAKE, "ask", "x"], environ(SCENE="hang")) as terminal:
        terminal.until("camina answer")
        terminal.type(b"\x1a")
        terminal.until("Stopped")
        terminal.type(b"clear; fg\r")
        terminal.until(lambda: "camina answer" in terminal.text and "Stopped" not in terminal.text)
        terminal.type(b"\x03")
        terminal.until("error[run.cancelled]")
