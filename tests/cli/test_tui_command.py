"""`toollama tui` and `toollama serve`: what they refuse, and the bytes of a replay."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pyte
import pytest

FIXTURE = Path(__file__).parents[1] / "tui" / "fixtures" / "three_tasks.jsonl"
SIZE = (40, 120)
_POINTER_SHAPE = re.compile(rb"\x1b\]22;[a-z]+\x07")
"""The one operating-system command that Textual itself writes."""


def _toollama(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "toollama", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def test_the_full_screen_needs_a_terminal() -> None:
    done = _toollama("tui")
    assert done.returncode == 2
    assert "needs a terminal" in done.stderr


def test_serve_says_what_it_can_serve() -> None:
    done = _toollama("serve")
    assert done.returncode == 2
    assert "toollama serve --web" in done.stderr


class _Terminal:
    """A program in a pty, and the screen that its bytes draw."""

    def __init__(self, *arguments: str) -> None:
        rows, columns = SIZE
        self.screen = pyte.Screen(columns, rows)
        self.written = b""
        self._stream = pyte.ByteStream(self.screen)
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            size = struct.pack("HHHH", rows, columns, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.environ.update(COLUMNS=str(columns), LINES=str(rows))
            os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
            os.execv(sys.executable, [sys.executable, "-m", "toollama", *arguments])

    def read_until(self, text: str, *, within_s: float = 25) -> None:
        """Read until the screen shows a text; fail where it never does."""
        end_s = time.monotonic() + within_s
        while text not in "\n".join(self.screen.display):
            if time.monotonic() > end_s or not self._read():
                raise AssertionError("\n".join(self.screen.display))

    def press(self, keys: bytes) -> None:
        os.write(self._fd, keys)

    def exit_code(self) -> int:
        """Read what is left and return how the program ended."""
        while self._read():
            pass
        _, status = os.waitpid(self._pid, 0)
        os.close(self._fd)
        return os.waitstatus_to_exitcode(status)

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._fd], [], [], 1)
        if not ready:
            return True
        try:
            found = os.read(self._fd, 1 << 16)
        except OSError:  # the program has left its terminal
            return False
        self.written += found
        self._stream.feed(found)
        return bool(found)


def test_a_replay_is_drawn_on_a_terminal_and_left_with_a_key() -> None:
    terminal = _Terminal("tui", "--replay", str(FIXTURE), "--speed", "0")
    terminal.read_until("26.1 mi")
    terminal.read_until("Observer 4")
    terminal.press(b"\x11")  # ctrl+q
    assert terminal.exit_code() == 0
    assert b"\x1b[?1049l" in terminal.written  # the screen before is back


def test_text_and_enter_in_one_burst_are_sent_as_one_line() -> None:
    terminal = _Terminal("tui")
    terminal.read_until("ask, /command")
    terminal.press(b"/help\r")
    terminal.read_until("Keys (the last column")
    terminal.press(b"\x11")
    assert terminal.exit_code() == 0


def test_hostile_bytes_of_a_replayed_file_never_reach_the_terminal(tmp_path: Path) -> None:
    lines = FIXTURE.read_text().splitlines()
    evil = "\\u001b]0;owned\\u0007\\u202e"
    (tmp_path / "evil.jsonl").write_text(
        "\n".join(line.replace("42 km", f"42 {evil}km") for line in lines)
    )
    terminal = _Terminal("tui", "--replay", str(tmp_path / "evil.jsonl"), "--speed", "0")
    terminal.read_until("26.1 mi")
    terminal.press(b"\x11")
    assert terminal.exit_code() == 0
    assert b"owned" in terminal.written
    ours = _POINTER_SHAPE.sub(b"", terminal.written)
    for bad in (b"\x1b]", b"\x07", "\u202e".encode()):
        assert bad not in ours


def test_a_replay_that_is_not_there_is_one_line() -> None:
    terminal = _Terminal("tui", "--replay", "gone.jsonl")
    assert terminal.exit_code() == 2
    assert b"error[input.invalid]: gone.jsonl" in terminal.written


@pytest.mark.parametrize("theme", ["no-such-theme"])
def test_an_unknown_theme_is_refused_by_name(theme: str) -> None:
    terminal = _Terminal("tui", "--theme", theme, "--replay", str(FIXTURE))
    assert terminal.exit_code() == 2
    assert b"there is no theme no-such-theme" in terminal.written
