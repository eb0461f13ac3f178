"""The descriptions that the user imported, in `<config>/tools/openapi`, and where each came from.

`NAME.json` holds one compiled description; `_index.json` lists them all and can be made again from
them. Files are replaced as a whole.
"""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from toollama import paths
from toollama.errors import ConfigError, UnknownName
from toollama.tools.declared.catalogue import tools_of
from toollama.tools.declared.tool import DeclaredTool
from toollama.tools.openapi.faults import Note
from toollama.tools.openapi.importing import Imported

_INDEX = "_index.json"


@dataclass(frozen=True, slots=True)
class Record:
    """One import."""

    name: str
    source: str
    """A path or URL, from which it can be read again."""
    provider: str
    """The name that the user chose; empty where it follows from the source."""
    base_url: str
    digest: str
    tools: tuple[str, ...]


_RECORDS = TypeAdapter(dict[str, Record])
_NOTES = TypeAdapter(tuple[Note, ...])


def directory() -> Path:
    """Return the directory of imported descriptions."""
    return paths.config_dir() / "tools" / "openapi"


def records() -> dict[str, Record]:
    """Return every import by name; a damaged index is made again from the files."""
    try:
        return _RECORDS.validate_json((directory() / _INDEX).read_bytes())
    except FileNotFoundError:
        return {}
    except (ValidationError, OSError):
        found = [_record(path) for path in sorted(directory().glob("[!_]*.json"))]
        return {one.name: one for one in found if one is not None}


def record(name: str) -> Record:
    """Return one import. Raises `UnknownName`."""
    known = records()
    if name not in known:
        names = ", ".join(sorted(known)) or "none yet"
        raise UnknownName(
            f"no import is called {name}; there is: {names}", fix="toollama tools schemas list"
        )
    return known[name]


def load(path: Path) -> tuple[DeclaredTool, ...]:
    """Return the tools of a kept file. Raises `ConfigError` where it is damaged."""
    try:
        document = from_json(path.read_bytes())["document"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"{path.name}: it cannot be read as an imported description",
            fix=f"toollama tools schemas update {path.stem}",
        ) from error
    return tools_of(document, name=path.name, origin=f"openapi:{path.stem}")


def compiled(digest: str) -> Imported | None:
    """Return what the same bytes gave before with the same settings; None where nothing is kept."""
    name = next((one.name for one in records().values() if one.digest == digest), "")
    path = directory() / f"{name}.json"
    try:
        kept = from_json(path.read_bytes())
        return Imported(
            name=name,
            document=kept["document"],
            tools=load(path),
            notes=_NOTES.validate_python(kept["notes"]),
            refusals=_NOTES.validate_python(kept["refusals"]),
            digest=digest,
        )
    except (OSError, ValueError, TypeError, KeyError, ConfigError):
        return None  # it is made again


def keep(imported: Imported, *, source: str, provider: str = "", base_url: str = "") -> Path:
    """Write an import and list it; return its file. Raises `ConfigError`."""
    from filelock import FileLock

    one = Record(
        name=imported.name,
        source=source,
        provider=provider,
        base_url=base_url,
        digest=imported.digest,
        tools=tuple(tool.spec.name for tool in imported.tools),
    )
    path = directory() / f"{imported.name}.json"
    try:
        directory().mkdir(parents=True, exist_ok=True)
        with FileLock(directory() / "_index.lock"):
            known = records() | {one.name: one}
            _replace(path, {"import": asdict(one), **_contents(imported)})
            _replace(directory() / _INDEX, {name: asdict(known[name]) for name in sorted(known)})
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be written: {error.strerror}", fix="check its permissions"
        ) from error
    return path


def _contents(imported: Imported) -> dict[str, Any]:
    return {
        "notes": [asdict(note) for note in imported.notes],
        "refusals": [asdict(note) for note in imported.refusals],
        "document": imported.document,
    }


def _record(path: Path) -> Record | None:
    try:
        return TypeAdapter(Record).validate_python(from_json(path.read_bytes())["import"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _replace(path: Path, document: Any) -> None:
    temporary = path.with_name(f"_{path.name}.{os.getpid()}")
    temporary.write_bytes(to_json(document, indent=1))
    temporary.replace(path)
