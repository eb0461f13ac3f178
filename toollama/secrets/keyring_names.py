"""Which keys were put into the desktop's keyring: their names, one a line, never a value.

Asking a keyring takes a tenth of a second and may raise a dialogue, so it is asked only for what it
is known to hold.
"""

import os
from contextlib import suppress
from pathlib import Path

from toollama import paths


def path() -> Path:
    """Return the file of the names."""
    return paths.config_dir() / "keyring-names"


def names() -> frozenset[str]:
    """Return the names of the keys in the keyring."""
    try:
        return frozenset(path().read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError):
        return frozenset()


def add(name: str) -> None:
    """Note a key that was put into the keyring. Raises `OSError`."""
    _write(names() | {name})


def discard(name: str) -> None:
    """Forget a key that was taken out of the keyring."""
    with suppress(OSError):  # a name too many costs one look-up
        _write(names() - {name})


def _write(kept: frozenset[str]) -> None:
    file = path()
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary.write_text("".join(f"{name}\n" for name in sorted(kept)), encoding="utf-8")
    temporary.replace(file)
