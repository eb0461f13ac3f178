"""What `--schema` names: a file of JSON Schema, one kept by name, or a schema written in place.

In place it is JSON, or the short form that `llm` has (https://llm.datasette.io/en/stable/schemas.html):
fields between commas or line feeds, each a name, a type (`str` where none is said, `int`, `float`,
`bool`) and, after a colon, what it is. In brackets it is a list of such objects, named `items`.
"""

import re
from pathlib import Path
from typing import Any

from toollama import paths
from toollama.cli.shelf import Shelf
from toollama.errors import InputError

SHELF = Shelf(kind="schema", directory=paths.schemas_dir, suffix=".json")
_MAX_BYTES = 1 << 20
_EXAMPLE = "write it in short: --schema 'title, year int', or '[title, year int]' for a list"
_FIELD = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)(?:\s+(\w+))?\s*(?::\s*(.*))?", re.DOTALL)
_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


def read(given: str) -> dict[str, Any]:
    """Return the schema that the words of `--schema` name or are. Raises `InputError`."""
    text = given.strip()
    if text.startswith("{"):
        return _document(text, "the schema")
    kept = SHELF.find(text)
    path = paths.written(given)
    if not _is_file(path) and kept is None:
        if re.search(r"[\s,\[]", text) and not path.suffix:
            return from_short_form(text)
        raise InputError(f"--schema {given}: no such file, nor a schema of yours", fix=_EXAMPLE)
    return read_file(path if kept is None or _is_file(path) else kept)


def read_file(path: Path) -> dict[str, Any]:
    """Return the schema in a file. Raises `InputError`."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"--schema {path}: {error.strerror}", fix="check the path") from error
    return _document(raw, str(path))


def from_short_form(text: str) -> dict[str, Any]:
    """Return the schema that the short form means. Raises `InputError`, naming the field. Pure."""
    inside = text.removeprefix("[").removesuffix("]") if text.startswith("[") else text
    parts = inside.split("\n" if "\n" in inside.strip() else ",")
    fields = [_field(part.strip()) for part in parts if part.strip()]
    if not fields:
        raise InputError(f"--schema: {text!r} is no field", fix=_EXAMPLE)
    schema = _object(dict(fields))
    if inside is text:
        return schema
    return _object({"items": {"type": "array", "items": schema}})


def _field(text: str) -> tuple[str, dict[str, Any]]:
    found = _FIELD.fullmatch(text)
    kind = _TYPES.get((found and found[2]) or "str")
    if found is None or kind is None:
        raise InputError(f"--schema: {text!r} is no field", fix=_EXAMPLE)
    described = {"description": found[3].strip()} if found[3] else {}
    return found[1], {"type": kind, **described}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _document(raw: str | bytes, name: str) -> dict[str, Any]:
    from pydantic_core import from_json

    try:
        document = from_json(raw)
    except ValueError as error:
        raise InputError(f"--schema {name}: {error}", fix="write it as JSON") from error
    if not isinstance(document, dict):
        raise InputError(f"--schema {name}: a schema is a JSON object", fix='such as {"type": …}')
    return document


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # the words of a schema may be too long for a path
        return False
