"""Swagger 2.0 as OpenAPI 3: what differs is rewritten where it stands. Pure.

https://swagger.io/specification/v2/ — references keep leading into the same document.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_SCHEMA_KEYS = (
    "type",
    "format",
    "items",
    "default",
    "enum",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "pattern",
    "x-global-disable",
)
_FORMATS: dict[str, dict[str, Any]] = {
    "csv": {"explode": False},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
    "multi": {"explode": True},
}
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


def is_swagger(document: Mapping[str, Any]) -> bool:
    """Return whether a document is Swagger 2.0."""
    return str(document.get("swagger", "")).startswith("2") and "openapi" not in document


def servers(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the servers that `schemes`, `host` and `basePath` stand for."""
    base = str(document.get("basePath") or "")
    host = document.get("host")
    if not isinstance(host, str) or not host:
        return [{"url": base}] if base else []
    schemes = document.get("schemes")
    offered = schemes if isinstance(schemes, list) and schemes else ["https"]
    scheme = "https" if "https" in offered else str(offered[0])
    return [{"url": f"{scheme}://{host}{base}"}]


def security_schemes(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return `securityDefinitions` as security schemes."""
    found = document.get("securityDefinitions")
    return {
        name: {**scheme, "type": "http", "scheme": "basic"}
        if isinstance(scheme, Mapping) and scheme.get("type") == "basic"
        else scheme
        for name, scheme in (found.items() if isinstance(found, Mapping) else ())
    }


def parameter(declared: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a parameter whose type stands beside its name as one with a schema."""
    if "schema" in declared or "content" in declared or "type" not in declared:
        return declared
    kept = {key: value for key, value in declared.items() if key not in _SCHEMA_KEYS}
    schema = {key: declared[key] for key in _SCHEMA_KEYS if key in declared}
    style: dict[str, Any] = {}
    if schema.get("type") == "array" and declared.get("in") in ("query", "formData"):
        style = _FORMATS.get(str(declared.get("collectionFormat", "csv")), {})
    return {**kept, "schema": schema, **style}


def body(
    parameters: Sequence[Mapping[str, Any]], consumes: Sequence[Any]
) -> Mapping[str, Any] | None:
    """Return the request body that `in: body` and `in: formData` parameters stand for."""
    for one in parameters:
        if one.get("in") == "body":
            media = next((kind for kind in consumes if "json" in str(kind)), "application/json")
            return {
                "required": bool(one.get("required")),
                "description": str(one.get("description") or ""),
                "content": {str(media): {"schema": one.get("schema") or {}}},
            }
    fields = [parameter(one) for one in parameters if one.get("in") == "formData"]
    if not fields:
        return None
    has_file = any(_schema(one).get("type") == "file" for one in fields)
    properties = {
        str(one.get("name")): {"description": one.get("description") or "", **_schema(one)}
        for one in fields
    }
    required = [str(one.get("name")) for one in fields if one.get("required") is True]
    schema = {"type": "object", "properties": properties, "required": required}
    media = _MULTIPART if has_file or (_MULTIPART in consumes and _FORM not in consumes) else _FORM
    return {"required": bool(required), "content": {media: {"schema": schema}}}


def _schema(declared: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = declared.get("schema")
    return schema if isinstance(schema, Mapping) else {}
