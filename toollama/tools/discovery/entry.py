"""What the index keeps of one tool: its spec as plain data, and where to load it from.

Imports neither pydantic nor any tool, so that a list of all tools costs little more than its text.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from toollama.errors import UnknownName
from toollama.policy import Effect

if TYPE_CHECKING:
    from toollama.tools.base import Arguments, ToolSpec


class Origin(StrEnum):
    """Where a tool comes from. Of two tools with one name, the earlier origin's is kept."""

    BUILT_IN = "builtin"
    CATALOGUE = "catalogue"
    ENTRY_POINT = "entry-point"
    USER_FOLDER = "user"
    IMPORT = "openapi"


SHIPPED = frozenset({Origin.BUILT_IN, Origin.CATALOGUE})
"""Tools that came with the program, and whose declarations were reviewed with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A `ToolSpec` as plain data; the fields of both that share a name share their meaning."""

    name: str
    summary: str
    utterances: tuple[str, ...]
    packs: tuple[str, ...]
    effects: frozenset[Effect]
    egress: bool
    hosts: tuple[str, ...]
    credentials: tuple[str, ...]
    optional_credentials: tuple[str, ...]
    provider: str
    rates: tuple[tuple[int, float], ...]
    """At most so many requests in so many seconds."""
    cache_ttl_s: float
    fallbacks: tuple[str, ...]
    off: str
    homepage: str
    deadline_s: float
    verified_live: str
    idempotent: bool
    parameters: Mapping[str, Any]
    """The JSON Schema of its arguments."""
    origin: Origin
    place: str
    """What its origin loads it from: a module, a file, or `module:attribute`."""

    def document(self) -> dict[str, Any]:
        """Return the entry as JSON-ready data; `from_document` is the way back."""
        return {**asdict(self), "effects": sorted(self.effects)}

    def label(self) -> str:
        """Return where it comes from, as a person reads it: `builtin`, `user:/…/mine.py`."""
        return self.origin if self.origin is Origin.BUILT_IN else f"{self.origin}:{self.place}"


_TUPLES = ("utterances", "packs", "hosts", "credentials", "optional_credentials", "fallbacks")


def from_document(document: Mapping[str, Any]) -> Entry:
    """Return the entry of a document. Raises `TypeError`, `KeyError` or `ValueError`."""
    values = dict(document)
    for name in _TUPLES:
        values[name] = tuple(values[name])
    values["effects"] = frozenset(map(Effect, values["effects"]))
    values["rates"] = tuple((int(count), float(window)) for count, window in values["rates"])
    values["origin"] = Origin(values["origin"])
    return Entry(**values)


def from_spec(spec: "ToolSpec", *, origin: Origin, place: str) -> Entry:
    """Return what the index keeps of a tool."""
    shared = {one.name for one in fields(Entry)} - {"rates", "parameters", "origin", "place"}
    return Entry(
        **{name: getattr(spec, name) for name in shared},
        rates=tuple((rate.count, rate.window_s) for rate in spec.rates),
        parameters=_schema(spec.parameters),
        origin=origin,
        place=place,
    )


@lru_cache(maxsize=1024)
def _schema(parameters: "type[Arguments]") -> Mapping[str, Any]:
    return parameters.model_json_schema()


def no_such_tool(name: str, known: Iterable[str]) -> UnknownName:
    """Return the refusal of a name that no tool has, with the nearest names."""
    near = difflib.get_close_matches(name, known, n=3)
    return UnknownName(
        f"no tool is called {name}" + (f"; did you mean {', '.join(near)}?" if near else ""),
        fix="toollama tools list",
    )
