"""The program over a scripted session, on a terminal of its own."""

import os
import sys
from collections.abc import Mapping

from bench.terminal import Terminal
from tests.cli.harness import FAKE_PROGRAM


def on_a_terminal(
    *arguments: str,
    scene: str,
    columns: int = 80,
    rows: int = 24,
    stdout: int | None = None,
    environ: Mapping[str, str] | None = None,
) -> Terminal:
    """Start the program with `arguments`; every run plays `scene` of the fake session."""
    terminal_of = {
        "TERM": "xterm-256color",
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": str(columns),
        "LINES": str(rows),
    }
    return Terminal(
        [sys.executable, str(FAKE_PROGRAM), *arguments],
        environ={**os.environ, **terminal_of, "SCENE": scene, **(environ or {})},
        columns=columns,
        rows=rows,
        stdout=stdout,
    )


def shown(program: Terminal) -> list[str]:
    """Return the lines of the screen that are not empty."""
    return [line for line in program.lines if line]
