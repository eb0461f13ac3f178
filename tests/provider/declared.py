"""What a declared API takes, read from its document and from nothing of the engine that asks it.

The reading is a second one, made by hand, so that a fault of the engine's own does not cancel out:
method, path, required and unknown parameters, types, constants, body, and the key in its place.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from jsonschema import Draft202012Validator
from pydantic_core import from_json

from tests.provider.keys import key_of
from tests.provider.recorded import dict_of_lists
from tests.provider.wire import Reply, Request

_VARIABLE = re.compile(r"\{([^}]+)\}")
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class DeclaredOperation:
    """One operation of a document, and the arguments that it must be asked with."""

    document: Mapping[str, Any]
    path: str
    method: str
    arguments: Mapping[str, Any]
    """Those of the call, by the tool's names: each must stand somewhere in the request."""
    reply: Reply

    @property
    def operation(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document["paths"][self.path][self.method]
        return found

    @property
    def server(self) -> str:
        servers = self.operation.get("servers") or self.document["servers"]
        return str(servers[0]["url"]).rstrip("/")

    @property
    def host(self) -> str:
        return str(urlsplit(self.server).hostname)

    @cached_property
    def parameters(self) -> list[Mapping[str, Any]]:
        shared = self.document["paths"][self.path].get("parameters", [])
        return [*shared, *self.operation.get("parameters", [])]

    def schemes(self) -> list[list[Mapping[str, Any]]]:
        """Return the sets of keys, any of which opens the service."""
        declared = self.document.get("components", {}).get("securitySchemes", {})
        security = self.operation.get("security", self.document.get("security", []))
        return [[declared[name] for name in one] for one in security] or [[]]

    def is_required(self, parameter: Mapping[str, Any]) -> bool:
        given = argument_name(parameter["name"]) in self.arguments
        return bool(parameter.get("required") or "x-send" in parameter or given)

    def faults(self, request: Request) -> list[str]:
        faults = [] if request.method == self.method.upper() else ["method"]
        faults += [] if request.host == self.host else ["host"]
        values = self._in_path(request)
        if values is None:
            return [*faults, "path"]
        faults += self._parameter_faults("path", {name: [text] for name, text in values.items()})
        faults += self._query_faults(request)
        faults += self._parameter_faults("header", {n: [v] for n, v in request.headers.items()})
        return faults + self._key_faults(request, values) + list(self._body_faults(request))

    def _in_path(self, request: Request) -> dict[str, str] | None:
        """Return the values in the path; a slash within a value has to be percent-encoded."""
        template = f"{urlsplit(self.server).path}{self.path}".split("/")
        segments = request.path.split("/")
        values: dict[str, str] = {}
        for wanted, segment in zip(template, segments, strict=False):
            names = _VARIABLE.findall(wanted)
            parts = _VARIABLE.split(wanted)
            pattern = "(.+)".join(map(re.escape, parts[::2]))
            match = re.fullmatch(pattern, unquote(segment))
            if match is None:
                return None
            values |= dict(zip(names, match.groups(), strict=True))
        return values if len(template) == len(segments) else None

    def _query_faults(self, request: Request) -> list[str]:
        given = dict_of_lists(request.query)
        keys = {
            scheme["name"]
            for one in self.schemes()
            for scheme in one
            if scheme.get("in") == "query"
        }
        known = {p["name"].removesuffix("[]") for p in self.parameters if p["in"] == "query"} | keys
        unknown = [
            name for name in given if name.partition("[")[0] not in known and name not in known
        ]
        faults = [f"query {name} is not in the contract" for name in unknown]
        return faults + self._parameter_faults("query", given)

    def _parameter_faults(self, place: str, given: Mapping[str, list[str]]) -> list[str]:
        faults = []
        for parameter in self.parameters:
            if parameter["in"] != place:
                continue
            name = parameter["name"].lower() if place == "header" else parameter["name"]
            texts = given.get(name, given.get(f"{name}[]"))
            if texts is None:
                if self.is_required(parameter) and not any(n.startswith(f"{name}[") for n in given):
                    faults.append(f"{place} {name} is missing")
            elif "x-send" in parameter and texts != _texts(parameter["x-send"]):
                faults.append(f"{place} {name} is not {parameter['x-send']!r}")
            elif "x-send" not in parameter and not _fits(texts, parameter):
                faults.append(f"{place} {name} is of the wrong type")
        return faults

    def _key_faults(self, request: Request, in_path: Mapping[str, str]) -> list[str]:
        wrong = [
            [scheme for scheme in one if not _is_keyed(scheme, request, in_path)]
            for one in self.schemes()
        ]
        if any(not one for one in wrong):
            return []
        return [f"key {scheme['x-env']} is not in its place" for scheme in min(wrong, key=len)]

    def _body_faults(self, request: Request) -> Iterator[str]:
        body = self.operation.get("requestBody")
        if body is None:
            if request.body:
                yield "a body that the contract does not have"
            return
        kind, media = next(iter(body["content"].items()))
        schema = media.get("schema", {})
        if not request.headers.get("content-type", "").startswith(kind):
            yield f"the body is not {kind}"
            return
        try:
            sent = _decoded(request.body, kind, schema)
        except ValueError as error:
            yield f"body: {error}"
            return
        yield from (
            f"body: {error.message}" for error in Draft202012Validator(schema).iter_errors(sent)
        )
        if isinstance(sent, dict):
            yield from self._property_faults(sent, schema.get("properties", {}))

    def _property_faults(
        self, sent: Mapping[str, Any], properties: Mapping[str, Any]
    ) -> Iterator[str]:
        yield from (f"body {name} is not in the contract" for name in sent.keys() - properties)
        for name, schema in properties.items():
            if "x-send" in schema and sent.get(name) != schema["x-send"]:
                yield f"body {name} is not {schema['x-send']!r}"
            elif argument_name(name) in self.arguments and name not in sent:
                yield f"body {name} is missing"


def argument_name(wire_name: str) -> str:
    """Return what a tool calls a parameter: `per-page` is `per_page`, `fromDate` is `from_date`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", wire_name)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def _texts(value: Any) -> list[str]:
    if isinstance(value, bool):
        return [str(value).lower()]
    return list(map(str, value)) if isinstance(value, list) else [str(value)]


def _fits(texts: list[str], parameter: Mapping[str, Any]) -> bool:
    """Return whether the texts of a request can be read as the schema says."""
    schema = parameter.get("schema", {})
    if schema.get("type") == "array":
        items = schema.get("items", {})
        return all(_is(part, items) for text in texts for part in re.split(r"[,| ]", text) if part)
    return len(texts) == 1 and _is(texts[0], schema)


def _is(text: str, schema: Mapping[str, Any]) -> bool:
    try:
        return Draft202012Validator(schema).is_valid(_read(text, schema))
    except ValueError:
        return False


def _read(text: str, schema: Mapping[str, Any]) -> Any:
    match schema.get("type"):
        case "integer":
            return int(text)
        case "number":
            return float(text)
        case "boolean":
            return {"true": True, "false": False}.get(text, text)
        case "object" | "array":
            return from_json(text)
        case _:
            return text


def _decoded(body: bytes, kind: str, schema: Mapping[str, Any]) -> Any:
    if kind == _FORM:
        properties = schema.get("properties", {})
        pairs = dict_of_lists(tuple(parse_qsl(body.decode(), keep_blank_values=True)))
        return {name: _read(texts[0], properties.get(name, {})) for name, texts in pairs.items()}
    return from_json(body)


def _is_keyed(scheme: Mapping[str, Any], request: Request, in_path: Mapping[str, str]) -> bool:
    """Return whether a key stands where its scheme says, and nowhere else."""
    value = key_of(scheme["x-env"])
    if scheme["type"] in {"http", "oauth2", "openIdConnect"}:
        basic = scheme.get("scheme", "bearer").lower() == "basic"
        spelled = base64.b64encode(value.encode()).decode() if basic else value
        wanted = f"{'Basic' if basic else 'Bearer'} {spelled}"
        return request.headers.get("authorization") == wanted
    spelled = f"{scheme.get('x-prefix', '')}{value}"
    match scheme["in"]:
        case "header":
            return request.headers.get(scheme["name"].lower()) == spelled
        case "query":
            return dict(request.query).get(scheme["name"]) == spelled
        case "path":
            return in_path.get(scheme["name"]) == value
        case _:
            return f"{scheme['name']}={spelled}" in request.headers.get("cookie", "")
