"""The tool `walk_score`: Walk Score's figures for an address.

GET /score, documented at https://www.walkscore.com/professional/api.php; OpenStreetMap's Nominatim
finds the address. Walk Score asks that its name stands with its figures. Not yet run against the
real services.
"""

from dataclasses import dataclass

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Proposal,
    Rate,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.citing import web_source
from toollama.tools.keyed import required_key
from toollama.tools.language.asks import compile_asks, proposed
from toollama.tools.language.sentences import fit
from toollama.tools.places.nominatim import HOST as NOMINATIM_HOST
from toollama.tools.places.nominatim import find_spot
from toollama.tools.upstream import Document, read_as

_HOST = "api.walkscore.com"
_KEY = "WALKSCORE_API_KEY"
_SCORED, _INVALID_KEY, _QUOTA = 1, 40, 41
_ASKS = compile_asks(
    r"\bwalk ?score\b.*? (?:of|for|at|in|near) (?P<address>[^?!]+)",
    r"\b(?:walkable|walkability|transit score|bike score|bikeable)\b.*? (?:of|for|at|is|in)"
    r" (?P<address>[^?!]+)",
    r"\bhow (?:walkable|bikeable) is (?P<address>[^?!]+)",
)


class WalkArguments(Arguments):
    """Where."""

    address: str = Field(min_length=5, max_length=200, description="street, city, state")


class _Part(Document):
    score: int | None = None


class Scores(Document):
    """What Walk Score says; a score is None where it does not cover the place."""

    status: int
    walkscore: int | None = None
    description: str = ""
    ws_link: str = ""
    transit: _Part | None = None
    bike: _Part | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """The address as it was found, and its scores."""

    place: str
    scores: Scores


class WalkScore(Tool[WalkArguments, Scored | None]):
    """Scores an address."""

    spec = ToolSpec(
        name="walk_score",
        summary="Tell the Walk Score, Transit Score and Bike Score of an address (US, Canada).",
        utterances=(
            "walk score of 1119 8th Ave, Seattle, WA",
            "how walkable is 12 Oak St, Columbus, OH",
            "walkscore 900 Pine Ave, Boise, ID",
            "bike score for 77 Elm Rd, Albany, NY",
            "transit score at 1 Main St, Burlington, VT",
            "is 45 Bay Blvd in Tampa walkable",
            "walkability of 300 Lake St, Madison",
            "what is the walk score for 18 Cedar Ln, Austin, TX",
            "can I live without a car at 210 Hill Dr, Denver, walk score",
            "check walk score near 9 River Rd, Portland",
            "how bikeable is 64 Mill St, Reno, NV",
            "walk and transit scores 33 Park Pl, Dayton",
            "get the walk score of the apartment at 720 Sunset Blvd, Mesa",
            "walksore 14 Church St, Salem, MA",
            "pedestrian friendliness score 250 Vine St, Omaha",
            "walk score rating for 81 Ridge Ct, Tulsa",
            "official walk score 5 Birch Way, Salem, OR",
            "is it a walker's paradise at 66 Maple St, Akron",
            "walk score toronto 100 Queen St W",
            "score for walking at 402 Front St, Wilmington",
        ),
        parameters=WalkArguments,
        packs=("belter.property",),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST, NOMINATIM_HOST),
        credentials=(_KEY,),
        provider="walkscore",
        rates=(Rate(1, 1.0), Rate(5_000, 86_400.0)),
        cache_ttl_s=86_400.0,
        fallbacks=("amenity_score",),
        homepage="https://www.walkscore.com/professional/api.php",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the address after `walk score of`."""
        return proposed(text, _ASKS)

    async def execute(self, args: WalkArguments, context: ToolContext) -> Scored | None:
        """Find the address, then its scores; None where it is not found. Raises `ToolFailure`."""
        key = required_key(_KEY, host=_HOST, context=context)
        spot = await find_spot(context.http, args.address)
        if spot is None:
            return None
        answer = await context.http.get_json(
            f"https://{_HOST}/score",
            params={
                "format": "json",
                "address": args.address,
                "lat": spot.lat,
                "lon": spot.lon,
                "transit": 1,
                "bike": 1,
                "wsapikey": key,
            },
            hosts=self.spec.hosts,
        )
        scores = read_as(Scores, answer, service=_HOST)
        if scores.status in {_INVALID_KEY, _QUOTA}:
            raise _refused(scores.status)
        return Scored(spot.short_name, scores) if scores.status == _SCORED else None

    def format(self, args: WalkArguments, raw: Scored | None, context: ToolContext) -> ToolResult:
        """State the scores that are known."""
        if raw is None or raw.scores.walkscore is None:
            said = f'Walk Score has no score for "{args.address}" yet.'
            source = web_source("Walk Score", "https://www.walkscore.com", context)
            return ToolResult((fit(said),), sources=(source,), status="empty")
        scores = raw.scores
        parts = {"Transit Score": scores.transit, "Bike Score": scores.bike}
        others = "".join(
            f", {name} {part.score}"
            for name, part in parts.items()
            if part and part.score is not None
        )
        said = (
            f"{raw.place} has the Walk Score {scores.walkscore} of 100 "
            f"({scores.description}){others}."
        )
        link = scores.ws_link or "https://www.walkscore.com"
        return ToolResult(
            (fit(said),),
            answer=str(scores.walkscore),
            data={"place": raw.place, **scores.model_dump()},
            sources=(web_source(f"Walk Score: {raw.place}", link, context),),
        )


def _refused(status: int) -> ToolFailure:
    if status == _QUOTA:
        return ToolFailure(
            "Walk Score's calls of today are spent", kind="rate_limited", fix="try again tomorrow"
        )
    return ToolFailure(
        "Walk Score refused the key",
        kind="missing_credential",
        fix=f"toollama keys set {_KEY}",
        lasting=True,
    )


TOOL = WalkScore()
