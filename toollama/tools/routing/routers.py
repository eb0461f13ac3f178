"""The services that find a way between two points, behind one question.

OpenRouteService (https://openrouteservice.org/dev/#/api-docs/v2/directions) takes a key and knows
cars, bicycles and walkers. The public OSRM demonstration server
(https://project-osrm.org/docs/v5.24.0/api/#route-service) is keyless and knows cars only, one
request a second. Not yet run against the real services.
"""

from dataclasses import dataclass
from typing import Literal

from toollama.tools.base import ToolContext, ToolFailure
from toollama.tools.places.nominatim import Spot
from toollama.tools.upstream import Document, read_as

OSRM_HOST = "router.project-osrm.org"
ORS_HOST = "api.openrouteservice.org"
ORS_KEY = "ORS_API_KEY"
Mode = Literal["car", "bike", "foot"]
_PROFILES: dict[Mode, str] = {
    "car": "driving-car",
    "bike": "cycling-regular",
    "foot": "foot-walking",
}


@dataclass(frozen=True, slots=True)
class Way:
    """How long a way is, and who says so."""

    distance_m: float
    duration_s: float
    service: str
    url: str


class _Leg(Document):
    distance: float
    duration: float


class _OsrmAnswer(Document):
    routes: tuple[_Leg, ...] = ()


class _Properties(Document):
    summary: _Leg


class _Feature(Document):
    properties: _Properties


class _OrsAnswer(Document):
    features: tuple[_Feature, ...] = ()


async def way_between(start: Spot, end: Spot, *, mode: Mode, context: ToolContext) -> Way | None:
    """Return the fastest way, None where there is none. Raises `ToolFailure`."""
    key = context.credentials.get(ORS_KEY, host=ORS_HOST)
    if key:
        return await _by_ors(start, end, mode=mode, key=key, context=context)
    if mode == "car":
        return await _by_osrm(start, end, context=context)
    raise ToolFailure(
        f"ways by {mode} need {ORS_KEY}, which is not set",
        kind="missing_credential",
        fix=f"toollama keys set {ORS_KEY}, or ask for the way by car",
        lasting=True,
    )


async def _by_osrm(start: Spot, end: Spot, *, context: ToolContext) -> Way | None:
    points = f"{start.lon},{start.lat};{end.lon},{end.lat}"
    answer = await context.http.get_json(
        f"https://{OSRM_HOST}/route/v1/driving/{points}",
        params={"overview": "false"},
        hosts=(OSRM_HOST,),
    )
    routes = read_as(_OsrmAnswer, answer, service=OSRM_HOST).routes
    url = "https://project-osrm.org"
    return Way(routes[0].distance, routes[0].duration, "OSRM", url) if routes else None


async def _by_ors(
    start: Spot, end: Spot, *, mode: Mode, key: str, context: ToolContext
) -> Way | None:
    answer = await context.http.get_json(
        f"https://{ORS_HOST}/v2/directions/{_PROFILES[mode]}",
        params={
            "start": f"{start.lon},{start.lat}",
            "end": f"{end.lon},{end.lat}",
        },
        headers={"Authorization": key},
        hosts=(ORS_HOST,),
    )
    features = read_as(_OrsAnswer, answer, service=ORS_HOST).features
    if not features:
        return None
    leg = features[0].properties.summary
    return Way(leg.distance, leg.duration, "OpenRouteService", "https://openrouteservice.org")
