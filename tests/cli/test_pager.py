"""Long text goes through the pager of a person, and straight into a pipe."""

import shlex
import sys
from pathlib import Path

import pytest

from toollama.cli import out, pager

LINE = "a line\x1b[2J\n"
SHOWN = "a line\N{SYMBOL FOR ESCAPE}[2J\n"


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file into which the pager puts what it was shown; a person reads stdout."""
    file = tmp_path / "shown"
    program = "import os, sys; print(os.environ['LESS'], sys.stdin.read(), sep='\\n', end='')"
    script = tmp_path / "pager.sh"
    script.write_text(f'#!/bin/sh\n{shlex.quote(sys.executable)} -c "{program}" > "{file}"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PAGER", str(script))
    monkeypatch.setenv("LESS", "")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(out, "is_terminal", lambda _stream: True)
    return file


def test_a_long_text_is_paged_without_what_a_terminal_acts_on(
    shown: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pager.show(LINE * 200)
    assert shown.read_text() == "FIRX\n" + SHOWN * 200
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("lines", "variable", "value"),
    [
        (1, "TERM", "xterm"),
        (200, "PAGER", ""),
        (200, "PAGER", "no-such-pager"),
        (200, "TERM", "dumb"),
        (200, "ACCESSIBLE", "1"),
    ],
)
def test_else_the_text_is_written(
    shown: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    lines: int,
    variable: str,
    value: str,
) -> None:
    monkeypatch.setenv(variable, value)
    pager.show(LINE * lines)
    assert not shown.exists()
    assert capsys.readouterr().out == SHOWN * lines


def test_a_pipe_is_never_paged(
    shown: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(out, "is_terminal", lambda stream: stream is not sys.stdout)
    pager.show(LINE * 200)
    assert not shown.exists()
    assert capsys.readouterr().out == SHOWN * 200
