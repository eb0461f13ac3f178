"""Standard input as part of a request.

A terminal on stdin is never read, so that nothing waits for a person who does not know it. A pipe
is read to its end; while it is silent the caller may do other work, and a person is told.
"""

import os
import select
import stat
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from toollama.cli import out
from toollama.errors import InputError

if TYPE_CHECKING:
    from toollama.agents.messages import Attached

MAX_BYTES = 2 * 1024 * 1024
HINT_AFTER_S = 2.0
_SOON_S = 0.05
_STDIN = "stdin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """How stdin is read."""

    wanted: bool | None = None
    """`--stdin` (True), `--no-stdin` (False) or neither."""
    timeout_s: float | None = None
    """How long a pipe may stay silent; None waits for ever."""
    max_bytes: int = MAX_BYTES
    on_silence: Callable[[], None] = lambda: None
    """Called once, as soon as there is time to do something else."""


def request(
    words: Sequence[str],
    files: Sequence[str],
    intake: Intake,
    *,
    attach: "Callable[[Sequence[str]], list[Attached]]",
) -> tuple[str, tuple["Attached", ...]]:
    """Return the prompt and what is attached to it.

    Text on stdin is the prompt where no words are given, else an attachment. `attach` opens what
    `-f` names besides stdin. Raises `InputError`.
    """
    from toollama.agents.messages import Attached

    prompt = _storable(" ".join(words)).strip()
    attachments = attach([name for name in files if name != "-"])
    explicit = "-" in files
    piped = read(intake, explicit=explicit, prompt_given=bool(prompt))
    if explicit and piped is None:
        raise InputError("-f -: stdin is empty", fix="pipe a text in, or give -f PATH")
    if piped is not None and (prompt or explicit):
        attachments.append(Attached(name=_STDIN, text=piped))
    elif piped is not None:
        prompt = piped.strip()
    if not prompt:
        raise InputError("the prompt is empty", fix='toollama ask "your question"')
    return prompt, tuple(attachments)


def read(intake: Intake, *, explicit: bool = False, prompt_given: bool) -> str | None:
    """Return the text on stdin, or None where there is none or it is not to be read.

    A terminal and a device are only read where stdin is asked for; a file and a pipe unless it is
    refused. Raises `InputError` for binary data, too much of it, and a pipe silent for too long.
    """
    descriptor = _descriptor()
    wanted = True if explicit else intake.wanted
    if descriptor is None or wanted is False:
        return None
    mode = os.fstat(descriptor).st_mode
    waits = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
    if not (waits or stat.S_ISREG(mode) or wanted):
        return None
    if waits:
        _wait(descriptor, intake, hint=prompt_given)
    content = read_bytes(descriptor, _STDIN, max_bytes=intake.max_bytes)
    text = decoded(content, _STDIN)
    return text if text.strip() else None


def read_bytes(descriptor: int, name: str, *, max_bytes: int) -> bytes:
    """Return everything up to the end. Raises `InputError` for more than `max_bytes`."""
    chunks: list[bytes] = []
    size = 0
    while chunk := os.read(descriptor, 1 << 16):
        chunks.append(chunk)
        size += len(chunk)
        if size > max_bytes:
            raise InputError(
                f"{name} is larger than {max_bytes / (1 << 20):g} MiB",
                fix="save it and give it with -f PATH, or raise --max-stdin",
            )
    return b"".join(chunks)


def decoded(content: bytes, name: str) -> str:
    """Return the bytes as text, what is not UTF-8 replaced. Raises `InputError` for binary."""
    if b"\0" in content:
        raise InputError(f"{name} is binary, not text", fix="save it and give it with -f PATH")
    return content.decode("utf-8-sig", errors="replace")


def _storable(text: str) -> str:
    """Return an argument without the lone surrogates that Python makes of bytes outside UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _descriptor() -> int | None:
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # closed, or replaced by an object without one
        return None


def _wait(descriptor: int, intake: Intake, *, hint: bool) -> None:
    """Wait for the first byte, or the end. Raises `InputError` after `timeout_s` of silence."""
    if _arrives(descriptor, _SOON_S):
        return
    started_s = monotonic()
    intake.on_silence()
    limit_s = intake.timeout_s
    if hint and (limit_s is None or limit_s > HINT_AFTER_S):
        if _arrives(descriptor, HINT_AFTER_S):
            return
        if out.is_terminal(sys.stderr):
            out.note("waiting for stdin … (end it with Ctrl-D, or use --no-stdin)")
    left_s = None if limit_s is None else max(limit_s - (monotonic() - started_s), 0.0)
    if not _arrives(descriptor, left_s):
        raise InputError(f"stdin was silent for {limit_s:g} s", fix="use --no-stdin")


def _arrives(descriptor: int, timeout_s: float | None) -> bool:
    ready, _, _ = select.select([descriptor], [], [], timeout_s)
    return bool(ready)
