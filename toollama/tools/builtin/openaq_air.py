"""The tool `openaq_air`: what the nearest public station measures in the air, by OpenAQ.

GET /v3/locations and /v3/locations/{id}/latest, documented at https://docs.openaq.org. Not yet run
against the real service.
"""

from collections.abc import Mapping
from dataclasses import dataclass

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
from toollama.tools.keyed import required_key
from toollama.tools.language.asks import compile_asks, proposed
from toollama.tools.language.sentences import fit
from toollama.tools.upstream import Document, read_as
from toollama.tools.weather.open_meteo import GEOCODING_HOST, find_places

_HOST = "api.openaq.org"
_KEY = "OPENAQ_API_KEY"
_RADIUS_M = 25_000
_ASKS = compile_asks(
    r"\bopen ?aq\b.*? (?:in|near|around|at|of|for) (?P<place>[^?!.,]+)",
    r"\b(?:in|near|around|at|of|for) (?P<place>[^?!.,]+?) (?:on|from|by|with|using) open ?aq\b",
)


class AirArguments(Arguments):
    """Where."""

    place: str = Field(min_length=2, max_length=100, description="a town")


class _Parameter(Document):
    name: str
    units: str
    displayName: str | None = None  # noqa: N815 - the service's own name


class _Sensor(Document):
    id: int
    parameter: _Parameter


class _Station(Document):
    id: int
    name: str | None = None
    sensors: tuple[_Sensor, ...] = ()


class _Stations(Document):
    results: tuple[_Station, ...]


class _Moment(Document):
    utc: str


class _Value(Document):
    value: float
    sensorsId: int  # noqa: N815 - the service's own name
    datetime: _Moment


class _Values(Document):
    results: tuple[_Value, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """A station's newest values by pollutant, each with its unit."""

    station: str
    station_id: int
    values: Mapping[str, str]
    moment: str


class OpenaqAir(Tool[AirArguments, Measured | None]):
    """Reads a station."""

    spec = ToolSpec(
        name="openaq_air",
        summary="Tell what the air monitoring station nearest to a place measures (OpenAQ).",
        utterances=(
            "openaq air in Delhi",
            "openaq station near Krakow",
            "measured pm2.5 in Los Angeles on openaq",
            "latest openaq values for Beijing",
            "air monitor readings around Stockholm from openaq",
            "open aq Milan",
            "ask openaq about Lahore",
            "openaq measurements Phoenix",
            "nearest openaq monitor in Jakarta",
            "openaq data for Santiago",
            "what does openaq say for Stuttgart",
            "openaq ozone in Paris",
            "pollutants at the openaq station in Sofia",
            "openaq london",
            "raw station measurements Dhaka openaq",
            "openaq no2 bangkok",
            "check openaq near Guadalajara",
            "opnaq Warsaw",
            "openaq latest at Chiang Mai",
            "station data by openaq for Ostrava",
        ),
        parameters=AirArguments,
        packs=("drummer.api", "belter.property"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST, GEOCODING_HOST),
        credentials=(_KEY,),
        provider="openaq",
        rates=(Rate(60, 60.0), Rate(2_000, 3_600.0)),
        cache_ttl_s=600.0,
        fallbacks=("air_quality",),
        homepage="https://docs.openaq.org/",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the place that is named with OpenAQ."""
        return proposed(text, _ASKS)

    async def execute(self, args: AirArguments, context: ToolContext) -> Measured | None:
        """Find the place, the nearest station, and its values. Raises `ToolFailure`."""
        headers = {"X-API-Key": required_key(_KEY, host=_HOST, context=context)}
        places = await find_places(context.http, args.place, limit=1)
        if not places:
            return None
        answer = await context.http.get_json(
            f"https://{_HOST}/v3/locations",
            params={
                "coordinates": f"{places[0].latitude},{places[0].longitude}",
                "radius": _RADIUS_M,
                "limit": 1,
            },
            headers=headers,
            hosts=self.spec.hosts,
        )
        stations = read_as(_Stations, answer, service=_HOST).results
        if not stations:
            return None
        answer = await context.http.get_json(
            f"https://{_HOST}/v3/locations/{stations[0].id}/latest",
            headers=headers,
            hosts=self.spec.hosts,
        )
        return _measured(stations[0], read_as(_Values, answer, service=_HOST))

    def format(self, args: AirArguments, raw: Measured | None, context: ToolContext) -> ToolResult:
        """State the values of the station."""
        if raw is None or not raw.values:
            said = f'OpenAQ has no station within {_RADIUS_M // 1000} km of "{args.place}".'
            source = web_source("OpenAQ", "https://explore.openaq.org", context)
            return ToolResult((fit(said),), sources=(source,), status="empty")
        listed = ", ".join(f"{name} {value}" for name, value in raw.values.items())
        url = f"https://explore.openaq.org/locations/{raw.station_id}"
        return ToolResult(
            (fit(f"The station {raw.station} measured {listed} at {raw.moment}."),),
            answer=next(iter(raw.values.values())),
            data={"station": raw.station, "measured_at": raw.moment, "values": dict(raw.values)},
            sources=(web_source(f"OpenAQ: {raw.station}", url, context),),
        )


def _measured(station: _Station, found: _Values) -> Measured:
    parameters = {sensor.id: sensor.parameter for sensor in station.sensors}
    values = {
        (one.displayName or one.name): f"{value.value:g} {one.units}"
        for value in found.results
        if (one := parameters.get(value.sensorsId))
    }
    moments = [value.datetime.utc for value in found.results]
    return Measured(
        station.name or f"number {station.id}", station.id, values, max(moments, default="")
    )


TOOL = OpenaqAir()
