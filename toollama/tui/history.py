"""What was typed before: one JSON string a line, newest last, kept for the next start."""

import os
from pathlib import Path

from pydantic_core import from_json, to_json

KEPT_LINES = 1000
LONGEST_CHARACTERS = 10_000


class History:
    """The typed lines, and a place among them. A file that cannot be used is done without."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lines = _read(path) if path else []
        self._at = len(self._lines)
        self._draft = ""

    def add(self, text: str) -> None:
        """Note a line that was sent."""
        if text.strip() and len(text) <= LONGEST_CHARACTERS and text != self._last():
            self._lines = [*self._lines, text][-KEPT_LINES:]
            self._write(text)
        self._at = len(self._lines)
        self._draft = ""

    def older(self, current: str) -> str | None:
        """Return the line before the one shown, None at the oldest."""
        if self._at == 0:
            return None
        if self._at == len(self._lines):
            self._draft = current
        self._at -= 1
        return self._lines[self._at]

    def newer(self) -> str | None:
        """Return the line after the one shown, at last what was being typed; None beyond."""
        if self._at >= len(self._lines):
            return None
        self._at += 1
        return self._draft if self._at == len(self._lines) else self._lines[self._at]

    def _last(self) -> str:
        return self._lines[-1] if self._lines else ""

    def _write(self, text: str) -> None:
        """Add a line to the file, to which other screens add theirs."""
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(self._path, "ab", opener=_private) as file:
                file.write(to_json(text) + b"\n")
            self._cut(self._path)
        except OSError:  # a full or read-only disk costs the history of this start, nothing else
            self._path = None

    def _cut(self, path: Path) -> None:
        lines = path.read_bytes().splitlines(keepends=True)
        if len(lines) <= 2 * KEPT_LINES:
            return
        temporary = path.with_suffix(".part")
        with open(temporary, "wb", opener=_private) as file:
            file.writelines(lines[-KEPT_LINES:])
        temporary.replace(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _read(path: Path) -> list[str]:
    try:
        lines = path.read_bytes().splitlines()[-KEPT_LINES:]
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            text = from_json(line)
        except ValueError:
            continue
        if isinstance(text, str):
            found.append(text)
    return found
