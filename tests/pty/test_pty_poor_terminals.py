"""Terminals and streams that lack something: colour, a moving cursor, UTF-8, or are not there."""

import subprocess

import pytest

from bench.terminal import TOOLLAMA, Terminal
from tests.pty.conftest import REPLAY, Environ


@pytest.mark.parametrize("term", ["dumb", None])
def test_a_terminal_whose_cursor_stays_is_told_what_to_use_instead(
    environ: Environ, term: str | None
) -> None:
    with Terminal([*TOOLLAMA, *REPLAY], environ=environ(TERM=term)) as terminal:
        assert terminal.finish() == 2
        assert "toollama chat --plain" in " ".join(terminal.lines)
        assert b"\x1b" not in terminal.written


@pytest.mark.deep
def test_outside_utf_8_the_screen_is_ascii(environ: Environ) -> None:
    latin = environ(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    command = [*TOOLLAMA, *REPLAY, "--speed", "0"]
    with Terminal(command, environ=latin, columns=100, rows=30) as terminal:
        terminal.until("26.1 mi")
        terminal.type(b"\x11")
        assert terminal.finish() == 0
        assert terminal.written.isascii()
        assert b"??" not in terminal.written


@pytest.mark.parametrize("closed", ["<&-", "<&- >&- 2>&-"])
def test_chat_without_its_streams_ends_quietly(environ: Environ, closed: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *TOOLLAMA, "chat"],
        env=environ(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
