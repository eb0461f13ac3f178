"""What lies within a walk of an address: shops, stops, schools and more, from OpenStreetMap.

Nominatim finds the address, Overpass (https://overpass-api.de/) what is around it. Distances are
as the crow flies. Not yet run against the real services.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Rate,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.citing import web_source
from toollama.tools.language.asks import asked_for, compile_asks
from toollama.tools.language.sentences import fit
from toollama.tools.places.amenities import (
    PLURALS,
    SCORED,
    Amenity,
    Element,
    amenities,
    query,
)
from toollama.tools.places.nominatim import HOST as NOMINATIM_HOST
from toollama.tools.places.nominatim import Spot, find_spot
from toollama.tools.property.amenities import score
from toollama.tools.upstream import Document, json_of, read_as

_HOST = "overpass-api.de"
_EVERY_KIND = "everyday"
Kind = Literal[
    "everyday", "groceries", "transit", "school", "park", "health", "restaurant", "pharmacy",
    "library", "cafe", "bar", "bank", "post office", "fuel", "charging station", "parking",
    "toilets", "drinking water", "hotel", "museum", "cinema", "gym",
]  # fmt: skip
_WORDS: dict[str, str] = {
    "groceries": r"grocer\w*|supermarkets?|food shops?",
    "transit": r"bus stops?|trams?|transit|metro|subway|train stations?|stations?",
    "school": r"schools?|kindergartens?",
    "park": r"parks?|playgrounds?",
    "health": r"doctors?|hospitals?|clinics?",
    "restaurant": r"restaurants?|places to eat|eateries",
    "pharmacy": r"pharmac\w+|chemists?|drugstores?",
    "library": r"librar\w+",
    "cafe": r"caf[eé]s?|coffee(?: shops?)?",
    "bar": r"bars?|pubs?",
    "bank": r"banks?|atms?|cash machines?",
    "post office": r"post offices?",
    "fuel": r"petrol stations?|gas stations?|fuel",
    "charging station": r"charging (?:stations?|points?)|ev chargers?",
    "parking": r"parking|car parks?",
    "toilets": r"toilets?|restrooms?|bathrooms?",
    "drinking water": r"drinking water|water fountains?",
    "hotel": r"hotels?|hostels?",
    "museum": r"museums?",
    "cinema": r"cinemas?|movie theat(?:er|re)s?",
    "gym": r"gyms?|fitness(?: centres?| studios?)?",
}
_ASKS = compile_asks(
    r"\b(?:near|nearby|around|close to|next to|nearest to|closest to|surrounding) (?:the )?"
    r"(?P<place>(?!me\b|here\b).+?)(?= within\b|[?!;]|$)",
    r"\bwithin .+? of (?:the )?(?P<place>.+?)(?=[?!;]|$)",
    r"\bwalking distance (?:of|from|to) (?:the )?(?P<place>.+?)(?=[?!;]|$)",
    r"\b(?:nearest|closest) .+? (?:to|from|at) (?P<place>.+?)(?= within\b|[?!;]|$)",
)
_RADIUS = re.compile(
    r"\bwithin (?:a radius of )?(\d+(?:[.,]\d+)?) ?(m|met(?:er|re)s?|km|kilomet(?:er|re)s?)\b",
    re.IGNORECASE,
)


class AmenitiesArguments(Arguments):
    """Around what, and which kinds."""

    place: Annotated[str, Field(min_length=2, max_length=200)]
    """An address or a place."""
    kind: Kind = "everyday"
    """One kind of place; `everyday` is all that daily life needs."""
    radius_m: Annotated[int, Field(ge=50, le=5_000)] = 1_000
    """How far around, in metres."""


class _Answer(Document):
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """The place, if it was found, and what lies around it, nearest first."""

    spot: Spot | None
    amenities: Sequence[Amenity]


class AmenitiesNearby(Tool[AmenitiesArguments, Around]):
    """Lists what is near."""

    spec = ToolSpec(
        name="amenities_nearby",
        summary="Find shops, transit stops, schools, cafes and other places near an address.",
        utterances=(
            "what amenities are near 10 Downing Street, London",
            "supermarkets near Alexanderplatz in Berlin",
            "find a pharmacy close to Gare du Nord",
            "which schools are around Majorstuen, Oslo",
            "nearest bus stop to Karl Johans gate 1, Oslo",
            "cafes within 500 m of the Rijksmuseum",
            "is there a park near 221B Baker Street",
            "what is in walking distance of Plaza Mayor, Madrid",
            "restaurants around Pike Place Market",
            "closest hospital to Central Station, Milan",
            "public toilets near the Eiffel Tower",
            "list ATMs near Times Square",
            "libraries close to Trafalgar Square",
            "EV charging stations near Lindau within 2 km",
            "places to eat near Union Station, Chicago",
            "how far is the next supermarket from Elm Street 5, Springfield",
            "points of interest around Brandenburg Gate",
            "gyms near Shibuya station",
            "drinking water near Hyde Park",
            "hotels close to the convention centre in Lyon",
            "what shops are there around Nørrebrogade 20 in Copenhagen",
            "playgrounds nearby Volkspark Friedrichshain",
            "petrol station near Junction 12 Reading",
            "neerest pharmacy to Plac Zamkowy",
        ),
        parameters=AmenitiesArguments,
        packs=("drummer.api", "belter.property"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(NOMINATIM_HOST, _HOST),
        provider="overpass",
        rates=(Rate(1, 1.0), Rate(10_000, 86_400.0)),
        cache_ttl_s=7 * 86_400.0,
        homepage="https://wiki.openstreetmap.org/wiki/Overpass_API",
        deadline_s=60.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the place after `near`, the kind that is named, and `within 500 m`."""
        proposal: dict[str, list[Candidate]] = {}
        if place := asked_for(text, _ASKS).get("place", ""):
            proposal["place"] = [Candidate(place, "words", certain=True)]
        before = text.replace(place, " ") if place else text
        if kinds := _kinds_named(before):
            certain = len(kinds) == 1
            proposal["kind"] = [Candidate(kind, "words", certain=certain) for kind in kinds]
        if radius := _RADIUS.search(text):
            factor = 1_000 if radius[2].lower().startswith("k") else 1
            metres = round(float(radius[1].replace(",", ".")) * factor)
            proposal["radius_m"] = [Candidate(metres, "words", certain=True)]
        return proposal

    async def execute(self, args: AmenitiesArguments, context: ToolContext) -> Around:
        """Find the place, then ask what is around it."""
        spot = await find_spot(context.http, args.place)
        if spot is None:
            return Around(None, ())
        kinds = _kinds(args)
        reply = await context.http.request(
            "POST",
            f"https://{_HOST}/api/interpreter",
            form={
                "data": query(kinds, latitude=spot.lat, longitude=spot.lon, radius_m=args.radius_m)
            },
            hosts=self.spec.hosts,
            deadline_s=45.0,
            max_bytes=5_000_000,
        )
        elements = read_as(_Answer, json_of(reply, service=_HOST), service=_HOST).elements
        return Around(spot, amenities(elements, kinds, latitude=spot.lat, longitude=spot.lon))

    def format(self, args: AmenitiesArguments, raw: Around, context: ToolContext) -> ToolResult:
        """State per kind how many there are and which is nearest."""
        if raw.spot is None:
            said = f'OpenStreetMap knows no place called "{args.place}".'
            return ToolResult((fit(said),), status="empty")
        where, within = raw.spot.short_name, f"within {args.radius_m:,} m"
        source = web_source(
            f"OpenStreetMap: around {where}",
            f"https://www.openstreetmap.org/#map=16/{raw.spot.lat:.5f}/{raw.spot.lon:.5f}",
            context,
        )
        if not raw.amenities:
            what = "no everyday places" if args.kind == _EVERY_KIND else f"no {_plural(args.kind)}"
            said = f"OpenStreetMap has {what} {within} of {where}."
            return ToolResult((fit(said),), sources=(source,), status="empty")
        by_kind = {
            kind: found
            for kind in _kinds(args)
            if (found := [one for one in raw.amenities if one.kind == kind])
        }
        statements = [_sentence(kind, found, where, within) for kind, found in by_kind.items()]
        if args.kind == _EVERY_KIND:
            statements.append(_score_sentence(by_kind))
        return ToolResult(
            statements=tuple(fit(statement) for statement in statements),
            answer=_named(raw.amenities[0]) if args.kind != _EVERY_KIND else "",
            text="\n".join(
                f"{one.kind}: {_named(one)}, {one.distance_m:,.0f} m" for one in raw.amenities
            ),
            data={
                "place": raw.spot.model_dump(),
                "radius_m": args.radius_m,
                "amenities": [asdict(one) for one in raw.amenities],
            },
            sources=(source,),
        )


