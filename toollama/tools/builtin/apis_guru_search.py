"""The tool `apis_guru_search`: which public API does something, by the directory APIs.guru.

GET /v2/list.json, documented at https://apis.guru/api-doc/; the list is several megabytes. Not yet
run against the real service.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Proposal,
    Rate,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.citing import web_source
from toollama.tools.language.asks import compile_asks, proposed_query
from toollama.tools.language.sentences import fit
from toollama.tools.upstream import Document, read_as

_HOST = "api.apis.guru"
_MAX_LIST_BYTES = 30_000_000
_ASKS = compile_asks(
    r"\b(?:apis?|openapi(?: specs?| descriptions?)?)(?: exist| are there)?"
    r" (?:for|about|that|to|of|on) (?P<query>[^?!.]+?)(?= (?:on|in|at) apis\.?guru|[?!.]|$)",
    r"\b(?:find|search|list)(?: me)?(?: an?| some)? (?P<query>[\w -]+?) (?:open)?apis?\b",
    r"\bapis\.?guru\b.*? (?:for|about) (?P<query>[^?!.]+)",
)


class ApiSearchArguments(Arguments):
    """What the API should do."""

    query: str = Field(min_length=2, max_length=100, description="words of its title or summary")
    limit: int = Field(default=5, ge=1, le=20, description="how many APIs")


class _Info(Document):
    title: str = ""
    description: str = ""


class _Version(Document):
    info: _Info = _Info()
    swaggerUrl: str = ""  # noqa: N815 - the service's own name


class _Api(Document):
    preferred: str
    versions: Mapping[str, _Version]


@dataclass(frozen=True, slots=True)
class Hit:
    """An API of the directory."""

    name: str
    title: str
    description: str
    url: str


class ApisGuruSearch(Tool[ApiSearchArguments, tuple[Hit, ...]]):
    """Searches the directory."""

    spec = ToolSpec(
        name="apis_guru_search",
        summary="Find public web APIs with an OpenAPI description in the directory APIs.guru.",
        utterances=(
            "find an API for parcel tracking",
            "search apis.guru for sms",
            "which public APIs exist for exchange rates",
            "openapi spec for stripe",
            "is there an api for recipes",
            "apis guru payments",
            "list APIs about transport",
            "look for an OpenAPI description of twilio",
            "public api directory search weather",
            "find me a calendar api",
            "what apis are there for translation",
            "apis that offer maps",
            "search the api directory for email",
            "an openapi document for spotify",
            "which api could send faxes",
            "api for electricity prices?",
            "apis.guru entry for zoom",
            "serach apis for music",
            "find the swagger file of slack",
            "an API to look up books with an openapi spec",
            "directory of open apis: health",
        ),
        parameters=ApiSearchArguments,
        packs=("drummer.search",),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        provider="apis_guru",
        rates=(Rate(1, 1.0),),
        cache_ttl_s=86_400.0,
        homepage="https://apis.guru/",
        deadline_s=60.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the words after `api for`."""
        return proposed_query(text, _ASKS)

    async def execute(self, args: ApiSearchArguments, context: ToolContext) -> tuple[Hit, ...]:
        """Fetch the list and keep what holds every word. Raises `ToolFailure`."""
        answer = await context.http.get_json(
            f"https://{_HOST}/v2/list.json",
            hosts=self.spec.hosts,
            deadline_s=self.spec.deadline_s,
            max_bytes=_MAX_LIST_BYTES,
        )
        hits = [
            _hit(name, api) for name, api in read_as(dict[str, _Api], answer, service=_HOST).items()
        ]
        return _matching(hits, args.query)

    def format(
        self, args: ApiSearchArguments, raw: tuple[Hit, ...], context: ToolContext
    ) -> ToolResult:
        """State each API with its name in the directory."""
        source = web_source("APIs.guru", self.spec.homepage, context)
        if not raw:
            said = f'APIs.guru lists no API about "{args.query}".'
            return ToolResult((fit(said),), sources=(source,), status="empty")
        shown = raw[: args.limit]
        more = [f"{len(raw) - len(shown)} more are not listed."] if len(raw) > len(shown) else []
        return ToolResult(
            (*(fit(_sentence(hit)) for hit in shown), *more),
            answer=shown[0].name,
            data=[asdict(hit) for hit in shown],
            sources=tuple(
                web_source(f"APIs.guru: {hit.title or hit.name}", hit.url, context)
                for hit in shown
                if hit.url
            )
            or (source,),
            truncated=bool(more),
        )


def _hit(name: str, api: _Api) -> Hit:
    version = api.versions.get(api.preferred) or next(iter(api.versions.values()), _Version())
    description = " ".join(version.info.description.split())
    return Hit(name, " ".join(version.info.title.split()), description, version.swaggerUrl)


def _matching(hits: Sequence[Hit], query: str) -> tuple[Hit, ...]:
    """Return the hits that hold every word, those with it in their name or title first."""
    words = query.casefold().split()
    found = [
        hit
        for hit in hits
        if all(word in f"{hit.name} {hit.title} {hit.description}".casefold() for word in words)
    ]
    return tuple(
        sorted(
            found,
            key=lambda hit: (
                not all(word in f"{hit.name} {hit.title}".casefold() for word in words),
                hit.name,
            ),
        )
    )


def _sentence(hit: Hit) -> str:
    said = f"{hit.title or hit.name} is listed as {hit.name}"
    return f"{said}: {hit.description}" if hit.description else f"{said}."


TOOL = ApisGuruSearch()
