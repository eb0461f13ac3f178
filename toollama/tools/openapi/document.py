"""A file's bytes become one OpenAPI document as plain JSON data. Pure; bounded in size and nesting.

A file may hold several documents (a plugin's manifest before its description): the one that
describes paths is taken.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import from_json

from toollama.text import well_formed
from toollama.tools.openapi import yaml_text
from toollama.tools.openapi.faults import Notes, refused

MAX_BYTES = 20_000_000
MAX_NODES = 3_000_000
"""Values of a document once every alias is written out."""
_END_OF_OBJECT = re.compile(r"^\}[ \t]*\r?\n", re.MULTILINE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read(data: bytes, *, name: str, notes: Notes) -> dict[str, Any]:
    """Return the description in a file. Raises `SpecRefused`, naming the place."""
    if len(data) > MAX_BYTES:
        raise refused(name, "", f"larger than {MAX_BYTES // 1_000_000} MB")
    documents = [
        ready
        for document in _documents(_decoded(data, name), name)
        if isinstance(ready := _Plain(name).of(document), dict)
    ]
    described = [one for one in documents if "paths" in one or "openapi" in one or "swagger" in one]
    if not described:
        raise refused(name, "", "no OpenAPI or Swagger description is in it")
    if len(documents) > 1:
        notes.add("", f"{len(documents)} documents in one file: the first that describes is read")
    return described[0]


def _decoded(data: bytes, name: str) -> str:
    encoding = next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise refused(name, f"byte {error.start}", f"this is no {encoding.upper()} text") from error
    if not text.strip():
        raise refused(name, "", "the file is empty")
    return text


def _documents(text: str, name: str) -> Iterator[Any]:
    """Yield JSON where it is JSON, JSON before YAML where both are there, else YAML."""
    if text.lstrip()[:1] not in {"{", "["}:
        yield from yaml_text.read_all(text, name=name)
        return
    try:
        yield from_json(text, allow_inf_nan=False)
        return
    except ValueError as error:
        fault = str(error)
    for match in list(_END_OF_OBJECT.finditer(text))[:20]:
        try:
            manifest = from_json(text[: match.end()])
        except ValueError:
            continue
        yield manifest
        yield from _documents(text[match.end() :], name)
        return
    if re.search(r"^\s*[\w\"]+\s*:\s", text, re.MULTILINE) and "recursion" not in fault:
        yield from yaml_text.read_all(text, name=name)
        return
    raise refused(name, "", f"this is no JSON: {fault}")


class _Plain:
    """Rewrites loaded data as plain JSON data: text keys, no cycles, counted."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._known: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()

    def of(self, value: Any) -> Any:
        """Return the value; an alias keeps being the same object. Raises `SpecRefused`."""
        return self._plain(value, 0)[0]

    def _plain(self, value: Any, depth: int) -> tuple[Any, int]:
        if not isinstance(value, Mapping | list | tuple | set):
            return _scalar(value), 1
        if id(value) in self._known:
            return self._known[id(value)]
        if id(value) in self._open:
            raise refused(self._name, "", "an alias contains itself")
        if depth > yaml_text.MAX_DEPTH + 50:
            raise refused(self._name, "", "nested too deeply")
        self._open.add(id(value))
        made: Any
        if isinstance(value, Mapping):
            parts = {str(_scalar(key)): self._plain(part, depth + 1) for key, part in value.items()}
            made = {key: part for key, (part, _) in parts.items()}
            nodes = 1 + sum(count for _, count in parts.values())
        else:
            items = [self._plain(part, depth + 1) for part in value]
            made = [part for part, _ in items]
            nodes = 1 + sum(count for _, count in items)
        if nodes > MAX_NODES:
            raise refused(self._name, "", f"its aliases stand for over {MAX_NODES:,} values")
        self._open.remove(id(value))
        self._known[id(value)] = (made, nodes)
        return made, nodes


def _scalar(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else well_formed(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return (
            value
            if -(2**63) <= value < 2**64
            else float(value)
            if value.bit_length() < 1_000
            else None
        )
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return well_formed(str(value))
