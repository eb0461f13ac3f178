"""One OpenAPI operation as a tool needs it: its parameters laid flat, its server, its keys.

Owns no reading of documents and no network. Terms are those of OpenAPI 3.1
(https://spec.openapis.org/oas/v3.1.1.html).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Place = Literal["path", "query", "header", "cookie", "body"]
Style = Literal[
    "simple", "label", "matrix", "form", "spaceDelimited", "pipeDelimited", "deepObject", "json"
]
"""`json` stands for a parameter that declares `content` instead of a style."""
METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
SAFE_METHODS = frozenset({"GET", "HEAD"})
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

DEFAULT_STYLES: Mapping[Place, Style] = {
    "path": "simple",
    "query": "form",
    "header": "simple",
    "cookie": "form",
    "body": "form",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One value of a call and where it stands in the request."""

    argument: str
    """Its name among the tool's arguments, `[a-z][a-z0-9_]*`."""
    wire_name: str
    place: Place
    schema: Mapping[str, Any]
    required: bool = False
    description: str = ""
    style: Style = "form"
    explode: bool = True
    allow_reserved: bool = False
    is_fixed: bool = False
    """`fixed` is always sent, and the tool has no such argument."""
    fixed: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One credential of a request: which value, and where it is put."""

    credential: str
    """The environment-style name, such as `OPENWEATHER_API_KEY`."""
    place: Place
    wire_name: str
    prefix: str = ""
    """What stands before the value, such as `Bearer `."""
    is_basic: bool = False
    """The value is `user:password`, sent in base64 (RFC 7617)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One request that a service takes."""

    name: str
    method: str
    """In upper case."""
    server: str
    """An absolute URL without a slash at its end."""
    path: str
    """A template such as `/users/{id}`."""
    parameters: tuple[Parameter, ...] = ()
    body_type: str = ""
    """The media type of the body; empty where none is sent."""
    body_is_whole: bool = False
    """The one parameter in the body is the body itself, such as a list."""
    alternatives: tuple[tuple[Key, ...], ...] = field(default=((),))
    """Sets of credentials, any of which opens the service; an empty one needs none."""
    accepted: str = JSON
    """The media types that the answer may have, for the Accept header."""

    @property
    def arguments(self) -> tuple[Parameter, ...]:
        """Return the parameters that a call may choose."""
        return tuple(one for one in self.parameters if not one.is_fixed)
