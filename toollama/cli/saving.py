"""An answer that goes to a file instead of stdout, and the line that says where it is."""

from pathlib import Path

from toollama.cli import out
from toollama.host import files

STDOUT = Path("-")
"""The name that commands take for their own output."""


def save(path: Path, text: str) -> None:
    """Write the file as a whole and tell its path on stderr. Raises `InputError`."""
    out.note(f"written to {files.write_whole(path, text)}")
