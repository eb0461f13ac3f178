"""What the operations of a declared document send. Pure: OpenAPI objects become `Operation`s."""

import re
from collections.abc import Mapping, Sequence
from itertools import chain, count
from typing import Any

from pydantic import BaseModel

from toollama.tools.declared.format import (
    DeclaredDocument,
    OperationObject,
    ParameterObject,
    PathItem,
    RequestBody,
    SecurityScheme,
)
from toollama.tools.openapi.operation import (
    DEFAULT_STYLES,
    JSON,
    Key,
    Operation,
    Parameter,
    Place,
    Style,
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNNAMED = re.compile(r"[^a-z0-9]+")
_MAX_NAME = 64


def operation_of(
    document: DeclaredDocument, path: str, item: PathItem, method: str, declared: OperationObject
) -> Operation:
    """Return one operation. Raises `ValueError` for what does not fit together."""
    keys = _alternatives(document, declared)
    in_path = {key.wire_name for keys_ in keys for key in keys_ if key.place == "path"}
    own = {(one.place, one.name) for one in declared.parameters}
    shared = [one for one in item.parameters if (one.place, one.name) not in own]
    taken: set[str] = set()
    parameters = [_parameter(one, taken) for one in (*shared, *declared.parameters)]
    body_type, body, is_whole = _body(declared.request_body, taken)
    _check_path(path, parameters, in_path)
    return Operation(
        name=declared.operation_id,
        method=method.upper(),
        server=(declared.servers or document.servers)[0].url.rstrip("/"),
        path=path,
        parameters=(*parameters, *body),
        body_type=body_type,
        body_is_whole=is_whole,
        alternatives=keys,
        accepted=_accepted(declared.responses),
    )


def argument_name(wire_name: str, place: str, taken: set[str]) -> str:
    """Return the argument that stands for a name on the wire, and mark it as taken.

    `from-date` is `from_date`; a second `id` is `id_query`. What a pydantic model calls its own,
    such as `json`, ends in `_`.
    """
    name = _UNNAMED.sub("_", _CAMEL.sub("_", wire_name).lower()).strip("_") or "value"
    name = name if name[0].isalpha() else f"n_{name}"
    name = name[: _MAX_NAME - 12]
    if hasattr(BaseModel, name):
        name += "_"
    numbered = (f"{name}_{number}" for number in count(2))
    candidates = chain((name, f"{name}_{place}"), numbered)
    free = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(free)
    return free


def _parameter(declared: ParameterObject, taken: set[str]) -> Parameter:
    place: Place = declared.place
    style = "json" if declared.content else declared.style or DEFAULT_STYLES[place]
    schema = declared.schema_
    if declared.content:
        schema = next(iter(declared.content.values())).get("schema", {})
    return Parameter(
        argument="" if declared.is_sent else argument_name(declared.name, place, taken),
        wire_name=declared.name,
        place=place,
        schema=schema,
        required=declared.required or place == "path",
        description=declared.description or str(schema.get("description", "")),
        style=_style(style),
        explode=style == "form" if declared.explode is None else declared.explode,
        allow_reserved=declared.allow_reserved,
        is_fixed=declared.is_sent,
        fixed=declared.send,
    )


def _style(text: str) -> Style:
    known: tuple[Style, ...] = (
        "simple",
        "label",
        "matrix",
        "form",
        "spaceDelimited",
        "pipeDelimited",
        "deepObject",
        "json",
    )
    for style in known:
        if style == text:
            return style
    raise ValueError(f"style: {text!r} is none of {', '.join(known[:-1])}")


def _body(declared: RequestBody | None, taken: set[str]) -> tuple[str, Sequence[Parameter], bool]:
    if declared is None:
        return "", (), False
    [(media_type, media)] = declared.content.items()
    schema = media.schema_
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        whole = Parameter(
            argument=argument_name("body", "body", taken),
            wire_name="body",
            place="body",
            schema=schema,
            required=declared.required,
            description=declared.description or str(schema.get("description", "")),
        )
        return media_type, (whole,), True
    required = set(schema.get("required", ()))
    fields = [
        _field(
            name,
            part,
            taken,
            required=name in required,
            encoding=media.encoding.get(name, {}),
        )
        for name, part in properties.items()
    ]
    return media_type, fields, False


def _field(
    name: str,
    schema: Any,
    taken: set[str],
    *,
    required: bool,
    encoding: Mapping[str, Any],
) -> Parameter:
    schema = schema if isinstance(schema, Mapping) else {}
    is_fixed = "x-send" in schema
    return Parameter(
        argument="" if is_fixed else argument_name(name, "body", taken),
        wire_name=name,
        place="body",
        schema=schema,
        required=required,
        description=str(schema.get("description", "")),
        style=_style(encoding.get("style", "form")),
        explode=bool(encoding.get("explode", True)),
        is_fixed=is_fixed,
        fixed=schema.get("x-send"),
    )


def _check_path(path: str, parameters: Sequence[Parameter], in_path: set[str]) -> None:
    known = {one.wire_name for one in parameters if one.place == "path"} | in_path
    wanted = set(re.findall(r"\{([^{}]*)\}", path))
    if not path.startswith("/"):
        raise ValueError("a path begins with /")
    if missing := sorted(wanted - known):
        raise ValueError(f"{{{missing[0]}}} is in the path and no parameter")
    if unused := sorted(known - wanted):
        raise ValueError(f"{unused[0]} is a path parameter that the path does not name")


def _alternatives(
    document: DeclaredDocument, declared: OperationObject
) -> tuple[tuple[Key, ...], ...]:
    asked = document.security if declared.security is None else declared.security
    return tuple(_keys(document, one) for one in asked) or ((),)


def _keys(document: DeclaredDocument, asked: Mapping[str, Any]) -> tuple[Key, ...]:
    schemes = document.components.security_schemes
    for name in asked:
        if name not in schemes:
            raise ValueError(f"security: {name!r} is no scheme of components.securitySchemes")
    return tuple(_key(schemes[name]) for name in asked)


def _key(scheme: SecurityScheme) -> Key:
    if scheme.type == "apiKey":
        return Key(
            credential=scheme.env,
            place=scheme.place,
            wire_name=scheme.name,
            prefix=scheme.prefix,
        )
    is_basic = scheme.type == "http" and scheme.scheme.lower() == "basic"
    return Key(
        credential=scheme.env,
        place="header",
        wire_name="Authorization",
        prefix=scheme.prefix or ("Basic " if is_basic else "Bearer "),
        is_basic=is_basic,
    )


def _accepted(responses: Mapping[str | int, Any]) -> str:
    """Return the media types of the good answers, JSON where none is declared."""
    types = [
        media_type
        for status, response in responses.items()
        if str(status).startswith("2") and isinstance(response, Mapping)
        for media_type in response.get("content") or ()
    ]
    return ", ".join(dict.fromkeys(types)) or JSON
