"""Which of the names that a request writes behind `@` are files: it looks, and reads nothing."""

import os
import re
from collections.abc import Sequence

from toollama.errors import InputError
from toollama.paths import written
from toollama.text import one_line

_PATTERN_OR_ADDRESS = re.compile(r"[*?\[]|^https?://")


def present(names: Sequence[str]) -> list[str]:
    """Return those that name a file, a folder, a pattern or an address.

    `@someone` stays a word: there is nothing of that name, and it does not look like a path. Raises
    `InputError` for one that does.
    """
    return [name for name in names if _is_present(name)]


def _is_present(name: str) -> bool:
    if _PATTERN_OR_ADDRESS.search(name) or os.path.exists(written(name)):  # noqa: PTH110 - Path's own raises for a name that is too long
        return True
    looks_like_path = "/" in name or "." in name.strip(".")
    if looks_like_path and "@" not in name:
        raise InputError(f"@{one_line(name, 80)} is not there", fix="check the path")
    return False
