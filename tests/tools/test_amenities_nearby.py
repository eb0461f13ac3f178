import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.answering import answered, best, get, refusal_of
from toollama.tools.builtin.amenities_nearby import TOOL
from toollama.tools.places.amenities import SCORED, TAGS, haversine_m, kind_of, query

PLACE = get(
    "nominatim.openstreetmap.org",
    "/search",
    {"q": "Made Square", "format": "jsonv2", "limit": 1},
    body=[{"lat": "60.0", "lon": "10.0", "display_name": "Made Square, Oslo, Norway"}],
)
LATITUDES, LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)


def around(kinds: tuple[str, ...], *elements: dict[str, Any]) -> dict[str, Any]:
    data = query(kinds, latitude=60.0, longitude=10.0, radius_m=1_000)
    host = "overpass-api.de"
    request = {"method": "POST", "host": host, "path": "/api/interpreter", "body": {"data": data}}
    return {"request": request, "reply": {"body": {"elements": list(elements)}}}


def node(north_m: float, **tags: str) -> dict[str, Any]:
    return {"type": "node", "lat": 60.0 + north_m / 111_195, "lon": 10.0, "tags": tags}


async def test_everyday_places_are_counted_and_scored(tmp_path: Path) -> None:
    nodes = [
        node(300, shop="supermarket", name="Rema"),
        node(900, shop="convenience"),
        node(200, highway="bus_stop", name="Made Square"),
    ]
    exchanges = PLACE, around(SCORED, *nodes)
    result = await answered(TOOL, {"place": "Made Square"}, *exchanges, output=tmp_path)
    where = "within 1,000 m of Made Square, Oslo, Norway"
    assert result.statements == (
        f"Grocery shops {where}: 2; the nearest is Rema, 300 m away.",
        f"Transit stops {where}: 1, Made Square, 200 m away.",
        "Amenity score 100 of 100 (ToolLama's own formula, from 2 of 8 kinds of places).",
    )


async def test_nothing_around_is_an_honest_empty_result(tmp_path: Path) -> None:
    arguments = {"place": "Made Square", "kind": "library"}
    result = await answered(TOOL, arguments, PLACE, around(("library",)), output=tmp_path)
    said = "OpenStreetMap has no libraries within 1,000 m of Made Square, Oslo, Norway."
    assert (result.status, result.statements) == ("empty", (said,))


async def test_an_unknown_place_is_asked_nothing_about(tmp_path: Path) -> None:
    unknown = {**PLACE, "reply": {"body": []}}
    result = await answered(TOOL, {"place": "Made Square"}, unknown, output=tmp_path)
    said = 'OpenStreetMap knows no place called "Made Square".'
    assert (result.status, result.statements) == ("empty", (said,))


async def test_a_radius_beyond_five_kilometres_is_refused() -> None:
    assert "radius_m" in (await refusal_of(TOOL, place="Oslo", radius_m=9_000)).message


def test_every_scored_kind_has_tags() -> None:
    assert set(SCORED) <= set(TAGS)


def test_tags_tell_the_kind_of_a_place() -> None:
    assert kind_of({"amenity": "pub"}, ["cafe", "bar"]) == "bar"
    assert kind_of({"amenity": "bench"}, ["cafe", "bar"]) == ""


def test_a_degree_of_latitude_is_111_km() -> None:
    assert haversine_m(0, 0, 1, 0) == pytest.approx(111_195, rel=1e-4)


@settings(max_examples=100)
@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_a_distance_is_the_same_both_ways_and_at_most_half_the_globe(
    lat: float, lon: float, other_lat: float, other_lon: float
) -> None:
    there = haversine_m(lat, lon, other_lat, other_lon)
    assert there == pytest.approx(haversine_m(other_lat, other_lon, lat, lon), abs=1e-3)
    assert 0 <= there <= math.pi * 6_371_009


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            "cafes within 500 m of the Rijksmuseum",
            {"place": "Rijksmuseum", "kind": "cafe", "radius_m": 500},
        ),
        ("supermarkets near Alexanderplatz", {"place": "Alexanderplatz", "kind": "groceries"}),
        (
            "EV charging stations near Lindau within 2 km",
            {"place": "Lindau", "kind": "charging station", "radius_m": 2_000},
        ),
    ],
)
def test_a_request_names_place_kind_and_radius(text: str, values: dict[str, object]) -> None:
    found = best(TOOL, text)
    assert {name: found.get(name) for name in values} == values
