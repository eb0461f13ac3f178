"""`toollama tui` and `toollama serve`: what they refuse, and the bytes of a replay."""

import os
import subprocess
import sys
from pathlib import Path

from bench.terminal import TOOLLAMA, Terminal

FIXTURE = Path(__file__).parents[1] / "tui" / "fixtures" / "three_tasks.jsonl"


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


def _terminal(*arguments: str) -> Terminal:
    environ = {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    return Terminal([*TOOLLAMA, *arguments], environ=environ, columns=120, rows=40)


def test_a_replay_is_drawn_on_a_terminal_and_left_with_a_key() -> None:
    with _terminal("tui", "--replay", str(FIXTURE), "--speed", "0") as terminal:
        terminal.until("26.1 mi")
        terminal.until("Observer 4")
        terminal.type(b"\x11")  # ctrl+q
        assert terminal.finish() == 0
        assert b"\x1b[?1049l" in terminal.written  # the screen before is back


def test_text_and_enter_in_one_burst_are_sent_as_one_line() -> None:
    with _terminal("tui") as terminal:
        terminal.until("ask, /command")
        terminal.type(b"/help\r")
        terminal.until("The last column names a key")
        terminal.type(b"\x11")
        assert terminal.finish() == 0


def test_a_replay_that_is_not_there_is_one_line() -> None:
    with _terminal("tui", "--replay", "gone.jsonl") as terminal:
        assert terminal.finish() == 2
        assert b"error[input.invalid]: gone.jsonl" in terminal.written


def test_an_unknown_theme_is_refused_by_name() -> None:
    with _terminal("tui", "--theme", "no-such-theme", "--replay", str(FIXTURE)) as terminal:
        assert terminal.finish() == 2
        assert b"there is no theme no-such-theme" in terminal.written
