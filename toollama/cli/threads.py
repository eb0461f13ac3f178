"""Which conversation a request belongs to, as `-c`, `-s` and `--fork` say."""

from typing import TYPE_CHECKING

from toollama.commands import check_conversation
from toollama.errors import InputError

if TYPE_CHECKING:
    from toollama.agents.messages import Thread


def thread(name: str | None, *, go_on: bool, fork: bool) -> "Thread":
    """Return the conversation. Raises `InputError` for options that contradict each other."""
    from toollama.agents.messages import Thread
    from toollama.cli import terminal

    if go_on and name is not None:
        raise InputError("-c and -s exclude each other", fix="give one of them")
    if fork and not (go_on or name):
        raise InputError("--fork needs to know what to fork", fix="add -c, or -s NAME")
    if name is not None:
        check_conversation(name)
    return Thread(terminal=terminal.terminal_id(), name=name or "", continues=go_on, fork=fork)
