"""Small facts and safe steps about files: free space, durable renames, whole-file writes."""

import os
import shutil
from pathlib import Path

from toollama.errors import ModelError

_SPARE = 1.05


class DiskFull(ModelError):
    """There is no room for the file."""

    code = "disk.full"


def require_space(directory: Path, need_bytes: int) -> None:
    """Raise `DiskFull` unless `need_bytes` and 5 % more are free at the (future) `directory`."""
    existing = next(place for place in (directory, *directory.parents) if place.exists())
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < need_bytes * _SPARE:
        raise disk_full(
            directory, f"{need_bytes / 1e9:.2f} GB needed, {free_bytes / 1e9:.2f} GB free"
        )


def disk_full(directory: Path, detail: str) -> DiskFull:
    """Return the error for a full disk."""
    return DiskFull(
        f"{directory}: not enough space: {detail}",
        fix="free some space, or move models elsewhere with TOOLLAMA_DATA_DIR or HF_HOME",
    )


def write_whole(path: Path, text: str) -> None:
    """Write the file so that a crash leaves the old one or the new one. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def move_into_place(finished: Path, target: Path) -> None:
    """Replace `target` by `finished`, durably. Raises `OSError`."""
    finished.replace(target)
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
