"""Which process looks after a database file, by locks that the kernel drops with the process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Lease:
    """The right to checkpoint a file and to set it aside. One holder at a time has it."""

    def __init__(self, path: Path) -> None:
        self._handle: int | None = os.open(
            path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600
        )
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.drop()

    @property
    def held(self) -> bool:
        """Tell whether it was free and is now ours."""
        return self._handle is not None

    def drop(self) -> None:
        """Leave the file to the next process that opens it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


@contextmanager
def others_wait(directory: Path) -> Iterator[None]:
    """Let one process at a time run the block for a directory."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
