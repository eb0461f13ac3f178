"""A TOML file whose every fault names its file, line and key.

Owns reading TOML, layering one document over another, and turning a failed validation into a
`ConfigError` that says where and what to write instead. It knows no setting by name.
"""

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, to_json

from toollama.errors import ConfigError

KeyPath = tuple[str, ...]
LocatedError = Callable[[KeyPath, str, str], ConfigError]
"""Takes the key, what is wrong and the fix; returns the error with its place."""

_M = TypeVar("_M", bound=BaseModel)
_MAX_BYTES = 1 << 20
_MAX_DEPTH = 32

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_DOTTED = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER = re.compile(rf"[ \t]*\[\[?[ \t]*({_DOTTED})[ \t]*\]\]?")
_ASSIGNMENT = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?!")'
    r"|'''.*?'''(?!')"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*|[\[{]|[\]}]|\n",
    re.DOTALL,
)
_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True)
class TomlDocument:
    """The values of one file, and where each of them stands."""

    path: Path
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def line_of(self, key: KeyPath) -> int:
        """Return the line, from 1, of the key or of the nearest table around it."""
        for length in range(len(key), 0, -1):
            if key[:length] in self._lines:
                return self._lines[key[:length]]
        return 1

    @cached_property
    def _lines(self) -> dict[KeyPath, int]:
        lines: dict[KeyPath, int] = {}
        for key, line in _statements(self.text):
            for length in range(1, len(key) + 1):
                lines.setdefault(key[:length], line)
        return lines

    def error(self, key: KeyPath, problem: str, fix: str) -> ConfigError:
        """Return a `ConfigError` that starts with `file:line key`."""
        place = f"{self.path}:{self.line_of(key)}"
        return ConfigError(f"{place} {'.'.join(key)}: {problem}", fix=fix)


@dataclass(frozen=True)
class TomlLayers:
    """Documents over one another, the first at the bottom; tables merge, other values replace."""

    documents: Sequence[TomlDocument]

    @cached_property
    def data(self) -> dict[str, Any]:
        """Return the merged values."""
        merged: dict[str, Any] = {}
        for document in self.documents:
            merged = _merge(merged, document.data)
        return merged

    def error(self, key: KeyPath, problem: str, fix: str) -> ConfigError:
        """Return a `ConfigError` placed in the topmost document that holds most of the key."""
        owner = max(reversed(self.documents), key=lambda document: _depth_held(document.data, key))
        return owner.error(key, problem, fix)


def parse(path: Path) -> TomlDocument:
    """Read a TOML file of at most 1 MiB, nested at most 32 deep.

    Raises `ConfigError` for every fault of the file, `tomllib`'s documented and undocumented
    exceptions included: a huge integer is a `ValueError`, deep nesting a `RecursionError`.
    """
    raw = _read(path)
    try:
        text = raw.decode("utf-8")
        data = tomllib.loads(text)
        too_deep = _depth(data) > _MAX_DEPTH
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8 text", fix="save it as UTF-8") from None
    except RecursionError:
        too_deep = True
    except ValueError as fault:
        raise _syntax_error(path, text, str(fault)) from None
    if too_deep:
        raise ConfigError(f"{path}:1: nested too deeply", fix="flatten the arrays and tables")
    return TomlDocument(path, text, data)


def parse_if_present(path: Path) -> TomlDocument:
    """Read a TOML file; one that does not exist is an empty document. Raises `ConfigError`."""
    return parse(path) if path.exists() else TomlDocument(path)


def nearest(name: str, candidates: Collection[str], *, count: int = 1) -> list[str]:
    """Return up to `count` candidates that a misspelt name may mean, best first."""
    import difflib

    folded = {candidate.casefold(): candidate for candidate in candidates}
    return [folded[match] for match in difflib.get_close_matches(name.casefold(), folded, n=count)]


