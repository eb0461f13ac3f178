"""A file on its way: `NAME.part` beside its target, and what is known of the bytes in it.

The note beside it (`NAME.part.json`) says which file the bytes belong to, so that a later process
can go on where an earlier one was stopped. Without a validator nothing is ever continued.
"""

import os
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict, ValidationError

from toollama.models.fetch.files import write_whole


class _Note(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    """`WebFile.record`: queries are left out because signed URLs change from day to day."""
    validator: str


class Part:
    """The bytes of one download that are here."""

    def __init__(self, target: Path, *, source: str) -> None:
        self.path = target.with_name(f"{target.name}.part")
        self._note_path = target.with_name(f"{target.name}.part.json")
        self._bad_path = target.with_name(f"{target.name}.bad")
        self._source = source
        self._note = self._read_note()

    @property
    def validator(self) -> str:
        """Return what identifies the file that the bytes belong to."""
        return self._note.validator if self._note else ""

    @property
    def have_bytes(self) -> int:
        """Return how many bytes can be built upon."""
        return _size(self.path) if self.validator else 0

    def open_at(self, offset: int, *, validator: str) -> BinaryIO:
        """Open the part for writing at `offset`; what was beyond it is gone. Raises `OSError`."""
        self._note = _Note(source=self._source, validator=validator)
        write_whole(self._note_path, self._note.model_dump_json())
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        os.ftruncate(descriptor, offset)
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.fdopen(descriptor, "wb", buffering=0)

    def forget(self) -> None:
        """Remove the bytes and the note."""
        self.path.unlink(missing_ok=True)
        self.finish()

    def finish(self) -> None:
        """Remove the note; the bytes have found their place."""
        self._note_path.unlink(missing_ok=True)
        self._note = None

    def set_aside(self) -> Path:
        """Rename the bytes to `NAME.bad`, for a look at what arrived, and return that path."""
        self.path.replace(self._bad_path)
        self.finish()
        return self._bad_path

    def _read_note(self) -> _Note | None:
        try:
            note = _Note.model_validate_json(self._note_path.read_bytes())
        except (OSError, ValidationError):
            return None
        return note if note.source == self._source else None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
