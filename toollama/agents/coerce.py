"""Values that say the right thing in the wrong type: `"4,200"` for 4200. Pure; never a guess."""

import re
from collections.abc import Mapping
from typing import Any

_INTEGER = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+|[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,18})(?:\.\d{1,18})?")
_SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def coerce(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return the value as a JSON Schema without references wants it, or as it is.

    Choices are matched whatever their case; numbers and switches are read from text, text is
    written from numbers, and a list is made of a single value.
    """
    if "enum" in schema:
        return _choice(value, schema["enum"])
    for option in schema.get("anyOf", ()):
        coerced = coerce(value, option)
        if _fits(coerced, option):
            return coerced
    reader = _READERS.get(str(schema.get("type", "")))
    return reader(value, schema) if reader else value


def _choice(value: Any, options: Any) -> Any:
    spelled = str(value).strip().casefold()
    same = [option for option in options if str(option).casefold() == spelled]
    return same[0] if value not in options and len(same) == 1 else value


def _integer(value: Any, _schema: Mapping[str, Any]) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value.strip().replace(",", ""))
    return value


def _number(value: Any, _schema: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        plain = value.strip().replace(",", "")
        return float(plain) if "." in plain else int(plain)
    return value


def _switch(value: Any, _schema: Mapping[str, Any]) -> Any:
    return _SWITCH.get(value.strip().lower(), value) if isinstance(value, str) else value


def _text(value: Any, _schema: Mapping[str, Any]) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _list(value: Any, schema: Mapping[str, Any]) -> Any:
    items = schema.get("items", {})
    if isinstance(value, list):
        return [coerce(item, items) for item in value]
    return [coerce(value, items)] if isinstance(value, str | int | float) else value


_READERS = {
    "integer": _integer,
    "number": _number,
    "boolean": _switch,
    "string": _text,
    "array": _list,
}
_TYPES: dict[str, type | tuple[type, ...]] = {
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "string": str,
    "array": list,
    "object": dict,
    "null": type(None),
}


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    wanted = str(schema.get("type", ""))
    if isinstance(value, bool):
        return wanted == "boolean"
    return isinstance(value, _TYPES.get(wanted, object))
