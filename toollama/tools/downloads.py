"""Bring a large body into a file: bounded, whole or not there, and never over another file."""

import itertools
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

from toollama.text import one_line
from toollama.tools.base import HttpDoor, HttpReply, Query, ToolFailure
from toollama.tools.charset import media_type

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]{0,119}")


@runtime_checkable
class StreamingDoor(Protocol):
    """A door that can write a body to a file as it comes."""

    async def download(
        self,
        url: str,
        *,
        into: BinaryIO,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        accept: str = "*/*",
        secrets: Sequence[str] = (),
        hosts: Sequence[str],
        deadline_s: float = 60.0,
        max_bytes: int = 50_000_000,
    ) -> HttpReply:
        """Write the body of a GET to an open file; the reply's own body is empty."""
        ...


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that was brought here."""

    path: Path
    size_bytes: int
    media_type: str


async def download(
    http: HttpDoor,
    url: str,
    *,
    directory: Path,
    name: str,
    params: Query | None = None,
    headers: Mapping[str, str] | None = None,
    accept: str = "*/*",
    secrets: Sequence[str] = (),
    hosts: Sequence[str],
    deadline_s: float = 60.0,
    max_bytes: int = 50_000_000,
) -> Downloaded:
    """Download into `directory`, under `name` or, where that is taken, `name-2` and so on.

    Raises `ToolFailure`; then the directory is as it was.
    """
    if not _FILE_NAME.fullmatch(name):
        raise ToolFailure(
            f"{one_line(name, 80)} cannot be the name of a file",
            kind="invalid_input",
            fix="name it with letters, digits, dots and dashes",
        )
    if not isinstance(http, StreamingDoor):
        raise ToolFailure(
            "nothing is downloaded here",
            kind="unavailable",
            fix="run the tool itself",
            lasting=True,
        )
    with _temporary_file(directory) as (temporary, file):
        reply = await http.download(
            url, into=file, params=params, headers=headers, accept=accept, secrets=secrets,
            hosts=hosts, deadline_s=deadline_s, max_bytes=max_bytes,
        )  # fmt: skip
        file.flush()
        size_bytes = os.fstat(file.fileno()).st_size
        path = _publish(temporary, directory / name)
    return Downloaded(path, size_bytes, media_type(reply))


@contextmanager
def _temporary_file(directory: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Open a file in the directory; it is gone at the end unless it was renamed."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=directory, prefix=".download-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield Path(name), file
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise ToolFailure(
            f"{directory} cannot be written: {error.strerror}",
            kind="internal",
            fix="set output_dir in the configuration, or free some space",
        ) from error


def _publish(temporary: Path, wanted: Path) -> Path:
    """Rename the file to the first free name, and return it."""
    for number in itertools.count(1):
        path = wanted if number == 1 else wanted.with_stem(f"{wanted.stem}-{number}")
        try:
            path.touch(exist_ok=False)  # reserves the name, so that two downloads never share one
        except FileExistsError:
            continue
        return temporary.replace(path)
    raise AssertionError("unreachable: the numbers do not end")
