"""Files that a person asks for: all of it is written, or the file stays as it was."""

import os
from pathlib import Path

from toollama.errors import InputError


def check(path: Path) -> None:
    """Raise `InputError` where the file could not be written, before anything is spent on it."""
    directory = path.expanduser().parent
    if path.expanduser().is_dir():
        raise InputError(f"{path} is a directory", fix=f"write to {path / 'answer.md'}")
    if not directory.is_dir():
        raise InputError(f"{path}: there is no {directory}", fix=f"mkdir -p '{directory}'")
    if not os.access(directory, os.W_OK):
        raise InputError(f"{path}: {directory} cannot be written", fix="choose another place")


def write_whole(path: Path, text: str) -> Path:
    """Write the file as a whole and return where it is. Raises `InputError`."""
    check(path)
    target = path.expanduser()
    try:
        _replace(target.resolve(), text.encode("utf-8", "replace"))
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror}", fix="choose another place"
        ) from error
    return target


def _replace(target: Path, content: bytes) -> None:
    import tempfile

    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    with tempfile.NamedTemporaryFile(
        dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            os.fchmod(part.fileno(), mode)
            Path(part.name).replace(target)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


def _umask() -> int:
    """Return the mask of new files; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
