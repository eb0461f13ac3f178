"""What `-f` names: files, directories, globs, web pages, the last answer. Opened before any load.

Files are only found here; their content is read later, by tools. A page is fetched through the
tools' own HTTP door, and what strangers wrote in it is marked untrusted.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toollama.cli import stdin
from toollama.errors import InputError
from toollama.paths import written
from toollama.text import visible, well_formed

if TYPE_CHECKING:
    from toollama.agents.messages import Attached

LAST = "@last"
MAX_FILES = 200
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic"})
_GLOB = frozenset("*?[")
_MAX_PAGE_BYTES = 5_000_000


def attach(
    names: Sequence[str], *, offline: bool = False, max_bytes: int = stdin.MAX_BYTES
) -> "list[Attached]":
    """Return what the names stand for, in their order. Raises `InputError`."""
    found: list[Attached] = []
    for name in names:
        if name == LAST:
            found.append(_last_answer())
        elif name.startswith(("http://", "https://")):
            found.append(_page(name, offline=offline))
        else:
            found += [_file(path, max_bytes=max_bytes) for path in _paths(name)]
        if len(found) > MAX_FILES:
            raise InputError(
                f"-f {name}: more than {MAX_FILES} files", fix="give fewer, or a narrower glob"
            )
    return found


def pictures(attached: "Sequence[Attached]") -> list[str]:
    """Return the names of what is attached that only tools for pictures can read."""
    return [each.name for each in attached if each.path and each.path.suffix.lower() in _PICTURES]


def _paths(name: str) -> list[str]:
    """Return the files that a path, a directory or a glob names, sorted; hidden ones are left.

    Raises `InputError`.
    """
    if not name:
        raise InputError("-f names no file", fix="give it a path")
    try:
        return _named(name)
    except OSError as error:
        raise InputError(f"-f {name}: {error.strerror}", fix="check the path") from error


def _named(name: str) -> list[str]:
    path = written(name)
    if path.is_dir():
        inside = list(_some(_files_below(path)))
        if not inside:
            raise InputError(f"-f {name}: no files in this directory", fix="check the path")
        return sorted(inside)
    if path.exists() or _GLOB.isdisjoint(name):
        return [name]
    import glob

    matches = glob.iglob(str(path), recursive=True)  # noqa: PTH207 - Path refuses absolute ones
    files = sorted(_some(match for match in matches if Path(match).is_file()))
    if not files:
        raise InputError(
            f"-f {name}: nothing matches", fix="quote it for the shell, and check the pattern"
        )
    return files


def _files_below(directory: Path) -> Iterator[str]:
    for parent, directories, files in os.walk(directory, onerror=_raise):
        directories[:] = sorted(name for name in directories if not name.startswith("."))
        yield from (str(Path(parent, name)) for name in files if not name.startswith("."))


def _raise(error: OSError) -> None:
    raise error


def _some(names: Iterator[str]) -> Iterator[str]:
    """Yield one more name than may be attached, so that a whole disk is never walked."""
    for _ in range(MAX_FILES + 1):
        if (name := next(names, None)) is None:
            return
        yield name


def _file(name: str, *, max_bytes: int) -> "Attached":
    """Return a file; a pipe such as `<(command)` is read on the spot. Raises `InputError`."""
    from toollama.agents.messages import Attached

    path = written(name)
    try:
        with path.open("rb", buffering=0) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return Attached(name=visible(name), path=_nameable(path.resolve()))
            text = stdin.decoded(stdin.read_bytes(file.fileno(), name, max_bytes=max_bytes), name)
            return Attached(name=visible(name), text=text)
    except OSError as error:
        raise InputError(f"-f {name}: {error.strerror}", fix="check the path") from error


def _nameable(path: Path) -> Path:
    """Return a path that a tool can be given as text. Raises `InputError`."""
    if well_formed(str(path)) != str(path):
        raise InputError(
            f"-f {path}: this name is not UTF-8", fix="rename it, or give it as -f - < FILE"
        )
    return path


def _page(url: str, *, offline: bool) -> "Attached":
    """Return the text of a web page. Raises `InputError`."""
    import asyncio

    from toollama.tools.base import ToolFailure

    try:
        return asyncio.run(_fetched(url, _host(url), offline=offline))
    except ToolFailure as failure:
        raise InputError(
            f"-f {url}: {failure.message}",
            fix="save the page, and give its file with -f",
            code=failure.code,
            exit_code=failure.exit_code,
        ) from failure


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    try:
        host = urlsplit(url).hostname
    except ValueError:  # a bracket that is not closed
        host = None
    if not host:
        raise InputError(f"-f {url}: names no host", fix="write it as https://example.org/page")
    return host


async def _fetched(url: str, host: str, *, offline: bool) -> "Attached":
    from toollama import __version__
    from toollama.agents.messages import Attached
    from toollama.config import load_settings
    from toollama.tools.http import Door, HttpSettings

    settings = load_settings()
    http = HttpSettings(
        base_urls=settings.network.base_urls,
        offline=offline or settings.offline,
        contact=settings.contact,
        version=__version__,
    )
    async with Door(http) as door:
        reply = await door.request(
            "GET", url, accept="text/html, text/*;q=0.9, application/json;q=0.8",
            hosts=(host, f"www.{host}"), max_bytes=_MAX_PAGE_BYTES,
        )  # fmt: skip
    return Attached(name=visible(url), text=_text(reply.body, url), untrusted=True)


def _text(body: bytes, url: str) -> str:
    from toollama.tools.reading.web_pages import title_and_text

    text = stdin.decoded(body, url)
    if "<html" not in text[:2000].lower() and "<!doctype html" not in text[:2000].lower():
        return text
    title, main = title_and_text(text)
    return f"{title}\n\n{main}".strip()


def _last_answer() -> "Attached":
    """Return the last answer on this terminal. Raises `InputError` where there is none."""
    from toollama.agents.messages import Attached
    from toollama.cli import log, terminal

    with log.opened_if_exists() as store:
        row = store.last_run(terminal=terminal.terminal_id()) if store else None
    if row is None:
        raise InputError(
            f"-f {LAST}: nothing was answered on this terminal yet", fix="toollama runs list"
        )
    return Attached(name="the answer before", text=row.answer)
