"""Write values into a path, a query, a header or a form by OpenAPI's styles. Pure.

The table of styles: https://spec.openapis.org/oas/v3.1.1.html#style-values
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pydantic_core import to_json

from toollama.text import well_formed
from toollama.tools.openapi.operation import Parameter

_RESERVED_KEPT = ":/?@!$'()*,;"
"""Reserved characters that cannot end a parameter; `&`, `=`, `+`, `#` and brackets could."""
_SEPARATORS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C", "simple": ","}


def scalar(value: Any) -> str:
    """Return a single value as text: `true`, `5` for 5.0, JSON for what is nested."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, Mapping | list | tuple):
        return to_json(value).decode()
    return "" if value is None else well_formed(str(value))


def in_path(parameter: Parameter, value: Any) -> str:
    """Return what stands for `{name}` in a path. A value can neither add a segment nor leave one.

    Raises `ValueError` for an empty value, which would name another path.
    """
    parts = [_segment(part) for part in _parts(value, explode=parameter.explode)]
    if not any(parts):
        raise ValueError("is empty")
    name = quote(parameter.wire_name, safe="")
    match parameter.style:
        case "label":
            return "." + ("." if parameter.explode else ",").join(parts)
        case "matrix" if parameter.explode and isinstance(value, list | tuple):
            return "".join(f";{name}={part}" for part in parts)
        case "matrix" if parameter.explode and isinstance(value, Mapping):
            return "".join(f";{part}" for part in parts)
        case "matrix":
            return f";{name}={','.join(parts)}"
        case _:
            return ",".join(parts)


def in_query(parameter: Parameter, value: Any) -> list[str]:
    """Return the `name=value` pairs of a query, percent-encoded."""
    safe = _RESERVED_KEPT if parameter.allow_reserved else ""
    return [
        f"{_encoded(name, safe='[]' if parameter.style == 'deepObject' else '')}={text}"
        for name, text in _pairs(parameter, value, safe=safe)
    ]


def _pairs(parameter: Parameter, value: Any, *, safe: str) -> list[tuple[str, str]]:
    name = parameter.wire_name
    if parameter.style == "json":
        return [(name, _encoded(to_json(value).decode(), safe=safe))]
    if isinstance(value, Mapping):
        members = [(str(key), _encoded(scalar(part), safe=safe)) for key, part in value.items()]
        if parameter.style == "deepObject":
            return [(f"{name}[{key}]", text) for key, text in members]
        if parameter.explode:
            return members
        joined = _SEPARATORS[parameter.style].join(part for pair in members for part in pair)
        return [(name, joined)]
    if isinstance(value, list | tuple):
        parts = [_encoded(scalar(part), safe=safe) for part in value]
        if parameter.explode:
            return [(name, part) for part in parts]
        return [(name, _SEPARATORS.get(parameter.style, ",").join(parts))] if parts else []
    return [(name, _encoded(scalar(value), safe=safe))]


def in_header(parameter: Parameter, value: Any) -> str:
    """Return the value of a header. Raises `ValueError` for what a header cannot hold."""
    if parameter.style == "json":
        text = to_json(value).decode()
    else:
        text = ",".join(_parts(value, explode=parameter.explode))
    if not all(" " <= letter <= "~" for letter in text):
        raise ValueError("holds characters that a header cannot")
    return text


def in_form(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """Return the pairs of a form; lists repeat the name, objects are JSON."""
    if isinstance(value, list | tuple):
        parts = [scalar(part) for part in value]
        if parameter.explode:
            return [(parameter.wire_name, part) for part in parts]
        return [(parameter.wire_name, ",".join(parts))]
    if isinstance(value, Mapping) and parameter.style == "deepObject":
        return [(f"{parameter.wire_name}[{key}]", scalar(part)) for key, part in value.items()]
    return [(parameter.wire_name, scalar(value))]


def _parts(value: Any, *, explode: bool) -> Sequence[str]:
    if isinstance(value, Mapping):
        pairs = [(str(key), scalar(part)) for key, part in value.items()]
        return [f"{k}={v}" for k, v in pairs] if explode else [part for p in pairs for part in p]
    if isinstance(value, list | tuple):
        return [scalar(part) for part in value]
    return [scalar(value)]


def _segment(text: str) -> str:
    """Return the text percent-encoded; a segment of dots would climb up the path."""
    encoded = quote(text, safe="=")
    return encoded.replace(".", "%2E") if encoded in {".", ".."} else encoded


def _encoded(text: str, *, safe: str) -> str:
    return quote(text, safe=safe)
