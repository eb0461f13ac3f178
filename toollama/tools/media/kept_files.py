"""Keep what a service made as a new file below the output directory, and never over another one."""

import itertools
import re
from pathlib import Path

from toollama.text import one_line
from toollama.tools.base import ToolFailure
from toollama.tools.refusal import refusal

_STEM_CHARACTERS = 40
_SIGNATURES = {
    ".mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    ".jpg": (b"\xff\xd8\xff",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".webp": (b"RIFF",),
}
"""How files of a type begin: ID3v2 or an MPEG frame, JFIF, PNG, RIFF."""


def stem_of(text: str, *, kind: str) -> str:
    """Return a file name without suffix, such as `speech-good-morning`."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return "-".join([kind, *words])[:_STEM_CHARACTERS].rstrip("-")


def suffix_of(body: bytes, *, among: tuple[str, ...], service: str) -> str:
    """Return the suffix of the type that the bytes are.

    Raises `ToolFailure(kind="upstream")` for what is none of `among`.
    """
    for suffix in among:
        if body.startswith(_SIGNATURES[suffix]):
            return suffix
    start = one_line(body[:60].decode("utf-8", "replace"), 60)
    raise ToolFailure(
        f"{service} sent no {' or '.join(suffix[1:] for suffix in among)} file: {start}",
        kind="upstream",
        fix="try again later",
    )


def keep(body: bytes, *, directory: Path, stem: str, suffix: str) -> Path:
    """Write a new file, under the first of `stem`, `stem-2`, … that is free, and return its path.

    Raises `ToolFailure` where the directory cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            name = stem if number == 1 else f"{stem}-{number}"
            path = directory / f"{name}{suffix}"
            try:
                file = path.open("xb")
            except FileExistsError:
                continue
            with file:
                file.write(body)
            return path
    except OSError as error:
        raise refusal(
            f"{directory} cannot be written: {error.strerror}", fix=f"ls -ld {directory}"
        ) from error
    raise AssertionError("unreachable: the numbers do not end")
