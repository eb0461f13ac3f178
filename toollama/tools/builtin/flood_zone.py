"""The tool `flood_zone`: which flood zone of FEMA's maps a US address lies in.

Layer 28 (flood hazard zones) of the National Flood Hazard Layer, an ArcGIS map service documented
at https://hazards.fema.gov/femaportal/wps/portal/NFHLWMS; keyless. OpenStreetMap's Nominatim finds
the address. Not yet run against the real services.
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
from toollama.tools.language.asks import compile_asks, proposed
from toollama.tools.language.sentences import fit
from toollama.tools.places.nominatim import HOST as NOMINATIM_HOST
from toollama.tools.places.nominatim import Spot, find_spot
from toollama.tools.upstream import Document, read_as

_HOST = "hazards.fema.gov"
_LAYER = f"https://{_HOST}/arcgis/rest/services/public/NFHL/MapServer/28/query"
_ASKS = compile_asks(
    r"\bflood(?:ing|plain|s)?\b.*? (?:of|for|at|in|near|is) (?P<address>\d+ [^?!]+)",
    r"\b(?:is|does) (?P<address>\d+ [^?!]+?) (?:in a|in the|a|lie in a) flood",
    r"\bflood(?:ing|plain|s)?\b.*? (?:of|for|at|in|near) (?P<address>[^?!]+)",
)


class FloodArguments(Arguments):
    """Where."""

    address: str = Field(min_length=5, max_length=200, description="a US address")


class Zone(Document):
    """A zone of the map; `SFHA_TF` is `T` where floods come once in a hundred years or oftener."""

    FLD_ZONE: str
    ZONE_SUBTY: str | None = None
    SFHA_TF: str = ""
    STATIC_BFE: float | None = None


class _Feature(Document):
    attributes: Zone


class _Answer(Document):
    features: tuple[_Feature, ...]


@dataclass(frozen=True, slots=True)
class Flooding:
    """An address as it was found, and its zone where the maps have one."""

    spot: Spot
    zone: Zone | None


class FloodZone(Tool[FloodArguments, Flooding | None]):
    """Looks a flood zone up."""

    spec = ToolSpec(
        name="flood_zone",
        summary="Tell which FEMA flood zone a US address lies in.",
        utterances=(
            "flood zone of 12 Oak St, Columbus, OH",
            "is 45 Bay Blvd, Tampa, FL in a flood zone",
            "fema flood map for 300 Lake St, Madison, WI",
            "flood risk at 402 Front St, Wilmington, NC",
            "does the house at 9 River Rd, Portland need flood insurance",
            "which flood zone is 1 Main St, Burlington, VT in",
            "flooding hazard 77 Elm Rd, Albany, NY",
            "100 year floodplain check 64 Mill St, Reno, NV",
            "fema zone for 900 Pine Ave, Boise",
            "is 5500 Grand Lake Dr, San Antonio, TX 78244 floodprone",
            "flood hazard zone lookup 18 Cedar Ln, Austin",
            "base flood elevation at 33 Park Pl, Dayton",
            "look up the flood zone for 250 Vine St, Omaha",
            "nfhl zone 81 Ridge Ct, Tulsa",
            "could 14 Church St, Salem, MA flood",
            "floodzone 210 Hill Dr, Denver",
            "special flood hazard area 31 Garden St, Macon",
            "flod zone 66 Maple St, Akron",
            "flood map of the property 720 Sunset Blvd, Mesa",
            "how likely are floods at 5 Birch Way, Salem, OR",
        ),
        parameters=FloodArguments,
        packs=("belter.property",),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST, NOMINATIM_HOST),
        provider="fema_nfhl",
        rates=(Rate(1, 1.0),),
        cache_ttl_s=86_400.0,
        homepage="https://www.fema.gov/flood-maps/national-flood-hazard-layer",
        deadline_s=30.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the address."""
        return proposed(text, _ASKS)

    async def execute(self, args: FloodArguments, context: ToolContext) -> Flooding | None:
        """Find the address, then its zone; None where it is not found. Raises `ToolFailure`."""
        spot = await find_spot(context.http, args.address)
        if spot is None:
            return None
        answer = await context.http.get_json(
            _LAYER,
            params={
                "geometry": f"{spot.lon},{spot.lat}",
                "geometryType": "esriGeometryPoint",
                "inSR": 4326,
                "spatialRel": "esriSpatialRelIntersects",
                "outFields": "FLD_ZONE,ZONE_SUBTY,SFHA_TF,STATIC_BFE",
                "returnGeometry": "false",
                "f": "json",
            },
            hosts=self.spec.hosts,
            deadline_s=self.spec.deadline_s,
        )
        if isinstance(answer, dict) and "error" in answer:
            raise ToolFailure(
                f"{_HOST} could not read its map", kind="unavailable", fix="try again later"
            )
        features = read_as(_Answer, answer, service=_HOST).features
        return Flooding(spot, features[0].attributes if features else None)

    def format(
        self, args: FloodArguments, raw: Flooding | None, context: ToolContext
    ) -> ToolResult:
        """State the zone, and what it means for insurance."""
        source = web_source("FEMA National Flood Hazard Layer", self.spec.homepage, context)
        if raw is None:
            said = f'No place was found for "{args.address}".'
            return ToolResult((fit(said),), sources=(source,), status="empty")
        if raw.zone is None:
            said = f"FEMA's flood maps do not cover {raw.spot.short_name}."
            return ToolResult((fit(said),), sources=(source,), status="empty")
        zone = raw.zone
        subtype = f" ({zone.ZONE_SUBTY.lower()})" if zone.ZONE_SUBTY else ""
        special = zone.SFHA_TF == "T"
        risk = (
            "a special flood hazard area, where lenders ask for flood insurance"
            if special
            else "outside the special flood hazard areas"
        )
        said = f"{raw.spot.short_name} lies in FEMA flood zone {zone.FLD_ZONE}{subtype}, {risk}."
        return ToolResult(
            (fit(said),),
            answer=zone.FLD_ZONE,
            data={
                "place": raw.spot.display_name,
                "special_flood_hazard": special,
                **zone.model_dump(),
            },
            sources=(source,),
        )


TOOL = FloodZone()
