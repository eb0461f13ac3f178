"""The settings one by one, by dotted keys such as `tui.theme`: where each comes from, writing one.

A table whose names are the user's own, such as `tui.keys`, is one setting; each of its entries has
a key below it (`tui.keys.task.retry`). What the values mean is `toollama.config`'s.
"""

import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from toollama import config
from toollama.config import Settings
from toollama.errors import ConfigError, UnknownName
from toollama.toml_document import KeyPath, nearest, parse_if_present


@dataclass(frozen=True, slots=True)
class Traced:
    """One setting, where its value comes from, and what was beaten by it."""

    key: str
    value: Any
    origin: str
    """A variable, `file:line`, or `default`."""
    beaten: tuple[str, ...]
    """`ORIGIN: value` of what would hold without it, the nearest first."""


def keys() -> dict[str, KeyPath]:
    """Return every setting's path by its key, in the order of `config schema`."""
    return {".".join(path): path for path in _leaves(Settings, ())}


def find(key: str) -> KeyPath:
    """Return the path of a setting, of an entry of a table, or of a table of settings.

    Raises `UnknownName`, naming the nearest key.
    """
    known = keys()
    if key in known:
        return known[key]
    if any(other.startswith(f"{key}.") for other in known):
        return tuple(key.split("."))
    for table, path in known.items():
        if key.startswith(f"{table}.") and _kind(path) is dict:
            return (*path, key.removeprefix(f"{table}."))
    near = nearest(key, known)
    raise UnknownName(
        f"there is no setting {key}",
        fix=f"did you mean {near[0]}?" if near else "toollama config show",
    )


def value_at(settings: Settings, path: KeyPath) -> Any:
    """Return what a path leads to; None for an entry that a table lacks."""
    found: Any = settings
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else getattr(found, part)
    return found


def trace() -> list[Traced]:
    """Return every setting with its origin. Raises `ConfigError`."""
    documents = config.layers().documents[::-1]
    settings, default = config.load_settings(), Settings()
    variables = {key: name for name, key in config.VARIABLES.items() if os.environ.get(name)}
    traced = []
    for key, path in keys().items():
        value = value_at(settings, path)
        places = [(variables[key], value)] if key in variables else []
        places += [
            (f"{document.path}:{document.line_of(path)}", given)
            for document in documents
            if (given := _written(document.data, path)) is not None
        ]
        places.append(("default", value_at(default, path)))
        (origin, _), *beaten = places
        lost = tuple(f"{place}: {value}" for place, value in beaten)
        traced.append(Traced(key, value, origin, lost))
    return traced


def write(file: Path, path: KeyPath, text: str) -> None:
    """Write one value to the settings file, leaving the rest as it stands; `""` takes it out.

    Where `file` is a link, what it leads to is written. Raises `ConfigError` where it would not be
    valid then, or cannot be written; it is unchanged in that case.
    """
    import tomlkit

    document = tomlkit.parse(parse_if_present(file).text)
    if text:
        _table(document, path[:-1])[path[-1]] = _typed(path, text)
    elif _written(document, path) is not None:
        _take_out(document, path)
    target = file.resolve()
    proposed = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        proposed.write_text(tomlkit.dumps(document), encoding="utf-8")
        config.load_settings(proposed, environ={})
        proposed.replace(target)
    except ConfigError as error:
        message = error.message.replace(str(proposed), str(file))
        raise ConfigError(message, fix=error.fix) from None
    except OSError as error:
        raise ConfigError(
            f"{file}: cannot be written: {error.strerror}", fix="check its permissions"
        ) from None
    finally:
        with suppress(OSError):
            proposed.unlink()


def _leaves(model: type[BaseModel], above: KeyPath) -> Iterator[KeyPath]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _leaves(kind, (*above, name))
        else:
            yield (*above, name)


def _kind(path: KeyPath) -> type:
    """Return the type of a setting's value: `dict` for a table of the user's own names."""
    return type(value_at(Settings(), path))


def _written(data: Mapping[str, Any], path: KeyPath) -> Any | None:
    """Return what a document says at a path, or None."""
    found: Any = data
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _table(document: MutableMapping[str, Any], path: KeyPath) -> MutableMapping[str, Any]:
    """Return the table at a path of a TOML document, made where missing."""
    import tomlkit

    table = document
    for part in path:
        table = table.setdefault(part, tomlkit.table())
        if not isinstance(table, MutableMapping):
            raise ConfigError(f"{part} is not a table", fix="toollama config edit")
    return table


def _take_out(document: MutableMapping[str, Any], path: KeyPath) -> None:
    """Take a value out, with every table that it leaves empty."""
    above = _table(document, path[:-1])
    del above[path[-1]]
    if path[:-1] and not above:
        _take_out(document, path[:-1])


def _typed(path: KeyPath, text: str) -> str | bool | int | float:
    """Return what a person typed as the type of the setting. Raises `ConfigError`."""
    key, kind = ".".join(path), _kind(path)
    if kind is bool:
        return config.switch(key, text)
    if kind is float:
        try:
            return int(text) if text.isdecimal() else float(text)
        except ValueError:
            raise ConfigError(f"{key}: not a number: {text!r}", fix="write it like 20") from None
    if kind is dict or issubclass(kind, BaseModel):
        raise ConfigError(f"{key} is a table", fix=f"toollama config set {key}.NAME VALUE")
    return text
