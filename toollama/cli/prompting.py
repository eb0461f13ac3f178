"""Lines that a person types into `toollama chat`: edited, remembered, over several lines.

With a terminal on both ends GNU readline edits them and the history is kept in the state
directory; otherwise lines are read as they come. A turn that is running reads its lines elsewhere.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType

from toollama.cli import out

_FENCE = '"""'
_HISTORY_LENGTH = 1000


def history_file() -> Path:
    """Return the file of lines typed before."""
    from toollama import paths

    return paths.state_dir() / "chat_history"


def line_reader(*, editing: bool) -> Callable[[str], str]:
    """Return what shows a prompt and reads a line; it raises `EOFError` at the end.

    `editing` needs a terminal on stdin and stdout.
    """
    if editing:
        _set_up_readline()
        return _edited_line
    return _plain_line


def request(read: Callable[[str], str], prompt: str) -> str:
    r"""Return the next request, put together from lines that end in \ or stand between fences.

    Raises `EOFError` at the end of the input, `KeyboardInterrupt` for Ctrl-C.
    """
    line = read(prompt)
    more = "." * (len(prompt) - 1) + " "
    if line.strip().startswith(_FENCE):
        return _fenced(read, line.strip().removeprefix(_FENCE), more)
    lines = [line]
    while lines[-1].endswith("\\"):
        lines[-1] = lines[-1][:-1]
        with suppress(EOFError):
            lines.append(read(more))
            continue
        break
    return "\n".join(lines)


def keep_history() -> None:
    """Write the lines of this chat to the history, which only the user can read."""
    import readline

    path = history_file()
    with suppress(OSError):  # a history that cannot be kept is no reason to fail
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
        readline.write_history_file(path)


def _fenced(read: Callable[[str], str], first: str, more: str) -> str:
    lines = [first] if first else []
    while not (lines and lines[-1].rstrip().endswith(_FENCE)):
        try:
            lines.append(read(more))
        except EOFError:
            break
    return "\n".join(lines).rstrip().removesuffix(_FENCE).strip("\n")


class _Suspended(Exception):
    """Ctrl-Z was pressed while a line was edited; carries what was typed of it."""


def _edited_line(prompt: str) -> str:
    """Return a line of `input`; after Ctrl-Z and `fg` the line is there again.

    Python keeps readline from catching signals, so without this the shell would be left with
    readline's terminal modes, and readline with those of the shell.
    """
    import readline

    try:
        while True:
            try:
                with _suspendable():
                    return input(prompt)
            except _Suspended as suspended:
                signal.raise_signal(signal.SIGTSTP)  # stops here, until SIGCONT
                readline.set_startup_hook(partial(readline.insert_text, str(suspended)))
    finally:
        readline.set_startup_hook(None)


@contextmanager
def _suspendable() -> Iterator[None]:
    """Let SIGTSTP leave `input`, which restores the terminal; afterwards the signal stops again."""
    import readline

    def suspend(_number: int, _frame: FrameType | None) -> None:
        raise _Suspended(readline.get_line_buffer())

    before = signal.signal(signal.SIGTSTP, suspend)
    try:
        yield
    finally:
        signal.signal(signal.SIGTSTP, before)


def _plain_line(prompt: str) -> str:
    if out.is_terminal(sys.stdin):
        out.ask(prompt.rstrip())
    line = sys.stdin.readline() if sys.stdin else ""  # none where it was started without one
    if not line:
        raise EOFError
    return line.rstrip("\n")


def _set_up_readline() -> None:
    import readline

    from toollama.commands import completions
    from toollama.tools.registry import Registry

    def complete(word: str, at: int) -> str | None:
        tools = Registry.names() if word.startswith("!") else ()
        found = completions(word, "chat", tools=sorted(tools))
        return found[at] if at < len(found) else None

    readline.set_completer(complete)
    readline.set_completer_delims(" \t\n")
    readline.parse_and_bind("tab: complete")
    # A pasted text of several lines is one request, and waits for Enter.
    readline.parse_and_bind("set enable-bracketed-paste on")
    with suppress(OSError):
        readline.read_history_file(history_file())
    readline.set_history_length(_HISTORY_LENGTH)