def _kinds_named(text: str) -> list[str]:
    """Return the kinds that a text names; a `charging station` is no station besides."""
    named = {
        kind: match[0].lower()
        for kind, words in _WORDS.items()
        if (match := re.search(rf"\b(?:{words})\b", text, re.IGNORECASE))
    }
    return [
        kind
        for kind, words in named.items()
        if not any(words in other and words != other for other in named.values())
    ]


def _kinds(args: AmenitiesArguments) -> Sequence[str]:
    return SCORED if args.kind == _EVERY_KIND else (args.kind,)


def _plural(kind: str) -> str:
    return PLURALS.get(kind, f"{kind}s")


def _named(one: Amenity) -> str:
    return one.name or f"one without a name ({one.kind})"


def _sentence(kind: str, found: Sequence[Amenity], where: str, within: str) -> str:
    nearest = found[0]
    distance = f"{nearest.distance_m:,.0f} m away"
    if len(found) == 1:
        return (
            f"{_plural(kind).capitalize()} {within} of {where}: 1, {_named(nearest)}, {distance}."
        )
    return (
        f"{_plural(kind).capitalize()} {within} of {where}: {len(found)}; the nearest is "
        f"{_named(nearest)}, {distance}."
    )


def _score_sentence(by_kind: dict[str, list[Amenity]]) -> str:
    nearest_m = {kind: Fraction(round(found[0].distance_m)) for kind, found in by_kind.items()}
    total = float(round(score(nearest_m).score, 1))
    return (
        f"Amenity score {total:g} of 100 (ToolLama's own formula, from {len(nearest_m)} of "
        f"{len(SCORED)} kinds of places)."
    )


TOOL = AmenitiesNearby()
