"""Commands and notices as lines of JSON over a Unix socket. Pure but for the socket's path."""

import json
import os
from pathlib import Path

from pydantic import TypeAdapter

from toollama import paths
from toollama.host.notices import Command, Notice

MOST_LINE_BYTES = 16 * 1024 * 1024
"""A line is one command or notice; a pasted text of 8 MiB fits when escaped."""

_COMMAND: TypeAdapter[Command] = TypeAdapter(Command)
_NOTICE: TypeAdapter[Notice] = TypeAdapter(Notice)


def command_line(command: Command) -> bytes:
    """Return a command as a line."""
    return _line(command)


def notice_line(notice: Notice) -> bytes:
    """Return a notice as a line."""
    return _line(notice)


def _line(said: Command | Notice) -> bytes:
    """Return one line; a lone surrogate, which UTF-8 cannot carry, becomes a question mark."""
    plain = said.model_dump(mode="json", fallback=str)
    return json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def read_command(line: bytes) -> Command:
    """Return the command of a line. Raises pydantic's `ValidationError`."""
    return _COMMAND.validate_json(line)


def read_notice(line: bytes) -> Notice:
    """Return the notice of a line. Raises pydantic's `ValidationError`."""
    return _NOTICE.validate_json(line)


def socket_path() -> Path:
    """Return where this process's engine host listens: a directory only the user may enter."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    directory = Path(runtime) / "toollama" if runtime else paths.state_dir()
    return directory / f"host-{os.getpid()}.sock"
