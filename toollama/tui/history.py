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
            self._write()
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

    def _write(self) -> None:
        if self._path is None:
            return
        body = b"".join(to_json(line) + b"\n" for line in self._lines)
        temporary = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(body)
            temporary.replace(self._path)
        except OSError:  # a full or read-only disk costs the history of this start, nothing else
            self._path = None


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
