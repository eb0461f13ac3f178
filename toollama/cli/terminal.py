"""Which terminal this is, so that `-c` goes on from this one's last answer and from no other's."""

import os
from pathlib import Path

_VARIABLES = ("TOOLLAMA_SESSION", "TERM_SESSION_ID", "WT_SESSION", "TMUX_PANE")
_STREAMS = (0, 1, 2)


def terminal_id() -> str:
    """Return a name that this terminal keeps and that no other one has.

    `TOOLLAMA_SESSION` comes first. Terminal programs name their tabs in the other variables; a
    plain one is its device with the session leader, because devices are used again. Without any
    terminal it is the directory.
    """
    for name in _VARIABLES:
        if value := os.environ.get(name):
            return f"{name}={value}"
    for stream in _STREAMS:
        if os.isatty(stream):
            return f"{os.ttyname(stream)} {_leader()}"
    return f"directory={Path.cwd()}"


def _leader() -> str:
    from toollama.processes import process_marker

    leader = os.getsid(0)
    return f"{leader} {process_marker(leader) or ''}".rstrip()
