"""One owner of the GPU per machine: a file lock, and beside it who holds it.

The lock itself is the kernel's and dies with its process; the note beside it is only for people
and is believed only while the lock is held. Runs on the CPU need no lock.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from toollama import paths
from toollama.clock import Clock, SystemClock
from toollama.errors import ModelBusy
from toollama.text import one_line

_GRACE_S = 0.2
"""`holder` takes the lock for an instant to see whether it is held."""
_POLL_S = 0.05
FORCE_VARIABLE = "TOOLLAMA_GPU_LOCK"
"""`always` takes the lock without a GPU as well."""


class Holder(BaseModel):
    """The process that owns the GPU."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    pid: int
    command: str
    """Its command line. Untrusted text."""
    since: AwareDatetime


def is_needed(*, uses_gpu: bool) -> bool:
    """Return whether a run must hold the lock."""
    return uses_gpu or os.environ.get(FORCE_VARIABLE) == "always"


@contextmanager
def hold(
    *,
    wait: bool,
    cancelled: Callable[[], bool] | None = None,
    clock: Clock | None = None,
) -> Iterator[None]:
    """Own the GPU inside the block. Blocks its thread while waiting, until `cancelled()`.

    Raises `ModelBusy` naming the holder where another process has it and `wait` is false, or where
    the wait was cancelled.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(_lock_file())
    try:
        lock.acquire(
            timeout=-1 if wait else _GRACE_S, poll_interval=_POLL_S, cancel_check=cancelled
        )
    except Timeout:
        raise _busy(_read_note()) from None
    try:
        with suppress(OSError):  # a full disk must not keep the GPU from its owner
            _write_note(clock or SystemClock())
        yield
    finally:
        _note_file().unlink(missing_ok=True)
        lock.release()


def holder() -> Holder | None:
    """Return who owns the GPU now, or None. A note left by a killed process is not believed."""
    from filelock import FileLock, Timeout

    if (note := _read_note()) is None:
        return None
    try:
        with FileLock(_lock_file()).acquire(timeout=0):
            return None
    except Timeout:
        return note


def _busy(note: Holder | None) -> ModelBusy:
    who = "another process"
    if note is not None:
        since = note.since.astimezone().strftime("%H:%M:%S")
        who = f"process {note.pid} ({one_line(note.command, 80)}), since {since},"
    return ModelBusy(
        f"{who} is using the GPU",
        fix="wait for it with --wait, or use the processor with --cpu",
    )


def _lock_file() -> Path:
    directory = paths.state_dir()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory / "gpu.lock"


def _note_file() -> Path:
    return paths.state_dir() / "gpu.json"


def _write_note(clock: Clock) -> None:
    """Replace the note as a whole, so that a reader never sees half of one."""
    note = Holder(pid=os.getpid(), command=" ".join(sys.argv), since=clock.now())
    temporary = _note_file().with_suffix(f".{os.getpid()}")
    temporary.write_text(note.model_dump_json(), encoding="utf-8")
    temporary.replace(_note_file())


def _read_note() -> Holder | None:
    try:
        return Holder.model_validate_json(_note_file().read_bytes())
    except (OSError, ValidationError):
        return None
