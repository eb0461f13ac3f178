"""The file names of a split model. Pure.

llama.cpp's gguf-split writes `NAME-00001-of-00003.gguf`, and its loader, given the first part,
expects the others beside it under these very names.
"""

import re
from pathlib import Path

from toollama.errors import InputError

MAX_PARTS = 1000

_SPLIT = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.IGNORECASE)


def part_names(name: str) -> tuple[str, ...]:
    """Return the names of all parts of a split model; of a whole one, its own name.

    Raises `InputError` for a part that cannot be: number 0, more than the count, absurd counts.
    """
    found = _SPLIT.fullmatch(name)
    if found is None:
        return (name,)
    number, count = int(found["number"]), int(found["count"])
    if not 1 <= number <= count <= MAX_PARTS:
        raise InputError(
            f"{name}: there is no part {number} of {count}", fix="check the name of the file"
        )
    return tuple(numbered(name, each) for each in range(1, count + 1))


def files_of(path: Path) -> tuple[Path, ...]:
    """Return the paths of all files of the model that one of them belongs to. Raises `InputError`.

    Nothing is looked up: any of them may be missing.
    """
    return tuple(path.with_name(name) for name in part_names(path.name))


def numbered(name: str, number: int) -> str:
    """Return the name of a part with another part number."""
    return re.sub(r"\d{5}(?=-of-\d{5}\.gguf$)", f"{number:05}", name, flags=re.IGNORECASE)


def stem(name: str) -> str:
    """Return the file's name without its ending and part number."""
    split = _SPLIT.fullmatch(name)
    return split["stem"] if split else re.sub(r"\.gguf$", "", name, flags=re.IGNORECASE)
