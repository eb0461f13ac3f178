"""The rest of a file's name behind `@`, as far as one folder tells it. Looks at names only."""

import os
import re
from collections.abc import Iterator
from itertools import islice

_BEGUN = re.compile(r'(?:^|(?<=\s))@(?:(")([^"\n]*)|([^\s"]*))$')
MOST_ENTRIES = 5000
"""How many names of a folder are looked at, so that a key never waits for a huge one."""


def rest_of_mention(text: str) -> str:
    """Return what completes the `@file` that a text ends with; empty where nothing does.

    The first name in alphabetical order counts, a folder goes on with its slash. A name with blanks
    is completed behind `@"`; one that cannot be shown or typed is passed over.
    """
    begun = _BEGUN.search(text)
    if begun is None:
        return ""
    quote, written = begun[1] or "", begun[2] if begun[1] else begun[3]
    folder, slash, beginning = written.rpartition("/")
    try:
        found = min(_names(os.path.expanduser(folder + slash) or ".", beginning, bool(quote)))  # noqa: PTH111
    except (OSError, ValueError):  # a folder that cannot be read, or no such name
        return ""
    return found.removeprefix(beginning) + ("" if found.endswith("/") else quote)


def _names(folder: str, beginning: str, quoted: bool) -> Iterator[str]:  # noqa: FBT001 - private
    with os.scandir(folder) as entries:
        for entry in islice(entries, MOST_ENTRIES):
            name = entry.name
            typed = name.isprintable() and '"' not in name and (quoted or " " not in name)
            hidden = name.startswith(".") and not beginning.startswith(".")
            if name.startswith(beginning) and typed and not hidden:
                yield f"{name}/" if entry.is_dir() else name
