from pathlib import Path
from typing import Any

import pytest

from tests.tools.answering import answered, best, get, refusal_of, refused
from toollama.tools.builtin.census_profile import TOOL as CENSUS
from toollama.tools.builtin.disaster_declarations import TOOL as DISASTERS
from toollama.tools.builtin.flood_zone import TOOL as FLOOD
from toollama.tools.builtin.walk_score import TOOL as WALK
from toollama.tools.property.us_states import letters_of
from toollama.tools.run import AnyTool

ADDRESS = "12 Oak St, Columbus, OH"
SPOT = {"lat": "39.96", "lon": "-83.0", "display_name": "12, Oak Street, Columbus, Ohio"}
FLOOD_PATH = "/arcgis/rest/services/public/NFHL/MapServer/28/query"
FLOOD_QUERY = {
    "geometry": "-83.0,39.96",
    "geometryType": "esriGeometryPoint",
    "inSR": 4326,
    "spatialRel": "esriSpatialRelIntersects",
    "outFields": "FLD_ZONE,ZONE_SUBTY,SFHA_TF,STATIC_BFE",
    "returnGeometry": "false",
    "f": "json",
}


def spot(*found: dict[str, str]) -> dict[str, Any]:
    query = {"q": ADDRESS, "format": "jsonv2", "limit": 1}
    return get("nominatim.openstreetmap.org", "/search", query, body=list(found))


def walk(body: dict[str, Any]) -> dict[str, Any]:
    query = {
        "format": "json",
        "address": ADDRESS,
        "lat": 39.96,
        "lon": -83.0,
        "transit": 1,
        "bike": 1,
        "wsapikey": "${WALKSCORE_API_KEY}",
    }
    return get("api.walkscore.com", "/score", query, body=body)


@pytest.mark.parametrize("tool", [WALK, FLOOD])
async def test_an_address_that_is_not_found_is_an_empty_result(
    tool: AnyTool, tmp_path: Path
) -> None:
    result = await answered(tool, {"address": ADDRESS}, spot(), output=tmp_path)
    assert result.status == "empty"


@pytest.mark.parametrize(("status", "kind"), [(40, "missing_credential"), (41, "rate_limited")])
async def test_a_refusal_of_walk_score_comes_with_status_200(
    status: int, kind: str, tmp_path: Path
) -> None:
    exchanges = (spot(SPOT), walk({"status": status}))
    failure = await refused(WALK, {"address": ADDRESS}, *exchanges, output=tmp_path)
    assert failure.kind == kind


async def test_a_place_that_is_being_scored_has_no_score_yet(tmp_path: Path) -> None:
    exchanges = (spot(SPOT), walk({"status": 2}))
    result = await answered(WALK, {"address": ADDRESS}, *exchanges, output=tmp_path)
    assert result.status == "empty"


async def test_a_place_outside_the_special_areas_is_said_to_be(tmp_path: Path) -> None:
    zone = {"FLD_ZONE": "X", "ZONE_SUBTY": "AREA OF MINIMAL FLOOD HAZARD", "SFHA_TF": "F"}
    body = {"features": [{"attributes": zone}]}
    exchanges = (spot(SPOT), get("hazards.fema.gov", FLOOD_PATH, FLOOD_QUERY, body=body))
    result = await answered(FLOOD, {"address": ADDRESS}, *exchanges, output=tmp_path)
    assert result.statements == (
        (
            "12, Oak Street, Columbus lies in FEMA flood zone X (area of minimal flood hazard), "
            "outside the special flood hazard areas."
        ),
    )


async def test_a_map_without_a_zone_is_not_a_zone_without_floods(tmp_path: Path) -> None:
    body: dict[str, Any] = {"features": []}
    exchanges = (spot(SPOT), get("hazards.fema.gov", FLOOD_PATH, FLOOD_QUERY, body=body))
    result = await answered(FLOOD, {"address": ADDRESS}, *exchanges, output=tmp_path)
    assert (result.status, result.statements) == (
        "empty",
        ("FEMA's flood maps do not cover 12, Oak Street, Columbus.",),
    )


async def test_an_error_of_the_map_service_comes_with_status_200(tmp_path: Path) -> None:
    body = {"error": {"code": 500, "message": "Error performing query operation"}}
    exchanges = (spot(SPOT), get("hazards.fema.gov", FLOOD_PATH, FLOOD_QUERY, body=body))
    failure = await refused(FLOOD, {"address": ADDRESS}, *exchanges, output=tmp_path)
    assert failure.kind == "unavailable"


async def test_an_address_outside_the_us_has_no_census_figures(tmp_path: Path) -> None:
    query = {
        "address": ADDRESS,
        "benchmark": "Public_AR_Current",
        "vintage": "Current_Current",
        "format": "json",
    }
    body = {"result": {"addressMatches": []}}
    path = "/geocoder/geographies/onelineaddress"
    reply = get("geocoding.geo.census.gov", path, query, body=body)
    result = await answered(CENSUS, {"address": ADDRESS}, reply, output=tmp_path)
    assert result.status == "empty"


async def test_a_state_without_disasters_is_an_empty_result(tmp_path: Path) -> None:
    query = {"$filter": "state eq 'OH'", "$orderby": "declarationDate desc", "$top": 200}
    body: dict[str, Any] = {"DisasterDeclarationsSummaries": []}
    path = "/api/open/v2/DisasterDeclarationsSummaries"
    reply = get("www.fema.gov", path, query, body=body)
    result = await answered(DISASTERS, {"state": "oh"}, reply, output=tmp_path)
    assert result.status == "empty"


async def test_arguments_that_name_no_place_are_refused() -> None:
    assert (await refusal_of(DISASTERS, state="Bavaria")).kind == "invalid_input"
    for tool in (WALK, FLOOD, CENSUS):
        assert (await refusal_of(tool, address="x")).kind == "invalid_input"


@pytest.mark.parametrize(
    ("name", "letters"), [("Ohio", "OH"), ("oh", "OH"), ("West Virginia", "WV"), ("Bavaria", None)]
)
def test_states_are_known_by_name_and_letters(name: str, letters: str | None) -> None:
    assert letters_of(name) == letters


@pytest.mark.parametrize(
    ("tool", "text", "values"),
    [
        (WALK, f"walk score of {ADDRESS}", {"address": ADDRESS}),
        (WALK, f"how walkable is {ADDRESS}", {"address": ADDRESS}),
        (FLOOD, f"flood zone of {ADDRESS}", {"address": ADDRESS}),
        (FLOOD, f"is {ADDRESS} in a flood zone", {"address": ADDRESS}),
        (CENSUS, f"demographics around {ADDRESS}", {"address": ADDRESS}),
        (DISASTERS, "disasters declared in West Virginia", {"state": "West Virginia"}),
    ],
)
def test_a_request_names_its_place(tool: AnyTool, text: str, values: dict[str, str]) -> None:
    assert best(tool, text) == values
