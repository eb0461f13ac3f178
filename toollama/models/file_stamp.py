"""What tells one content of a file from another without reading it."""

from pathlib import Path

FileStamp = tuple[str, int, int]
"""Path, bytes and modification time in ns: the same stamp is taken for the same content."""


def file_stamp(path: Path) -> FileStamp:
    """Return the stamp of the file as it is now. Raises `OSError`."""
    stat = path.stat()
    return str(path), stat.st_size, stat.st_mtime_ns


def was_replaced(stamp: FileStamp) -> bool:
    """Return whether the file holds something else now; one that is gone was not replaced."""
    try:
        return file_stamp(Path(stamp[0])) != stamp
    except OSError:
        return False
