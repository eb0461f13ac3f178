"""Long text on a terminal, in the pager that the person chose; in a pipe it is written as it is."""

import os
import shlex
import shutil
import subprocess
import sys

from toollama.cli import look, out
from toollama.text import visible

_USUAL = "less"
_LESS = "FIRX"
"""Ends by itself where the text fits, keeps colours, leaves the text on the screen (less(1))."""


def show(text: str) -> None:
    """Show the text through $PAGER, or less, where a person reads stdout; else write it."""
    command = shlex.split(os.environ.get("PAGER", _USUAL))
    if not (_is_wanted(text) and command and shutil.which(command[0])):
        out.data(text)
        return
    environ = {**os.environ, "LESS": os.environ.get("LESS") or _LESS}
    with subprocess.Popen(  # noqa: S603 - the person's own pager
        command, stdin=subprocess.PIPE, env=environ, text=True, encoding="utf-8"
    ) as pager:
        try:
            pager.communicate(visible(text))
        except KeyboardInterrupt:
            pager.wait()  # Ctrl-C is the pager's own key


def _is_wanted(text: str) -> bool:
    terminal = out.is_terminal(sys.stdin) and out.is_terminal(sys.stdout)
    rows = shutil.get_terminal_size().lines
    return terminal and not look.is_plain(os.environ) and text.count("\n") >= rows
