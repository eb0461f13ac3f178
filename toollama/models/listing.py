"""What models.toml declares, as `toollama models list` shows it, without validating it each time.

Owns a cache of that list, built when one of the files changes: validation imports pydantic, which
takes longer than everything else that the list needs. It is a cache: a damaged, old or unwritable
one costs time and nothing else.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from toollama import paths
from toollama._version import __version__
from toollama.errors import ConfigError, InputError
from toollama.models.gguf.split import files_of
from toollama.models.places import path_of

_LAYOUT = 1
"""Raised whenever the form of the file changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A model of models.toml."""

    id: str
    file: str
    remote: bool
    source: str
    license: str
    profiles: list[str]

    def file_bytes(self) -> int | None:
        """Return the size of its file with all parts; None where one is not here."""
        path = path_of(self.file)
        try:
            if path is None or not path.is_file():
                return None
            return sum(part.stat().st_size for part in files_of(path))
        except (InputError, OSError):
            return None


def declared() -> list[Declared]:
    """Return the models, in the order of the files. Raises `ConfigError` with `file:line key`."""
    cache = paths.cache_dir() / "models.json"
    stamp = _stamp()
    kept = _read(cache, stamp)
    return _built(cache, stamp) if kept is None else kept


def _built(cache: Path, stamp: list[str]) -> list[Declared]:
    from toollama.models.catalog import load_catalog, write_atomically

    catalog = load_catalog()
    models = [
        Declared(
            id=spec.id,
            file=spec.file,
            remote=bool(spec.endpoints),
            source=spec.source,
            license=spec.license,
            profiles=[
                name for name, crew in catalog.profiles.items() if spec.id in crew.roles.values()
            ],
        )
        for spec in catalog.models.values()
    ]
    document = {"stamp": stamp, "models": list(map(asdict, models))}
    with suppress(ConfigError):  # a cache that cannot be written is built again next time
        write_atomically(cache, json.dumps(document))
    return models


def _read(cache: Path, stamp: list[str]) -> list[Declared] | None:
    """Return what the cache holds, or None where it is absent, old or damaged."""
    try:
        document = json.loads(cache.read_bytes())
        if document["stamp"] != stamp:
            return None
        return [Declared(**model) for model in document["models"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _stamp() -> list[str]:
    """Return what changes whenever a file may have: the version, file times and sizes."""
    found = [f"{_LAYOUT} {__version__}"]
    for path in (paths.packaged_models_toml(), paths.user_models_toml()):
        with suppress(OSError):  # most users have no file of their own
            status = path.stat()
            found.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return found
