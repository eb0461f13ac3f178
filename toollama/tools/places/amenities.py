"""What lies around a point: kinds of places by their OpenStreetMap tags, queries, distances. Pure.

Tags as at https://wiki.openstreetmap.org/wiki/Map_features; the query language as at
https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL. A query takes numbers and the tags of
this table and nothing else.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from toollama.tools.upstream import Document

_EARTH_RADIUS_M = 6_371_008.8
_MAX_ELEMENTS = 600

TAGS: Mapping[str, tuple[str, ...]] = {
    "groceries": ('["shop"~"^(supermarket|convenience|grocery|greengrocer)$"]',),
    "transit": ('["highway"="bus_stop"]', '["railway"~"^(station|halt|tram_stop)$"]'),
    "school": ('["amenity"~"^(school|kindergarten)$"]',),
    "park": ('["leisure"~"^(park|playground)$"]',),
    "health": ('["amenity"~"^(hospital|clinic|doctors)$"]',),
    "restaurant": ('["amenity"~"^(restaurant|fast_food)$"]',),
    "pharmacy": ('["amenity"="pharmacy"]',),
    "library": ('["amenity"="library"]',),
    "cafe": ('["amenity"="cafe"]',),
    "bar": ('["amenity"~"^(bar|pub)$"]',),
    "bank": ('["amenity"~"^(bank|atm)$"]',),
    "post office": ('["amenity"="post_office"]',),
    "fuel": ('["amenity"="fuel"]',),
    "charging station": ('["amenity"="charging_station"]',),
    "parking": ('["amenity"="parking"]',),
    "toilets": ('["amenity"="toilets"]',),
    "drinking water": ('["amenity"="drinking_water"]',),
    "hotel": ('["tourism"~"^(hotel|hostel|guest_house)$"]',),
    "museum": ('["tourism"="museum"]',),
    "cinema": ('["amenity"="cinema"]',),
    "gym": ('["leisure"~"^(fitness_centre|sports_centre)$"]',),
}
"""Kinds of places, and the filters that select them."""

SCORED = ("groceries", "transit", "school", "park", "health", "restaurant", "pharmacy", "library")
"""The kinds that `tools.property.amenities` scores."""

PLURALS: Mapping[str, str] = {
    "groceries": "grocery shops",
    "transit": "transit stops",
    "health": "doctors and hospitals",
    "pharmacy": "pharmacies",
    "library": "libraries",
    "toilets": "public toilets",
    "fuel": "petrol stations",
    "parking": "car parks",
    "drinking water": "drinking-water taps",
}


class _Centre(Document):
    lat: float
    lon: float


class Element(Document):
    """A node, way or relation as Overpass gives it with `out center tags`."""

    lat: float | None = None
    lon: float | None = None
    center: _Centre | None = None
    tags: Mapping[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Amenity:
    """A place and how far off it is, as the crow flies."""

    kind: str
    name: str
    distance_m: float


def query(kinds: Sequence[str], *, latitude: float, longitude: float, radius_m: int) -> str:
    """Return the Overpass query for the kinds around a point."""
    around = f"(around:{radius_m},{latitude:.6f},{longitude:.6f})"
    wanted = "".join(f"nwr{tag}{around};" for kind in kinds for tag in TAGS[kind])
    return f"[out:json][timeout:25];({wanted});out center tags {_MAX_ELEMENTS};"


def amenities(
    elements: Sequence[Element], kinds: Sequence[str], *, latitude: float, longitude: float
) -> list[Amenity]:
    """Return the elements of the kinds, nearest first."""
    found = []
    for element in elements:
        spot = element.center or element
        kind = kind_of(element.tags, kinds)
        if spot.lat is not None and spot.lon is not None and kind:
            distance_m = haversine_m(latitude, longitude, spot.lat, spot.lon)
            found.append(Amenity(kind, element.tags.get("name", ""), distance_m))
    return sorted(found, key=lambda amenity: (amenity.distance_m, amenity.kind, amenity.name))


def kind_of(tags: Mapping[str, str], kinds: Sequence[str]) -> str:
    """Return the first kind whose filters the tags satisfy; "" for none."""
    return next((kind for kind in kinds if any(_satisfies(tags, one) for one in TAGS[kind])), "")


def _satisfies(tags: Mapping[str, str], tag_filter: str) -> bool:
    key, _, wanted = tag_filter.strip("[]").partition("~" if "~" in tag_filter else "=")
    values = wanted.strip('"').removeprefix("^(").removesuffix(")$").split("|")
    return tags.get(key.strip('"')) in values


def haversine_m(latitude: float, longitude: float, other_lat: float, other_lon: float) -> float:
    """Return the great-circle distance in metres, on a sphere of the mean radius of the Earth."""
    first, second = math.radians(latitude), math.radians(other_lat)
    across = math.radians(other_lon - longitude)
    half = (
        math.sin((second - first) / 2) ** 2
        + math.cos(first) * math.cos(second) * math.sin(across / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_M * math.asin(math.sqrt(min(half, 1.0)))
