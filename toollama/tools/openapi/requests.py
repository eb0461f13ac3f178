"""An operation and its arguments become one HTTP request. Pure: nothing is sent here."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from toollama.tools.base import ToolFailure
from toollama.tools.openapi import serialising
from toollama.tools.openapi.operation import FORM, Key, Operation, Parameter

_VARIABLE = re.compile(r"\{([^{}]*)\}")
Given = tuple[Parameter, Any]
"""A parameter and the value that a call has for it."""
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRequest:
    """What the HTTP door is asked to send."""

    method: str
    url: str
    """Percent-encoded, its query included; it may hold a credential."""
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: tuple[tuple[str, str], ...] | None = None
    secrets: tuple[str, ...] = ()


def host_of(url: str) -> str:
    """Return the host of a URL as a tool's allow-list names it: with a port that is unusual."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    unusual = parts.port is not None and parts.port != _DEFAULT_PORTS.get(parts.scheme)
    return f"{host}:{parts.port}" if unusual else host


def build(
    operation: Operation, arguments: Mapping[str, Any], credentials: Mapping[Key, str]
) -> PreparedRequest:
    """Return the request for arguments by name and the values of the keys to send.

    Raises `ToolFailure(kind="invalid_input")` for a value that cannot stand where it belongs.
    """
    given = _given(operation, arguments)
    try:
        url = operation.server + _path(operation, given, credentials)
        headers = _headers(given)
    except _Unfit as error:
        raise ToolFailure(
            f"{operation.name}: {error}",
            kind="invalid_input",
            fix=f"toollama tools info {operation.name}",
        ) from error
    query = [
        pair
        for one, value in given
        if one.place == "query"
        for pair in serialising.in_query(one, value)
    ]
    query += _keys_in(credentials, "query")
    json, form = _body(operation, given, credentials)
    return PreparedRequest(
        method=operation.method,
        url=f"{url}?{'&'.join(query)}" if query else url,
        headers={**headers, **_key_headers(credentials), **_cookies(given, credentials)},
        json=json,
        form=form,
        secrets=tuple(
            text for key, value in credentials.items() for text in (value, _spelled(key, value))
        ),
    )


def _given(operation: Operation, arguments: Mapping[str, Any]) -> list[Given]:
    return [
        (one, one.fixed if one.is_fixed else arguments[one.argument])
        for one in operation.parameters
        if one.is_fixed or arguments.get(one.argument) is not None
    ]


def _headers(given: Sequence[Given]) -> dict[str, str]:
    headers = {}
    for one, value in given:
        if one.place == "header":
            try:
                headers[one.wire_name] = serialising.in_header(one, value)
            except ValueError as error:
                raise _Unfit(f"{one.argument} {error}") from error
    return headers


class _Unfit(Exception):
    """A value that cannot stand where it belongs."""


def _path(operation: Operation, given: Sequence[Given], credentials: Mapping[Key, str]) -> str:
    values = {key.wire_name: quote(text, safe=":") for key, text in credentials.items()}
    for one, value in given:
        if one.place == "path":
            try:
                values[one.wire_name] = serialising.in_path(one, value)
            except ValueError as error:
                raise _Unfit(f"{one.argument} {error}") from error
    missing = [name for name in _VARIABLE.findall(operation.path) if name not in values]
    if missing:
        raise _Unfit(f"{missing[0]} is missing from the path")
    return _VARIABLE.sub(lambda match: values[match[1]], operation.path)


def _body(
    operation: Operation, given: Sequence[Given], credentials: Mapping[Key, str]
) -> tuple[Any, tuple[tuple[str, str], ...] | None]:
    parts = [(one, value) for one, value in given if one.place == "body"]
    keys = {
        key.wire_name: _spelled(key, text)
        for key, text in credentials.items()
        if key.place == "body"
    }
    if not operation.body_type:
        return None, None
    if operation.body_type == FORM:
        pairs = [pair for one, value in parts for pair in serialising.in_form(one, value)]
        return None, (*pairs, *keys.items())
    if operation.body_is_whole:
        return next((value for _, value in parts), None), None
    return {**{one.wire_name: value for one, value in parts}, **keys}, None


def _spelled(key: Key, text: str) -> str:
    encoded = base64.b64encode(text.encode()).decode() if key.is_basic else text
    return f"{key.prefix}{encoded}"


def _key_headers(credentials: Mapping[Key, str]) -> dict[str, str]:
    return {
        key.wire_name: _spelled(key, text)
        for key, text in credentials.items()
        if key.place == "header"
    }


def _keys_in(credentials: Mapping[Key, str], place: str) -> list[str]:
    return [
        f"{quote(key.wire_name, safe='')}={quote(_spelled(key, text), safe='')}"
        for key, text in credentials.items()
        if key.place == place
    ]


def _cookies(given: Sequence[Given], credentials: Mapping[Key, str]) -> dict[str, str]:
    pairs = [
        pair
        for one, value in given
        if one.place == "cookie"
        for pair in serialising.in_query(one, value)
    ]
    pairs += _keys_in(credentials, "cookie")
    return {"Cookie": "; ".join(pairs)} if pairs else {}
