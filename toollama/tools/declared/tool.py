"""One declared operation as a tool: it asks its service and says what the service answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import from_json

from toollama.text import one_line
from toollama.tools.base import (
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.declared import results
from toollama.tools.declared.arguments import DeclaredArguments, model_of
from toollama.tools.declared.asking import Reader
from toollama.tools.declared.format import (
    DeclaredDocument,
    OperationObject,
    Terms,
    default_effects,
)
from toollama.tools.openapi.operation import Key, Operation, Parameter
from toollama.tools.openapi.requests import build, host_of
from toollama.tools.weather.open_meteo import GEOCODING_HOST, find_places, likeliest

_NO_CONTENT = 204
_PLACE_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 100}
_PLACE_TEXT = "A town or region, with its country where the name is common, such as Bergen, Norway"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered, and its status: 404 where that means it has nothing."""

    document: Any
    status: int = 200


class DeclaredTool(Tool[DeclaredArguments, Answer]):
    """A tool made from one operation of a document."""

    spec: ToolSpec  # type: ignore[misc] # each tool of this class has its own

    def __init__(
        self,
        document: DeclaredDocument,
        declared: OperationObject,
        operation: Operation,
        *,
        origin: str,
    ) -> None:
        """Raises `ValueError` for terms that do not fit the operation."""
        self.operation = operation
        self.terms = declared.terms
        self.title = document.info.title
        self.arguments = _offered(operation, declared.terms)
        model = model_of(operation.name, self.arguments)
        self.spec = _spec(document, declared, operation, model, origin=origin)
        _check(self.terms, {one.argument for one in self.arguments})
        self._reader = Reader(
            operation.name,
            declared.summary,
            model,
            self.terms.asks,
        )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer what the tool's patterns and its parameters' own words find in the request."""
        return self._reader.read(text)

    async def prepare(self, args: DeclaredArguments, context: ToolContext) -> DeclaredArguments:
        """Look the place up, where a place stands for coordinates."""
        locate = self.terms.locate
        name = args.given().get(locate.parameter) if locate else None
        if name is None:
            return args
        town, *regions = (part.strip() for part in str(name).split(","))
        # A region sorts namesakes out, so more of them are worth having.
        found = await find_places(context.http, town, limit=20 if regions else 5)
        place = likeliest(found, regions)
        if place is None:
            raise ToolFailure(
                f'no place is called "{one_line(str(name), 80)}"',
                kind="not_found",
                fix="name a town, and its country where the name is common",
            )
        return args.located(place)

    async def execute(self, args: DeclaredArguments, context: ToolContext) -> Answer:
        """Send the request, and decode what comes back."""
        keys = self._keys(context)
        request = build(self.operation, self._sent(args), keys)
        reply = await context.http.request(
            request.method,
            request.url,
            headers=request.headers,
            json=request.json,
            form=request.form,
            accept=self.operation.accepted,
            expect=(404,) if self.terms.empty else (),
            secrets=request.secrets,
            hosts=self.spec.hosts,
            deadline_s=self.spec.deadline_s,
            max_bytes=self.terms.max_bytes,
        )
        if reply.status == 404:
            return Answer(None, 404)
        document = _decoded(reply.body, reply.headers, host=self.spec.hosts[0])
        return Answer(document, reply.status)

    def format(self, args: DeclaredArguments, raw: Answer, context: ToolContext) -> ToolResult:
        """State the results by the templates, cite them, and count what is not listed."""
        server = urlsplit(self.operation.server)
        given = self._named(args)
        cited = Source(
            title=self.title,
            locator=self.spec.homepage or f"{server.scheme}://{server.netloc}",
            retrieved_at=context.clock.now().isoformat(timespec="seconds"),
            untrusted=self.terms.untrusted,
        )
        if raw.status == 404:
            return results.nothing(self.terms, given, cited)
        reads = bool(self.terms.list or self.terms.fields)
        if raw.document is None and (raw.status == _NO_CONTENT or not reads):
            return results.accepted(self.terms, raw.status, given, cited)
        reading = results.read(self.terms, raw.document, given, service=self.title)
        return results.result_of(self.terms, reading, given, cited)

    def _sent(self, args: DeclaredArguments) -> dict[str, Any]:
        sent = args.given()
        locate, place = self.terms.locate, args.place_found
        if locate and place:
            sent |= {locate.latitude: place.latitude, locate.longitude: place.longitude}
        return sent

    def _named(self, args: DeclaredArguments) -> dict[str, Any]:
        """Return the arguments as templates may name them, a place in full."""
        named = args.given()
        if self.terms.locate and args.place_found:
            named[self.terms.locate.parameter] = args.place_found.full_name
        return named

    def _keys(self, context: ToolContext) -> Mapping[Key, str]:
        """Return the keys to send: of the first set that is complete.

        Raises `ToolFailure(kind="missing_credential")` where one is needed and none is complete.
        """
        host = host_of(self.operation.server)
        incomplete: list[str] = []
        for keys in sorted(self.operation.alternatives, key=lambda one: not one):
            values = {key: context.credentials.get(key.credential, host=host) for key in keys}
            known = {key: value for key, value in values.items() if value}
            if len(known) == len(keys):
                return known
            incomplete += [key.credential for key in keys if key not in known]
        raise ToolFailure(
            f"{self.spec.name} needs {incomplete[0]}",
            kind="missing_credential",
            fix=f"toollama keys set {incomplete[0]}",
        )


def _offered(operation: Operation, terms: Terms) -> tuple[Parameter, ...]:
    """Return the tool's parameters, with a place instead of its coordinates."""
    if terms.locate is None:
        return operation.arguments
    by_name = {one.argument: one for one in operation.arguments}
    for name in (terms.locate.latitude, terms.locate.longitude):
        if name not in by_name:
            raise ValueError(f"x-toollama.locate: {name!r} is no parameter")
    latitude = by_name.pop(terms.locate.latitude)
    longitude = by_name.pop(terms.locate.longitude)
    if terms.locate.parameter in by_name:
        raise ValueError(f"x-toollama.locate: {terms.locate.parameter!r} is a parameter already")
    place = Parameter(
        argument=terms.locate.parameter,
        wire_name=terms.locate.parameter,
        place="query",
        schema=_PLACE_SCHEMA,
        required=latitude.required or longitude.required,
        description=_PLACE_TEXT,
    )
    return (place, *by_name.values())


