"""Runs outside the log: files of events, as `ask --jsonl` and `runs export -F jsonl` write them."""

from pathlib import Path
from typing import TYPE_CHECKING

from toollama.errors import InputError

if TYPE_CHECKING:
    from toollama.events import Event

SUFFIX = ".jsonl"
"""What tells the name of such a file from that of a run in the log."""


def read_events(path: Path) -> "list[Event]":
    """Return the events of a JSONL file. Raises `InputError` naming the line that is none."""
    from toollama.events import Event

    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", fix="check the path") from error
    events = []
    for number, line in enumerate(lines, start=1):
        try:
            events.append(Event.model_validate_json(line))
        except ValueError:
            raise InputError(
                f"{path}:{number} is not an event", fix="make one with: toollama ask --jsonl"
            ) from None
    return events
