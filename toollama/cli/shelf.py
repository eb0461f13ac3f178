"""A directory of the user's own files that are asked for by name: templates, schemas."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from toollama.errors import InputError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Files of one kind in one directory; a name is that of a file without its suffix."""

    kind: str
    """What one of them is called, in messages."""
    directory: Callable[[], Path]
    suffix: str
    """That of a new file."""
    other_suffixes: tuple[str, ...] = ()

    def files(self) -> list[Path]:
        """Return every file, by name."""
        directory, known = self.directory(), {self.suffix, *self.other_suffixes}
        found = directory.iterdir() if directory.is_dir() else ()
        return sorted(path for path in found if path.suffix in known and path.is_file())

    def path_of(self, name: str) -> Path:
        """Return where a new file of this name is kept. Raises `InputError`."""
        if not _NAME.fullmatch(name):
            raise InputError(
                f"a {self.kind}'s name takes letters, digits, . _ and -, at most 60",
                fix="choose another",
            )
        return self.directory() / f"{name}{self.suffix}"

    def find(self, name: str) -> Path | None:
        """Return the file of this name, or None where there is none."""
        if not _NAME.fullmatch(name):
            return None
        suffixes = (self.suffix, *self.other_suffixes)
        candidates = [self.directory() / f"{name}{suffix}" for suffix in suffixes]
        return next(filter(Path.is_file, candidates), None)
