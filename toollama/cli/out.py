"""The only writer of stdout and stderr.

stdout carries answers and data, flushed piece by piece; stderr carries everything else. Owns
colour, tables, the status line and what happens when a reader is gone. It decides nothing about
content, and nothing leaves here that a terminal may act on.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import RLock
from typing import Any, TextIO

_ERASE_LINE = "\r\x1b[2K"
_MAX_COPIED = 100_000
_YELLOW, _BOLD_RED, _DIM = "33", "31;1", "2"
_OSC, _ST = "\x1b]", "\x1b\\"
_SAVE_TITLE, _RESTORE_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""xterm's stack of window titles."""
_NO_PROGRESS = f"{_OSC}9;4;0{_ST}"
_SGR = r"(\x1b\[[0-9;]*m)"
"""Select Graphic Rendition: the one kind of sequence that only changes how text looks."""


class BrokenPipe(Exception):
    """The reader of stdout or stderr is gone; the process leaves quietly with code 141."""


class _Screen:
    """Both streams as one terminal may show them: lines, then at most one status line."""

    def __init__(self) -> None:
        self._lock = RLock()  # events are delivered on the thread that emits them
        self._status_shown = False
        self._mid_line = False
        self.undo: dict[str, str] = {}
        """What takes back what the terminal was told, by what it is about."""

    def to_stdout(self, text: str) -> None:
        with self._lock:
            self.erase_status()
            _send(sys.stdout, text)
            self._mid_line = is_terminal(sys.stdout) and not text.endswith("\n")

    def to_stderr(self, text: str) -> None:
        with self._lock:
            self.erase_status()
            if self._mid_line and is_terminal(sys.stderr):
                text = f"\n{text}"
                self._mid_line = False
            _send(sys.stderr, text)

    def show_status(self, text: str) -> None:
        with self._lock:
            if self._mid_line:
                return  # erasing the line would take the answer's last words with it
            _send(sys.stderr, f"{_ERASE_LINE}{text}")
            self._status_shown = True

    def tell(self, sequence: str) -> None:
        """Send what moves no cursor and writes no character."""
        with self._lock:
            _send(sys.stderr, sequence)

    def erase_status(self) -> None:
        with self._lock:
            if self._status_shown:
                self._status_shown = False
                _send(sys.stderr, _ERASE_LINE)


_screen = _Screen()


def _send(stream: TextIO | None, text: str) -> None:
    if stream is None:  # started with the descriptor closed
        return
    try:
        stream.write(_redacted(text))
        stream.flush()
    except BrokenPipeError as error:
        raise BrokenPipe from error
    except OSError as error:
        if stream is sys.stderr:  # nobody can be told, and the answer does not depend on it
            return
        from toollama.errors import RunFailed

        raise RunFailed(
            f"the output cannot be written: {error.strerror}",
            fix="write to another place, or free some space",
        ) from error


def _redacted(text: str) -> str:
    """Return the text without any key that this process has read."""
    # Where the module was never imported, no key was read; `--version` need not import it.
    module = sys.modules.get("toollama.secrets.redactor")
    return text if module is None else str(module.process_redactor.redact(text))


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether a person reads the stream."""
    return stream is not None and stream.isatty()


def has_colour(environ: Mapping[str, str], *, terminal: bool) -> bool:
    """Return whether to colour a stream.

    Any non-empty NO_COLOR wins (no-color.org), then FORCE_COLOR and CLICOLOR_FORCE unless `0`.
    """
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in {"", "0"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return terminal and not is_dumb(environ)


def is_dumb(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal can only append; one that does not say what it is counts so."""
    return environ.get("TERM", "") in {"", "dumb", "unknown"}


def has_status_line() -> bool:
    """Return whether stderr can show a line that is redrawn."""
    return is_terminal(sys.stderr) and not is_dumb(os.environ)


def set_colour(mode: str) -> None:
    """Heed `--color`: `always` or `never`, for this process and those it starts."""
    if mode == "never":
        os.environ["NO_COLOR"] = "1"
    elif mode == "always":
        os.environ["NO_COLOR"] = ""
        os.environ["FORCE_COLOR"] = "1"


def data(text: str) -> None:
    """Write a piece of the answer to stdout as it is, at once. Raises `BrokenPipe`."""
    from toollama.text import visible

    _screen.to_stdout(visible(text))


def drawn(text: str) -> None:
    """Write text with colours to stdout; of escape sequences only SGR ones pass."""
    import re

    from toollama.text import visible

    pieces = re.split(_SGR, text)
    _screen.to_stdout(
        "".join(piece if at % 2 else visible(piece) for at, piece in enumerate(pieces))
    )


def json_line(document: str) -> None:
    """Write one JSON document and a line feed to stdout."""
    from toollama.text import displayable_json

    _screen.to_stdout(f"{displayable_json(document)}\n")


