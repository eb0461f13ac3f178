"""A stranger's description becomes a slim document of the declared format. Pure.

What cannot be used is a note with its place; an operation that cannot be sent at all is refused by
itself, and the others stay.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from toollama.text import one_line
from toollama.tools.openapi import hints, slimming, swagger
from toollama.tools.openapi.bodies import Bodies, Body
from toollama.tools.openapi.faults import Note, Notes, first, pointer, refused
from toollama.tools.openapi.naming import provider_of, tool_names
from toollama.tools.openapi.operation import METHODS
from toollama.tools.openapi.parameters import Sorted, Sorter
from toollama.tools.openapi.references import References
from toollama.tools.openapi.schemes import Schemes, with_hidden
from toollama.tools.openapi.servers import server_url

VERSION = 1
"""Changes with what is compiled; compiled files of another version are made anew."""
_BODILESS = frozenset({"get", "head", "trace"})
_TEMPLATE = re.compile(r"\{([^{}/]*)\}")
_MAX_OPERATIONS = 5_000
_MAX_REQUIRED = 30


@dataclass(frozen=True, slots=True)
class Compiled:
    """A slim document, and what was said of the original on the way."""

    document: dict[str, Any]
    notes: tuple[Note, ...]
    refusals: tuple[Note, ...]
    """Operations that cannot be tools, and why."""


class _OperationRefused(Exception):
    pass


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    method: str
    item: Mapping[str, Any]
    operation: Mapping[str, Any]
    where: str


def compile_document(
    document: Mapping[str, Any], *, name: str, provider: str = "", base_url: str = "", notes: Notes
) -> Compiled:
    """Return the tools of a description. Raises `SpecRefused` where not one can be made."""
    return _Compiler(document, name, provider, base_url, notes).compiled()


class _Compiler:
    def __init__(
        self, document: Mapping[str, Any], name: str, provider: str, base_url: str, notes: Notes
    ) -> None:
        self._document = document
        self._name = name
        self._base_url = base_url
        self._notes = notes
        info = document.get("info")
        self._info: Mapping[str, Any] = info if isinstance(info, Mapping) else {}
        self._title = one_line(str(self._info.get("title") or name), 80)
        self._provider = provider_of(self._title, provider)
        self._is_swagger = swagger.is_swagger(document)
        self._references = References(document, notes)
        self._schemes = Schemes(self._declared_schemes(), self._provider, notes)
        self._sorter = Sorter(self._references, self._schemes, notes)
        self._bodies = Bodies(self._references, self._sorter, notes)

    def compiled(self) -> Compiled:
        entries = list(self._entries())
        if not entries:
            raise refused(self._name, "/paths", "no operation is in it")
        named = [(one.method, one.path, _text(one.operation.get("operationId"))) for one in entries]
        paths: dict[str, dict[str, Any]] = {}
        refusals = Notes()
        for entry, tool_name in zip(entries, tool_names(self._provider, named), strict=True):
            try:
                path, slim = self._operation(entry, tool_name)
                paths.setdefault(path, {})[entry.method] = slim
            except _OperationRefused as error:
                refusals.add(entry.where, str(error))
        if not paths:
            reason = refusals.all()[0]
            raise refused(self._name, reason.where, reason.text)
        return Compiled(self._slim(paths), self._notes.all(), refusals.all())

    def _slim(self, paths: Mapping[str, Any]) -> dict[str, Any]:
        servers = [item["servers"][0] for one in paths.values() for item in one.values()]
        docs = self._document.get("externalDocs")
        homepage = _text(docs.get("url")) if isinstance(docs, Mapping) else ""
        terms: dict[str, Any] = {"provider": self._provider, "verified_live": "never"}
        if homepage.startswith("https://"):
            terms["homepage"] = one_line(homepage)
        return {
            "openapi": "3.1.0",
            "info": {"title": self._title, "version": _text(self._info.get("version"))[:40]},
            "servers": servers[:1],
            "x-toollama": terms,
            "components": {"securitySchemes": self._schemes.slim},
            "paths": dict(paths),
        }

    def _declared_schemes(self) -> Mapping[str, Any]:
        if self._is_swagger:
            return swagger.security_schemes(self._document)
        components = self._document.get("components")
        schemes = components.get("securitySchemes") if isinstance(components, Mapping) else None
        if not isinstance(schemes, Mapping):
            return {}
        where = pointer("components", "securitySchemes")
        return {str(name): self._references.resolved(one, where) for name, one in schemes.items()}

    def _entries(self) -> Iterator[_Entry]:
        paths = self._document.get("paths")
        if not isinstance(paths, Mapping):
            raise refused(self._name, "/paths", "a mapping of paths is needed")
        count = 0
        for path, raw in paths.items():
            where = pointer("paths", path)
            item = self._references.resolved(raw, where) if isinstance(raw, Mapping) else {}
            for method in METHODS:
                operation = item.get(method)
                if not isinstance(operation, Mapping):
                    continue
                count += 1
                if count > _MAX_OPERATIONS:
                    self._notes.add(where, f"only {_MAX_OPERATIONS:,} operations are read")
                    return
                yield _Entry(str(path), method, item, operation, pointer("paths", path, method))

    def _operation(self, entry: _Entry, tool_name: str) -> tuple[str, dict[str, Any]]:
        """Return the path template and the slim operation. Raises `_OperationRefused`."""
        server = self._server(entry)
        path, query = self._path(entry)
        sorted_ = Sorted()
        declared = self._parameters(entry)
        for where, one in declared:
            if one.get("in") not in ("body", "formData"):
                self._sorter.add(sorted_, one, where)
        _settle_path(sorted_, path, self._notes, entry.where)
        for name, value in query:
            sorted_.kept.append({"name": name, "in": "query", "schema": {}, "x-send": value})
        body = self._body(entry, [one for _, one in declared], sorted_)
        kept, left_out = slimming.within_budget(sorted_.kept)
        if left_out:
            self._notes.add(entry.where, f"left out for brevity: {', '.join(left_out)}")
        slim: dict[str, Any] = {
            "operationId": tool_name,
            "summary": self._summary(entry),
            "servers": [{"url": server}],
            "parameters": [one for one in kept if one["in"] != "body"],
            "responses": self._responses(entry),
            "security": self._security(entry, sorted_),
            "x-toollama": self._terms(entry, kept, _why_off(body, kept)),
        }
        if body is not None:
            slim["requestBody"] = body.slim([one for one in kept if one["in"] == "body"])
        return path, slim

    def _security(self, entry: _Entry, sorted_: Sorted) -> list[dict[str, list[str]]]:
        asked = entry.operation.get("security", self._document.get("security"))
        alternatives = self._schemes.alternatives(asked, entry.where)
        return with_hidden(alternatives, sorted_.required_keys, sorted_.optional_keys)

    def _server(self, entry: _Entry) -> str:
        shared = (
            swagger.servers(self._document) if self._is_swagger else self._document.get("servers")
        )
        for declared in (entry.operation.get("servers"), entry.item.get("servers"), shared):
            if isinstance(declared, list) and (url := server_url(declared, self._base_url)):
                return url
        if url := server_url([], self._base_url):
            return url
        raise _OperationRefused("no usable server is told: give --base-url https://…")

    def _path(self, entry: _Entry) -> tuple[str, list[tuple[str, str]]]:
        """Return the path as a template, and what a query in it always sends."""
        path, _, query = entry.path.partition("#")[0].partition("?")
        if query:
            self._notes.add(entry.where, "the path holds a query; it is always sent")
        path = path if path.startswith("/") else f"/{path}"
        if path.count("{") != len(_TEMPLATE.findall(path)) or re.search(r"[\s<>\"\\^`|]", path):
            raise _OperationRefused("the path is no template of a URL's path")
        return path, parse_qsl(query, keep_blank_values=True)

    def _parameters(self, entry: _Entry) -> list[tuple[str, Mapping[str, Any]]]:
        """Return the parameters, those of the operation in place of the path's own."""
        found: dict[tuple[Any, Any], tuple[str, Mapping[str, Any]]] = {}
        places = ((entry.item, pointer("paths", entry.path)), (entry.operation, entry.where))
        for holder, lead in places:
            declared = holder.get("parameters")
            for at, raw in enumerate(declared if isinstance(declared, list) else ()):
                where = f"{lead}{pointer('parameters', at)}"
                one = self._references.resolved(raw, where)
                if self._is_swagger:
                    one = swagger.parameter(one)
                found[str(one.get("name")), str(one.get("in"))] = (where, one)
        return list(found.values())

    def _body(
        self, entry: _Entry, declared: Sequence[Mapping[str, Any]], sorted_: Sorted
    ) -> Body | None:
        """Return the body that is sent, its fields sorted in."""
        where = f"{entry.where}/requestBody"
        raw = self._raw_body(entry, declared, where)
        if raw and entry.method in _BODILESS:
            self._notes.add(where, f"a {entry.method.upper()} has no body: it is left out")
            return None
        return self._bodies.read(raw, sorted_, where) if raw else None

    def _raw_body(
        self, entry: _Entry, declared: Sequence[Mapping[str, Any]], where: str
    ) -> Mapping[str, Any] | None:
        if not self._is_swagger:
            body = entry.operation.get("requestBody")
            return self._references.resolved(body, where) if isinstance(body, Mapping) else None
        consumes = entry.operation.get("consumes") or self._document.get("consumes")
        return swagger.body(declared, consumes if isinstance(consumes, list) else [])

    def _summary(self, entry: _Entry) -> str:
        operation = entry.operation
        told = first(_text(operation.get(key)) for key in ("summary", "description"))
        spoken = _text(operation.get("operationId")).replace("_", " ")
        return one_line(told or spoken or f"{entry.method.upper()} {entry.path}", 200)

    def _responses(self, entry: _Entry) -> dict[str, Any]:
        """Return what is accepted, where it is not JSON."""
        responses = entry.operation.get("responses")
        types = [
            str(media_type)
            for status, raw in (responses.items() if isinstance(responses, Mapping) else ())
            if str(status).startswith("2")
            and isinstance(
                content := self._references.resolved(raw, entry.where).get("content"), Mapping
            )
            for media_type in content
        ]
        if not types or any("json" in one or "*" in one for one in types):
            return {"200": {"description": "the answer"}}
        return {"200": {"description": "the answer", "content": {one: {} for one in types[:4]}}}

    def _terms(self, entry: _Entry, kept: Sequence[Mapping[str, Any]], off: str) -> dict[str, Any]:
        operation = entry.operation
        tags = operation.get("tags")
        asked = [str(one["name"]) for one in kept if one.get("required") and "x-send" not in one]
        path = hints.list_path(operation, self._references, entry.where)
        return {
            "packs": ["drummer.api"],
            **({"list": path} if path else {}),
            **({"off": off} if off else {}),
            "utterances": hints.utterances(
                self._summary(entry),
                _text(operation.get("operationId")),
                [one_line(str(tag), 30) for tag in tags] if isinstance(tags, list) else [],
                asked,
                self._provider,
            ),
        }


def _why_off(body: Body | None, kept: Sequence[Mapping[str, Any]]) -> str:
    needed = sum(one.get("required") is True for one in kept)
    if needed > _MAX_REQUIRED:
        return f"it needs {needed:,} arguments, more than a model can be shown"
    return body.off if body else ""


def _settle_path(sorted_: Sorted, path: str, notes: Notes, where: str) -> None:
    """Make the path's variables and the path parameters the same set."""
    wanted = list(dict.fromkeys(_TEMPLATE.findall(path)))
    known = {one["name"] for one in sorted_.kept if one["in"] == "path"}
    for name in known - set(wanted):
        notes.add(where, f"{name} is a path parameter that the path does not name: left out")
    sorted_.kept[:] = [one for one in sorted_.kept if one["in"] != "path" or one["name"] in wanted]
    hidden = {key.removeprefix("path_") for key in sorted_.required_keys if key.startswith("path_")}
    for name in wanted:
        if name not in known and name not in hidden:
            notes.add(where, f"{{{name}}} is in the path and not declared: a text is assumed")
            made = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            sorted_.kept.append(made)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else ""
