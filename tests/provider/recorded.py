"""Exchanges written down by hand, from tests/tools/fixtures: the request must be that one exactly.

Headers that the request must carry are a part of what it carries; path, query and body are all of
it. `${NAME}` in a value stands for the key of that name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from pydantic_core import from_json, to_json

from tests.provider.keys import key_of
from tests.provider.wire import Reply, Request, json_reply

_KEY = re.compile(r"\$\{([A-Z0-9_]+)\}")


@dataclass(frozen=True)
class Exchange:
    """One request and its reply."""

    method: str
    host: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any
    reply: Reply

    def faults(self, request: Request) -> list[str]:
        found = {
            "method": request.method == self.method,
            "host": request.host == self.host.partition(":")[0],
            "path": unquote(request.path) == unquote(self.path),
            "body": self.body is None or _sent(request) == _spelled(self.body),
        }
        faults = [name for name, holds in found.items() if not holds]
        wanted, given = _multiset(self.query), _multiset(dict_of_lists(request.query))
        faults += [f"query {name} is missing or wrong" for name in wanted if name not in given]
        faults += [f"query {name} is not in the contract" for name in given if name not in wanted]
        faults += [
            f"header {name}"
            for name, value in self.headers.items()
            if request.headers.get(name.lower()) != _filled(value)
        ]
        return faults


def exchange(document: Mapping[str, Any]) -> Exchange:
    """Return one exchange of a fixture."""
    request = document["request"]
    unknown = request.keys() - {"method", "host", "path", "query", "headers", "body"}
    assert not unknown, f"a request has no {unknown}"
    return Exchange(
        method=request.get("method", "GET"),
        host=request["host"],
        path=request["path"],
        query=request.get("query") or {},
        headers=request.get("headers") or {},
        body=request.get("body"),
        reply=_reply(document["reply"]),
    )


def _reply(document: Mapping[str, Any]) -> Reply:
    unknown = document.keys() - {"status", "headers", "body", "body_text"}
    assert not unknown, f"a reply has no {unknown}"
    status, headers = document.get("status", 200), document.get("headers") or {}
    if "body_text" in document:
        return Reply(status, headers, document["body_text"].encode())
    if isinstance(document.get("body"), str):
        return Reply(status, headers, document["body"].encode())
    plain = json_reply(document.get("body"), status=status)
    return Reply(status, {**plain.headers, **headers}, plain.body)


def dict_of_lists(pairs: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _multiset(query: Mapping[str, Any]) -> set[tuple[str, tuple[str, ...]]]:
    return {
        (name, tuple(map(_filled, value if isinstance(value, list) else [value])))
        for name, value in query.items()
    }


def _filled(value: Any) -> str:
    return _KEY.sub(lambda match: key_of(match[1]), str(value))


def _sent(request: Request) -> Any:
    """Return the body in a form that compares: JSON, or form fields, or text."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json") and request.body:
        return from_json(request.body)
    text = request.body.decode()
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(text, keep_blank_values=True))
    return text


def _spelled(body: Any) -> Any:
    """Return the expected body with its keys filled in."""
    if isinstance(body, str):
        return _filled(body)
    return from_json(_KEY.sub(lambda match: key_of(match[1]), to_json(body).decode()))
