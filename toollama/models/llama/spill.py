"""Where the state of conversations spills to on disk: how much there may be, and its removal.

`sequences` writes and reads the files; this module owns the rest of their life, and needs no model
and no llama.cpp for it.
"""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from toollama import paths
from toollama.models.llama.sequences import file_prefix

_MOST_BYTES = 4 << 30
_ONE_PART_OF_FREE = 10


def limit_bytes(wanted_bytes: int | None = None) -> int:
    """Return how many bytes may be spilled: what the user says, else 4 GiB or a tenth of the disk.

    The smaller of the two; of the disk, what is free and what is spilled already count.
    """
    if wanted_bytes is not None:
        return wanted_bytes
    directory = paths.kv_dir()
    existing = next(place for place in (directory, *directory.parents) if place.exists())
    free_bytes = shutil.disk_usage(existing).free + spilled_bytes(spilled())
    return min(_MOST_BYTES, free_bytes // _ONE_PART_OF_FREE)


def spilled(model: Path | None = None) -> tuple[Path, ...]:
    """Return the files of spilled state, of every model or of the one whose file this is."""
    prefix = "" if model is None else file_prefix(str(model))
    return tuple(sorted(paths.kv_dir().glob(f"{prefix}*.kv")))


def spilled_bytes(files: Sequence[Path]) -> int:
    """Return the bytes of the files that are still there; a run may be removing some."""
    total = 0
    for file in files:
        with suppress(OSError):
            total += file.stat().st_size
    return total
