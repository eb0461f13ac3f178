"""What comes with a request besides its words: standard input and files.

A terminal on stdin is never read, so that nothing waits for a person who does not know it. Files
are opened before anything loads; their content is read later, by tools.
"""

import os
import select
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toollama.cli import out
from toollama.errors import InputError
from toollama.text import visible

if TYPE_CHECKING:
    from toollama.agents.messages import Attached

MAX_BYTES = 2 * 1024 * 1024
HINT_AFTER_S = 2.0
_STDIN = "stdin"


def request(
    words: Sequence[str], files: Sequence[str], *, wanted: bool | None
) -> tuple[str, tuple["Attached", ...]]:
    """Return the prompt and what is attached to it.

    `wanted` is `--stdin` (True), `--no-stdin` (False) or neither. Text on stdin is the prompt
    where no words are given, else an attachment. Raises `InputError`.
    """
    from toollama.agents.messages import Attached

    prompt = _storable(" ".join(words)).strip()
    attachments = [attach(name) for name in files if name != "-"]
    explicit = "-" in files
    piped = read(wanted=True if explicit else wanted, prompt_given=bool(prompt))
    if explicit and piped is None:
        raise InputError("-f -: stdin is empty", fix="pipe a text in, or give -f PATH")
    if piped is not None and (prompt or explicit):
        attachments.append(Attached(name=_STDIN, text=piped))
    elif piped is not None:
        prompt = piped.strip()
    if not prompt:
        raise InputError("the prompt is empty", fix='toollama ask "your question"')
    return prompt, tuple(attachments)


def attach(name: str) -> "Attached":
    """Return a file as an attachment; a pipe such as `<(command)` is read on the spot.

    Raises `InputError` for what cannot be opened.
    """
    from toollama.agents.messages import Attached

    path = Path(name).expanduser()
    try:
        with path.open("rb", buffering=0) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return Attached(name=visible(name), path=path.resolve())
            return Attached(
                name=visible(name), text=_decoded(_read_bytes(file.fileno(), name), name)
            )
    except OSError as error:
        raise InputError(
            f"-f {name}: {error.strerror}", fix="check the path, and give folders file by file"
        ) from error


def read(*, wanted: bool | None, prompt_given: bool) -> str | None:
    """Return the text on stdin, or None where there is none or it is not to be read.

    A terminal and a device are only read where `wanted` is True; a file and a pipe unless it is
    False. Raises `InputError` for binary data and for more than `MAX_BYTES`.
    """
    descriptor = _descriptor()
    if descriptor is None or wanted is False:
        return None
    mode = os.fstat(descriptor).st_mode
    waits = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
    if not (waits or stat.S_ISREG(mode) or wanted):
        return None
    if waits and prompt_given:
        _hint_when_silent(descriptor)
    text = _decoded(_read_bytes(descriptor, _STDIN), _STDIN)
    return text if text.strip() else None


def _storable(text: str) -> str:
    """Return an argument without the lone surrogates that Python makes of bytes outside UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _descriptor() -> int | None:
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or replaced by an object without one
        return None


def _hint_when_silent(descriptor: int) -> None:
    ready, _, _ = select.select([descriptor], [], [], HINT_AFTER_S)
    if not ready and out.is_terminal(sys.stderr):
        out.note("waiting for stdin … (end it with Ctrl-D, or use --no-stdin)")


def _read_bytes(descriptor: int, name: str) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := os.read(descriptor, 1 << 16):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BYTES:
            raise InputError(f"{name} is larger than 2 MiB", fix="save it and give it with -f PATH")
    return b"".join(chunks)


def _decoded(content: bytes, name: str) -> str:
    if b"\0" in content:
        raise InputError(f"{name} is binary, not text", fix="save it and give it with -f PATH")
    return content.decode("utf-8-sig", errors="replace")