def validated(
    model: type[_M],
    values: Mapping[str, Any],
    *,
    at: KeyPath,
    error: LocatedError,
    given: Mapping[str, str] | None = None,
) -> _M:
    """Return the model made of a table's values, without type coercion.

    `given` are fields that the table's place decides, such as its name; the table itself may not
    set them. Raises the `ConfigError` that `error` makes of the first fault.
    """
    given = given or {}
    for name in given.keys() & values.keys():
        raise error((*at, name), "is set by the name of the table", "remove this key")
    try:
        return model.model_validate_json(to_json({**values, **given}), strict=True)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        location = tuple(str(part) for part in first["loc"])
        problem, fix = _in_words(first, _siblings(model, location) - given.keys())
        raise error(at + location, problem, fix) from None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else fault
        raise ConfigError(
            f"{path}:1: cannot be read: {reason}", fix="check the path and its permissions"
        ) from None
    if len(raw) > _MAX_BYTES:
        raise ConfigError(f"{path}:1: larger than 1 MiB", fix="check that it is a TOML file")
    return raw


def _syntax_error(path: Path, text: str, message: str) -> ConfigError:
    """Move the line that tomllib writes at the end of its message to the front."""
    found = _AT_LINE.search(message)
    line = 1
    if found:
        line = int(found[1]) if found[1] else text.count("\n") + 1
        message = message[: found.start()]
    return ConfigError(f"{path}:{line}: {message}", fix="correct the TOML syntax of that line")


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def _depth_held(data: Mapping[str, Any], key: KeyPath) -> int:
    """Return how many leading parts of the key exist in the data."""
    inner: Any = data
    for depth, part in enumerate(key):
        if not isinstance(inner, dict) or part not in inner:
            return depth
        inner = inner[part]
    return len(key)


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        held = merged.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            merged[key] = _merge(held, value)
        else:
            merged[key] = value
    return merged


def _statements(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Yield the full key and the line of each header and assignment of valid TOML."""
    table: KeyPath = ()
    position, line = 0, 1
    while position < len(text):
        start = position
        if header := _HEADER.match(text, position):
            table = _parts(header[1])
            yield table, line
            start = header.end()
        elif assignment := _ASSIGNMENT.match(text, position):
            yield table + _parts(assignment[1]), line
            start = assignment.end()
        end = _statement_end(text, start)
        line += text.count("\n", position, end)
        position = end


def _statement_end(text: str, start: int) -> int:
    """Return the position after the line feed that ends the statement."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token[0] in {"[", "{"}:
            depth += 1
        elif token[0] in {"]", "}"}:
            depth -= 1
        elif token[0] == "\n" and depth <= 0:
            return token.end()
    return len(text)


def _parts(dotted: str) -> KeyPath:
    """Return the parts of a dotted key, unquoted by the TOML parser itself."""
    parts = []
    inner: Any = tomllib.loads(f"{dotted} = 0")
    while isinstance(inner, dict):
        ((part, inner),) = inner.items()
        parts.append(part)
    return tuple(parts)


def _siblings(model: type[BaseModel], location: KeyPath) -> set[str]:
    """Return the fields that are valid where the last part of the location stands."""
    for part in location[:-1]:
        declared = model.model_fields.get(part)
        inner = declared.annotation if declared else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return set()
        model = inner
    return set(model.model_fields)


def _in_words(fault: ErrorDetails, valid_keys: set[str]) -> tuple[str, str]:
    """Return what is wrong and how to mend it."""
    match fault["type"]:
        case "extra_forbidden":
            listed = f"valid keys: {', '.join(sorted(valid_keys))}"
            close = nearest(str(fault["loc"][-1]), valid_keys)
            return "unknown key", f"did you mean `{close[0]}`?" if close else listed
        case "missing":
            return "is missing", "add this key to the table"
        case "int_type" | "int_from_float":
            return "must be a whole number", "write it without quotes and without a point"
        case "dict_type" | "model_type":
            return "must be a table", "write it as [table] or { key = value }"
        case "value_error":
            return str(fault["ctx"]["error"]), "correct this value"
        case _:
            return fault["msg"].replace("Input should", "must"), "correct this value"
