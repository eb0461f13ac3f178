"""Files that a person asks for: all of it is written, or the file stays as it was."""

import os
from pathlib import Path

from toollama.errors import InputError
from toollama.paths import written


def check(path: Path) -> None:
    """Raise `InputError` where the file could not be written, before anything is spent on it."""
    target = written(path)
    directory = target.parent
    try:
        if target.is_dir():
            raise InputError(f"{path} is a directory", fix=f"write to {path / 'answer.md'}")
        if not directory.is_dir():
            raise InputError(f"{path}: there is no {directory}", fix=f"mkdir -p '{directory}'")
        if not os.access(directory, os.W_OK) and not _is_device(target):
            raise InputError(f"{path}: {directory} cannot be written", fix="choose another place")
    except OSError as error:
        raise _unwritable(path, error) from error


def write_whole(path: Path, text: str) -> Path:
    """Write the file as a whole and return where it is. Raises `InputError`.

    A device or a pipe, such as `/dev/null`, is written to and stays what it is.
    """
    check(path)
    target = written(path)
    content = text.encode("utf-8", "replace")
    try:
        if _is_device(target):
            target.write_bytes(content)
        else:
            _replace(Path(os.path.realpath(target)), content)
    except OSError as error:
        raise _unwritable(path, error) from error
    return target


def _is_device(target: Path) -> bool:
    """Return whether the path leads to what is no file: replacing it would destroy it."""
    return target.exists() and not target.is_file()


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path} cannot be written: {error.strerror}", fix="choose another place")


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
