"""The compiled index: every tool's spec in one JSON file, built when a source changes.

Owns building, keeping and reading the index. It is a cache: a damaged, old or unwritable one costs
time and nothing else. What a source cannot give is a problem that is told, never a crash.
"""

import platform
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from toollama import __version__, paths
from toollama.errors import ConfigError
from toollama.tools.discovery import files, sources, switches
from toollama.tools.discovery.entry import Entry, from_document, from_spec, no_such_tool
from toollama.tools.discovery.sources import Source

_LAYOUT = 1
"""Raised whenever the form of the file changes."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A place that brings no tool, and what mends it."""

    place: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Collision:
    """A tool that is hidden by another of its name, from an earlier origin."""

    name: str
    kept: str
    hidden: str


@dataclass(frozen=True, slots=True)
class Discovered:
    """Every tool there is, by name, and what is wrong with the places they come from."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    collisions: tuple[Collision, ...] = ()

    def entry(self, name: str) -> Entry:
        """Return the entry of a tool. Raises `UnknownName`, with the nearest names."""
        found = next((entry for entry in self.entries if entry.name == name), None)
        if found is None:
            raise no_such_tool(name, [entry.name for entry in self.entries])
        return found


def discover() -> Discovered:
    """Return every tool, from the index where it is up to date. Raises `ConfigError`."""
    return _discovered(_stamp(), paths.cache_dir() / "tools.json")


@lru_cache(maxsize=4)
def _discovered(stamp: str, path: Path) -> Discovered:
    """Return what the index holds, or build it; the same sources are read once a process."""
    kept = _read(path, stamp)
    if kept is not None:
        return kept
    built = _build(stamp)
    with suppress(OSError):  # a cache that cannot be written is built again next time
        files.replace(path, _encoded(built, stamp))
    return built


@lru_cache(maxsize=4)
def _build(_stamp: str) -> Discovered:
    return compile_index(sources.scan())


def compile_index(places: Iterable[Source]) -> Discovered:
    """Load every place and return the tools found; the first of a name is kept."""
    trusted = switches.load().trusted
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    collisions: list[Collision] = []
    for source in places:
        try:
            tools = sources.load(source, trusted)
            found = [from_spec(t.spec, origin=source.origin, place=source.place) for t in tools]
        except Exception as error:  # noqa: BLE001 - one broken place must not hide the others
            fault = sources.fault(source, error)
            problems.append(Problem(source.place, fault.message, fault.fix))
            continue
        for entry in found:
            kept = entries.setdefault(entry.name, entry)
            if kept is not entry:
                collisions.append(Collision(entry.name, kept.label(), entry.label()))
    ordered = tuple(entry for _, entry in sorted(entries.items()))
    return Discovered(ordered, tuple(problems), tuple(collisions))


def _stamp() -> str:
    """Return a digest that changes whenever a source may have: versions, file times and sizes."""
    import hashlib

    digest = hashlib.sha256(f"{_LAYOUT} {__version__} {platform.python_version()}".encode())
    for path in sorted(map(str, sources.watched())):
        with suppress(OSError):  # gone since it was listed
            status = Path(path).stat()
            digest.update(f"\n{path} {status.st_size} {status.st_mtime_ns}".encode())
    digest.update(repr(sorted(switches.load().trusted.items())).encode())
    return digest.hexdigest()


def _encoded(discovered: Discovered, stamp: str) -> bytes:
    from pydantic_core import to_json

    return to_json(
        {
            "stamp": stamp,
            "entries": [entry.document() for entry in discovered.entries],
            "problems": list(map(asdict, discovered.problems)),
            "collisions": list(map(asdict, discovered.collisions)),
        }
    )


def _read(path: Path, stamp: str) -> Discovered | None:
    """Return the index of the file, or None where it is absent, old or damaged."""
    import json  # it is imported in a fraction of the time that pydantic_core takes

    try:
        document: Any = json.loads(path.read_bytes())
        if document["stamp"] != stamp:
            return None
        return Discovered(
            entries=tuple(map(from_document, document["entries"])),
            problems=tuple(Problem(**one) for one in document["problems"]),
            collisions=tuple(Collision(**one) for one in document["collisions"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def unloadable(entry: Entry) -> ConfigError:
    """Return the failure of an entry whose place no longer brings its tool."""
    return ConfigError(
        f"{entry.place} no longer brings {entry.name}", fix="toollama tools list, and look again"
    )
