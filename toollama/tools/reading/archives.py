"""Pack files into a new ZIP archive, whole or not there. Names inside it are bare file names."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from toollama.tools.reading.files import read_bytes
from toollama.tools.refusal import refusal

_MAX_TOTAL_BYTES = 200_000_000


def pack(files: Sequence[Path], archive: Path) -> int:
    """Write the archive and return its size in bytes.

    Raises `ToolFailure` where a file cannot be read or the archive exists or cannot be written.
    """
    bodies = [(path, read_bytes(path)) for path in files]
    total = sum(len(body) for _, body in bodies)
    if total > _MAX_TOTAL_BYTES:
        raise refusal(
            f"the files have {total:,} bytes; the most that is packed is {_MAX_TOTAL_BYTES:,}",
            fix="pack fewer files",
        )
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        with archive.open("xb") as target:
            try:
                with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
                    for name, body in _named(bodies):
                        packed.writestr(name, body)
            except BaseException:
                archive.unlink(missing_ok=True)
                raise
    except FileExistsError as error:
        raise refusal(
            f"{archive} already exists", fix=f"name it {archive.stem}-2{archive.suffix}"
        ) from error
    except OSError as error:
        raise refusal(
            f"{archive} cannot be written: {error.strerror}", fix=f"ls -ld {archive.parent}"
        ) from error
    return archive.stat().st_size


def _named(bodies: Sequence[tuple[Path, bytes]]) -> list[tuple[str, bytes]]:
    """Return bodies by file name; a name that is taken gets a number."""
    named: dict[str, bytes] = {}
    for path, body in bodies:
        name, number = path.name, 2
        while name in named:
            name, number = f"{path.stem}-{number}{path.suffix}", number + 1
        named[name] = body
    return list(named.items())
