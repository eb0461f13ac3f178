"""The document that declares tools: a slim OpenAPI 3.1 with `x-toollama`, checked strictly.

Unknown keys are refused everywhere, so that a typing mistake is found when the file is read. What
`x-toollama` means is told in docs/openapi.md.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

import jmespath
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)

from toollama.policy import Effect
from toollama.tools.base import Rate
from toollama.tools.declared.durations import duration_s, rate
from toollama.tools.declared.templates import Template
from toollama.tools.openapi.operation import METHODS, SAFE_METHODS, Place


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        populate_by_name=True,
        ignored_types=(cached_property,),
    )


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _template(text: Any) -> Template:
    return text if isinstance(text, Template) else Template(str(text))


def _ask(text: Any) -> re.Pattern[str]:
    try:
        return re.compile(str(text), re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error


def _query(text: str) -> str:
    try:
        jmespath.compile(text)
    except jmespath.exceptions.JMESPathError as error:
        raise ValueError(f"{text!r} is no JMESPath expression") from error
    return text


TemplateText = Annotated[Template, BeforeValidator(_template)]
Ask = Annotated[re.Pattern[str], BeforeValidator(_ask)]
JmesPath = Annotated[str, AfterValidator(_query)]
RateText = Annotated[
    Rate, BeforeValidator(lambda text: text if isinstance(text, Rate) else rate(text))
]
DurationS = Annotated[float, BeforeValidator(lambda text: duration_s(str(text)))]
Day = Annotated[str, BeforeValidator(lambda day: day.isoformat() if isinstance(day, date) else day)]
ToolName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
EnvName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=64)]
HttpsUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+")]
Pack = Literal[
    "drummer.search",
    "drummer.content",
    "drummer.analysis",
    "drummer.api",
    "belter.research",
    "belter.property",
    "belter.document",
    "belter.knowledge",
]


class Provider(_Part):
    """`x-toollama` of the whole document."""

    provider: ToolName
    homepage: str = ""
    rates: tuple[RateText, ...] = ()
    verified_live: Day = "never"
    checked: Day = ""
    source: str = ""
    off: str = ""
    hosts: tuple[str, ...] = ()
    """Hosts beside the server's own, such as where downloads are redirected to."""
    origin: str = ""
    """Where an imported document came from, such as `openapi:petstore.yaml`."""


class Locate(_Part):
    """A text parameter that stands for two coordinates."""

    parameter: str
    latitude: str
    longitude: str


class CitedSource(_Part):
    """How a result is cited."""

    title: TemplateText
    url: TemplateText


class Example(_Part):
    """A call and what the service answers to it, in the documented shape."""

    arguments: Mapping[str, Any] = Field(default_factory=dict)
    reply: Any = None
    status: int = 200


class Terms(_Part):
    """`x-toollama` of one operation."""

    packs: Annotated[tuple[Pack, ...], Field(min_length=1)]
    effects: tuple[Effect, ...] | None = None
    cache: DurationS = 0.0
    deadline_s: Annotated[float, Field(gt=0, le=600)] = 20.0
    max_bytes: Annotated[int, Field(gt=0, le=100_000_000)] = 2_000_000
    fallbacks: tuple[ToolName, ...] = ()
    off: str = ""
    idempotent: bool = False
    locate: Locate | None = None
    asks: tuple[Ask, ...] = ()
    list: JmesPath = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 5
    fields: Mapping[str, JmesPath] = Field(default_factory=dict)
    say: Annotated[tuple[TemplateText, ...], BeforeValidator(_listed)] = ()
    answer: str = ""
    empty: TemplateText | None = None
    error: JmesPath = ""
    """Where a service reports a fault in an answer of status 200; what is there is the message."""
    source: CitedSource | None = None
    untrusted: bool = True
    html: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    """Fields that hold a point of time, of which the day is told."""
    utterances: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()

    @field_validator("list", "error", mode="before")
    @classmethod
    def _written(cls, text: Any) -> Any:
        if not isinstance(text, str) or not text.strip():
            raise ValueError("an expression is expected; leave the key out for none")
        return text


