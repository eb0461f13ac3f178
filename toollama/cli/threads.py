"""Which conversation a request belongs to, as `-c`, `-s` and `--fork` say."""

import re
from typing import TYPE_CHECKING

from toollama.errors import InputError

if TYPE_CHECKING:
    from toollama.agents.messages import Thread

_NAME = re.compile(r"\w[\w.-]{0,59}")


def check_name(name: str) -> None:
    """Raise `InputError` where a conversation cannot have this name."""
    if not _NAME.fullmatch(name):
        raise InputError(
            "a conversation's name takes letters, digits, . _ and -, at most 60",
            fix="toollama ask -s kitchen …",
        )


def thread(name: str | None, *, go_on: bool, fork: bool) -> "Thread":
    """Return the conversation. Raises `InputError` for options that contradict each other."""
    from toollama.agents.messages import Thread
    from toollama.cli import terminal

    if go_on and name is not None:
        raise InputError("-c and -s exclude each other", fix="give one of them")
    if fork and not (go_on or name):
        raise InputError("--fork needs to know what to fork", fix="add -c, or -s NAME")
    if name is not None:
        check_name(name)
    return Thread(terminal=terminal.terminal_id(), name=name or "", continues=go_on, fork=fork)
