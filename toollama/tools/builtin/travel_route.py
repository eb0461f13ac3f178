"""The tool `travel_route`: how far and how long it is from one place to another."""

from dataclasses import dataclass

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Rate,
    Source,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.language.asks import asked_for, compile_asks
from toollama.tools.language.sentences import fit
from toollama.tools.places.nominatim import HOST as NOMINATIM_HOST
from toollama.tools.places.nominatim import Spot, find_spot
from toollama.tools.routing.routers import ORS_HOST, ORS_KEY, OSRM_HOST, Mode, Way, way_between

_END = r"(?= by (?:car|bike|bicycle|foot)| on foot| with | take|[?!]|\.$|$)"
_ASKS = compile_asks(
    rf"\bfrom (?P<origin>.+?) to (?P<destination>.+?){_END}",
    rf"\bbetween (?P<origin>.+?) and (?P<destination>.+?){_END}",
    rf"\bhow far is (?P<destination>.+?) from (?P<origin>.+?){_END}",
    rf"\broute (?P<origin>[A-Z][\w' -]+?) (?:to|-) (?P<destination>[A-Z].+?){_END}",
)
_MODES: tuple[tuple[str, Mode], ...] = (
    (r"\b(?P<mode>bikes?|biking|bicycle|cycl\w+)\b", "bike"),
    (r"\b(?P<mode>on foot|walk(?:ing)?|by foot)\b", "foot"),
    (r"\b(?P<mode>car|driv\w+)\b", "car"),
)


class RouteArguments(Arguments):
    """From where to where."""

    origin: str = Field(min_length=2, max_length=200, description="where the way begins")
    destination: str = Field(min_length=2, max_length=200, description="where it ends")
    mode: Mode = "car"


@dataclass(frozen=True, slots=True)
class Route:
    """The two places as they were found, and the way between them."""

    start: Spot
    end: Spot
    way: Way | None


class TravelRoute(Tool[RouteArguments, Route | str]):
    """Finds a way."""

    spec = ToolSpec(
        name="travel_route",
        summary="Tell the distance and travel time between two places by car, bike or on foot.",
        utterances=(
            "how far is it from Berlin to Prague by car",
            "driving time from Boston to New York",
            "route from Oslo to Bergen",
            "distance between Lyon and Marseille by road",
            "how long does it take to drive from Leeds to Glasgow",
            "bike route from Delft to Leiden",
            "walk from the station to the cathedral in Cologne, how long",
            "how many kilometres from Porto to Faro driving",
            "travel time between 12 Oak St, Columbus and 900 Pine Ave, Boise",
            "directions from Vienna to Graz",
            "commute from Brooklyn to Newark by car",
            "how far is Geneva from Zurich by car",
            "road distance from Cairo to Alexandria",
            "cycling from Bonn to Koblenz how far",
            "on foot from the harbour to the museum",
            "how long is the drive from Denver to Aspen",
            "rout from Turin to Milan",
            "car trip between Seville and Granada duration",
            "is it far to drive from Austin to Dallas",
            "miles by car from Chicago to Detroit",
            "navigate from Riga to Tallinn",
        ),
        parameters=RouteArguments,
        packs=("drummer.api", "belter.property"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(OSRM_HOST, ORS_HOST, NOMINATIM_HOST),
        optional_credentials=(ORS_KEY,),
        provider="routing",
        rates=(Rate(1, 1.0),),
        cache_ttl_s=86_400.0,
        homepage="https://project-osrm.org/",
        deadline_s=30.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer both places and the way of travelling that is named."""
        found = {
            name: [Candidate(value, "words", certain=True)]
            for name, value in asked_for(text, _ASKS).items()
        }
        for words, mode in _MODES:
            if asked_for(text, compile_asks(words)):
                found["mode"] = [Candidate(mode, "words", certain=True)]
                break
        return found

    async def execute(self, args: RouteArguments, context: ToolContext) -> Route | str:
        """Find both places, then the way; returns the name of a place that is not found.

        Raises `ToolFailure`.
        """
        start = await find_spot(context.http, args.origin)
        if start is None:
            return args.origin
        end = await find_spot(context.http, args.destination)
        if end is None:
            return args.destination
        try:
            way = await way_between(start, end, mode=args.mode, context=context)
        except ToolFailure as failure:
            if failure.kind == "not_found":
                return Route(start, end, None)
            raise
        return Route(start, end, way)

    def format(self, args: RouteArguments, raw: Route | str, context: ToolContext) -> ToolResult:
        """State distance and time."""
        if isinstance(raw, str):
            return ToolResult((fit(f'No place was found for "{raw}".'),), status="empty")
        between = f"{raw.start.short_name} and {raw.end.short_name}"
        if raw.way is None:
            return ToolResult((fit(f"No way by {args.mode} joins {between}."),), status="empty")
        way = raw.way
        kilometres, duration = way.distance_m / 1000, _spelled(way.duration_s)
        by = "on foot" if args.mode == "foot" else f"by {args.mode}"
        said = (
            f"It is {kilometres:,.1f} km {by} and takes about {duration} between {between} "
            f"({way.service})."
        )
        return ToolResult(
            (fit(said),),
            answer=f"{kilometres:,.1f} km",
            data={"distance_km": round(kilometres, 1), "duration_s": round(way.duration_s)},
            sources=(
                Source(
                    title=f"{way.service}, © OpenStreetMap contributors",
                    locator=way.url,
                    retrieved_at=context.clock.now().isoformat(timespec="seconds"),
                ),
            ),
        )


def _spelled(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


TOOL = TravelRoute()