class ParameterObject(_Part):
    """An OpenAPI parameter; `x-send` is a value that is always sent."""

    name: str
    place: Annotated[Literal["path", "query", "header", "cookie"], Field(alias="in")]
    description: str = ""
    required: bool = False
    schema_: Annotated[Mapping[str, Any], Field(alias="schema")] = Field(default_factory=dict)
    content: Mapping[str, Any] | None = None
    style: str | None = None
    explode: bool | None = None
    allow_reserved: Annotated[bool, Field(alias="allowReserved")] = False
    deprecated: bool = False
    example: Any = None
    send: Annotated[Any, Field(alias="x-send")] = None

    @property
    def is_sent(self) -> bool:
        """Return whether `x-send` stands there; it may be null."""
        return "send" in self.model_fields_set


class MediaType(_Part):
    """How a body looks."""

    schema_: Annotated[Mapping[str, Any], Field(alias="schema")] = Field(default_factory=dict)
    encoding: Mapping[str, Any] = Field(default_factory=dict)
    example: Any = None


class RequestBody(_Part):
    """An OpenAPI request body of one media type."""

    description: str = ""
    required: bool = False
    content: Annotated[Mapping[str, MediaType], Field(min_length=1, max_length=1)]


class Server(_Part):
    """Where operations are sent."""

    url: HttpsUrl
    description: str = ""


class OperationObject(_Part):
    """An OpenAPI operation that is a tool."""

    operation_id: Annotated[ToolName, Field(alias="operationId")]
    summary: Annotated[str, Field(min_length=1, max_length=300)]
    description: str = ""
    tags: tuple[str, ...] = ()
    servers: tuple[Server, ...] = ()
    parameters: tuple[ParameterObject, ...] = ()
    request_body: Annotated[RequestBody | None, Field(alias="requestBody")] = None
    security: tuple[Mapping[str, Any], ...] | None = None
    responses: Mapping[str | int, Any] = Field(default_factory=dict)
    external_docs: Annotated[Any, Field(alias="externalDocs")] = None
    terms: Annotated[Terms, Field(alias="x-toollama")]


class PathItem(_Part):
    """The operations of one path."""

    parameters: tuple[ParameterObject, ...] = ()
    get: OperationObject | None = None
    head: OperationObject | None = None
    post: OperationObject | None = None
    put: OperationObject | None = None
    patch: OperationObject | None = None
    delete: OperationObject | None = None
    options: OperationObject | None = None
    trace: OperationObject | None = None

    def operations(self) -> list[tuple[str, OperationObject]]:
        """Return the operations by their method, in lower case."""
        found = ((method, getattr(self, method)) for method in METHODS)
        return [(method, operation) for method, operation in found if operation is not None]


class SecurityScheme(_Part):
    """An OpenAPI security scheme; `x-env` names the credential."""

    type: Literal["apiKey", "http", "oauth2", "openIdConnect"]
    place: Annotated[Place, Field(alias="in")] = "header"
    """`path` and `body` are beyond OpenAPI; services use them."""
    name: str = "Authorization"
    scheme: str = "bearer"
    description: str = ""
    bearer_format: Annotated[str, Field(alias="bearerFormat")] = ""
    env: Annotated[EnvName, Field(alias="x-env")]
    prefix: Annotated[str, Field(alias="x-prefix")] = ""


class Components(_Part):
    """What operations share."""

    security_schemes: Annotated[Mapping[str, SecurityScheme], Field(alias="securitySchemes")] = (
        Field(default_factory=dict)
    )


class Info(_Part):
    """Whose service it is."""

    title: str
    version: str | float = ""
    description: str = ""


class DeclaredDocument(_Part):
    """One provider and its tools."""

    openapi: Annotated[str, StringConstraints(pattern=r"^3\.\d+\.\d+$")]
    info: Info
    servers: Annotated[tuple[Server, ...], Field(min_length=1)]
    provider: Annotated[Provider, Field(alias="x-toollama")]
    components: Components = Components()
    security: tuple[Mapping[str, Any], ...] = ()
    paths: Annotated[Mapping[str, PathItem], Field(min_length=1)]


def default_effects(method: str) -> frozenset[Effect]:
    """Return what a request of a method does, where nobody says otherwise."""
    return frozenset({Effect.READ_PUBLIC if method.upper() in SAFE_METHODS else Effect.SEND})
