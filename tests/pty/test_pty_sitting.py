"""One sitting at the full screen with everything that goes wrong at a desk, told fact by fact."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.hostile import strings
from bench.hostile_screen import as_typed, write_run
from bench.sequences import foreign_to_screen
from bench.terminal import TOOLLAMA, Terminal
from tests.pty.conftest import Environ

HOSTILE = list(strings(8, seed=5))
MEGABYTE = b"word " * 200_000


@pytest.fixture
def screen(environ: Environ, tmp_path: Path) -> Iterator[Terminal]:
    """A replay full of hostile text on a terminal of 20 columns and 5 rows."""
    write_run(HOSTILE, tmp_path / "run.jsonl")
    command = [*TOOLLAMA, "tui", "--replay", str(tmp_path / "run.jsonl"), "--speed", "20"]
    with Terminal(command, environ=environ(), columns=20, rows=5) as terminal:
        terminal.until("a recorded")
        yield terminal


def _storm(terminal: Terminal) -> None:
    for number in range(50):
        terminal.resize(1 + number * 37 % 180, 1 + number * 13 % 60)
        terminal.read(0.005)
    terminal.resize(100, 30)


def test_the_screen_outlives_a_storm_of_sizes_a_huge_paste_and_hostile_text(
    screen: Terminal,
) -> None:
    _storm(screen)
    screen.until("at its end", within_s=20)
    screen.type(b"/nonsense\r")
    screen.until("there is no command")
    screen.type(b"\x15" + b"\x1b[200~%s\x1b[201~" % MEGABYTE)
    screen.until("1 pasted, 1000000 characters")
    for text in HOSTILE[:2]:
        screen.type(b"\x1b[200~%s\x1b[201~" % as_typed(text))
    screen.type(b"\x11")
    assert screen.finish() == 0
    assert foreign_to_screen(screen.written) == []
    assert "\N{SYMBOL FOR ESCAPE}".encode() in screen.written