def _spec(
    document: DeclaredDocument,
    declared: OperationObject,
    operation: Operation,
    model: type[DeclaredArguments],
    *,
    origin: str,
) -> ToolSpec:
    terms, provider = declared.terms, document.provider
    effects = frozenset(terms.effects) if terms.effects else default_effects(operation.method)
    hosts = [host_of(operation.server), *provider.hosts]
    return ToolSpec(
        name=operation.name,
        summary=one_line(declared.summary, 300),
        utterances=terms.utterances,
        parameters=model,
        packs=terms.packs,
        effects=effects,
        egress=True,
        hosts=tuple(dict.fromkeys([*hosts, GEOCODING_HOST] if terms.locate else hosts)),
        **_credentials(operation),
        provider=provider.provider,
        rates=provider.rates,
        cache_ttl_s=terms.cache,
        fallbacks=terms.fallbacks,
        off=terms.off or provider.off,
        homepage=provider.homepage,
        deadline_s=terms.deadline_s,
        verified_live=provider.verified_live,
        origin=origin,
        idempotent=terms.idempotent,
    )


def _credentials(operation: Operation) -> dict[str, tuple[str, ...]]:
    """Return the credentials without which a call cannot run, and those that are sent where set."""
    sets = [tuple(key.credential for key in keys) for keys in operation.alternatives]
    every = tuple(dict.fromkeys(name for one in sets for name in one))
    needed = () if () in sets else tuple(dict.fromkeys(sets[0]))
    optional = tuple(name for name in every if name not in needed)
    return {"credentials": needed, "optional_credentials": optional}


def _check(terms: Terms, arguments: set[str]) -> None:
    """Raise `ValueError` for terms that name fields or parameters which do not exist."""
    fields = {*terms.fields, *arguments}
    templates = {"say": terms.say, "empty": (terms.empty,)}
    if terms.source:
        templates["source"] = (terms.source.title, terms.source.url)
    for key, group in templates.items():
        for template in filter(None, group):
            allowed = arguments if key == "empty" else fields
            if (terms.fields or key == "empty") and (unknown := sorted(template.fields - allowed)):
                raise ValueError(f"x-toollama.{key}: {{{unknown[0]}}} is no field")
    if terms.answer and terms.answer not in fields:
        raise ValueError(f"x-toollama.answer: {terms.answer!r} is no field")
    for key, named in (("html", terms.html), ("days", terms.days)):
        if unknown := sorted(set(named) - set(terms.fields)):
            raise ValueError(f"x-toollama.{key}: {unknown[0]!r} is no field")
    for at, ask in enumerate(terms.asks):
        if unknown := sorted(set(ask.groupindex) - arguments):
            raise ValueError(f"x-toollama.asks[{at}]: {unknown[0]!r} is no parameter")


def _decoded(body: bytes, headers: Mapping[str, str], *, host: str) -> Any:
    """Return the body as JSON, or as text where the service says that it is text."""
    if not body.strip():
        return None
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        kind = (headers.get("content-type") or headers.get("Content-Type") or "").lower()
        if kind.startswith("text/plain"):
            return body.decode("utf-8", errors="replace").strip()
        found = "a page" if body.lstrip()[:1] == b"<" else "something that is not JSON"
        raise ToolFailure(
            f"{host} sent {found} instead of JSON",
            kind="upstream",
            fix="try again in a minute",
        ) from error