def json(value: Any) -> None:
    """Write any value that pydantic can serialize to stdout as one indented JSON document."""
    from toollama.text import json_text

    _screen.to_stdout(json_text(value))


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write rows to stdout: aligned under the header on a terminal, bare TSV elsewhere."""
    from toollama.text import visible

    cells = [[visible(" ".join(str(cell).split())) for cell in row] for row in rows]
    if is_terminal(sys.stdout):
        lines = aligned([list(header), *cells], width=columns())
    else:
        lines = ["\t".join(row) for row in cells]
    if lines:
        data("\n".join(lines) + "\n")


def aligned(rows: Sequence[Sequence[str]], *, width: int) -> list[str]:
    """Return the rows as lines of at most `width` characters whose columns begin together."""
    from toollama.text import truncate

    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return [truncate(line, width) for line in padded]


def columns() -> int:
    """Return the width of the terminal."""
    from shutil import get_terminal_size

    return get_terminal_size().columns


def note(text: str) -> None:
    """Tell the person something on stderr that they may ignore."""
    _say(text)


def aside(text: str) -> None:
    """Tell on stderr what is not meant for anybody, such as what a model thinks; dim."""
    _say(text, style=_DIM)


def warn(text: str) -> None:
    """Warn on stderr, on one line."""
    _say(f"warning: {' '.join(text.split())}", style=_YELLOW)


def error(line: str) -> None:
    """Write the line of a failure to stderr."""
    _say(" ".join(line.split()), style=_BOLD_RED)


def failure(line: str, *, document: Any = None) -> None:
    """Tell of a failure: a line on stderr, and where one is given a JSON document on stdout.

    The line is written even where stdout is what failed.
    """
    from toollama.errors import RunFailed

    if document is not None:
        with suppress(RunFailed):
            json(document)
    error(line)


def ask(question: str) -> None:
    """Write a question to stderr and leave the cursor behind it."""
    from toollama.text import visible

    _screen.to_stderr(f"{visible(question)} ")


def _say(text: str, *, style: str = "") -> None:
    from toollama.text import visible

    shown: str = visible(text)
    if style and has_colour(os.environ, terminal=is_terminal(sys.stderr)):
        shown = f"\x1b[{style}m{shown}\x1b[0m"
    _screen.to_stderr(f"{shown}\n")


def copy(text: str) -> bool:
    """Put the text on the clipboard of the person's own terminal; return whether it was sent.

    OSC 52 reaches the clipboard through SSH too; terminals limit its size and may ignore it.
    """
    from base64 import b64encode

    encoded = b64encode(text.encode("utf-8", "replace")).decode()
    if not has_status_line() or len(encoded) > _MAX_COPIED:
        return False
    _screen.to_stderr(f"\x1b]52;c;{encoded}\x07")
    return True


def status(text: str) -> None:
    """Show a line at the foot of the terminal until something else is written."""
    from toollama.text import one_line

    _screen.show_status(one_line(text, max(columns() - 1, 1)))


def clear_status() -> None:
    """Erase the status line, if one is shown."""
    _screen.erase_status()


def taskbar(percent: int | None) -> None:
    """Show progress where the terminal's window does (OSC 9;4, ConEmu's); None is without end.

    Only for terminals that know it, and taken back by `restore_terminal`.
    """
    _screen.undo["taskbar"] = _NO_PROGRESS
    state = "3" if percent is None else f"1;{percent}"
    _screen.tell(f"{_OSC}9;4;{state}{_ST}")


def title(words: str) -> None:
    """Set the title of the terminal's window until `restore_terminal`."""
    from toollama.text import one_line

    kept = "" if "title" in _screen.undo else _SAVE_TITLE
    _screen.undo["title"] = _RESTORE_TITLE
    _screen.tell(f"{kept}{_OSC}2;{one_line(words)}{_ST}")


def call_back(words: str, *, notification: bool) -> None:
    """Have the terminal call the person: a notification (OSC 9) where it makes one, or the bell."""
    from toollama.text import one_line

    _screen.tell(f"{_OSC}9;{one_line(words)}{_ST}" if notification else "\a")


def restore_terminal() -> None:
    """Take back what the terminal was told."""
    if _screen.undo:
        _screen.tell("".join(_screen.undo.values()))
        _screen.undo.clear()


def restore_terminal_at_once() -> None:
    """Take back what the terminal was told; for a signal handler, which must not wait for a lock.

    What another thread writes at this moment may be torn by it.
    """
    if _screen.undo and sys.stderr is not None:
        with suppress(OSError, ValueError):  # the terminal is gone
            os.write(sys.stderr.fileno(), "".join(_screen.undo.values()).encode())


def prepare() -> None:
    """Let both streams write what their encoding lacks as a replacement, never as a failure.

    A standard descriptor that is closed gets the null device: the next file that the process opens
    would else take its number, and get what a library writes to stderr.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError):  # a closed, a replaced, or a full one
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def settle() -> bool:
    """Flush both streams for the last time; return False where a reader is gone.

    A reader that left after the last write is noticed too, so that `| head -1` ends with the same
    code however fast the rest was written. What cannot be flushed goes to the null device, so that
    the interpreter's own flush at exit stays silent.
    """
    intact = True
    for stream in (sys.stdout, sys.stderr):
        if stream is None:
            continue
        try:
            stream.flush()
        except OSError as error:
            # A full disk was told of when it was written to.
            intact = intact and not isinstance(error, BrokenPipeError)
            with open(os.devnull, "wb") as null:  # noqa: PTH123 - only its descriptor is used
                os.dup2(null.fileno(), stream.fileno())
    return intact and not _reader_left(sys.stdout)


def _reader_left(stream: TextIO | None) -> bool:
    """Return whether the other end of a pipe is closed, where the system can tell."""
    import select

    if stream is None or not hasattr(select, "poll"):
        return False
    try:
        poll = select.poll()
        poll.register(stream.fileno(), 0)
        return any(event & select.POLLERR for _, event in poll.poll(0))
    except (OSError, ValueError):  # replaced by an object without a descriptor
        return False
