from pathlib import Path
from typing import Any

import pytest

from tests.provider.calls import NOW
from tests.provider.recorded import exchange
from tests.provider.server import Provider
from tests.tools.answering import answered, best, get, refusal_of
from toollama.clock import FixedClock
from toollama.tools.base import ToolContext, ToolFailure, ToolResult
from toollama.tools.builtin.travel_route import TOOL
from toollama.tools.http import Door, HttpSettings
from toollama.tools.run import run

NOMINATIM = "nominatim.openstreetmap.org"


def spot(name: str, *found: dict[str, str]) -> dict[str, Any]:
    query = {"q": name, "format": "jsonv2", "limit": 1}
    return get(NOMINATIM, "/search", query, body=list(found))


OSLO = spot("Oslo", {"lat": "59.9", "lon": "10.7", "display_name": "Oslo, Norway"})
BERGEN = spot("Bergen", {"lat": "60.4", "lon": "5.3", "display_name": "Bergen, Norway"})


async def without_key(arguments: dict[str, Any], *exchanges: Any) -> ToolResult:
    async with Provider([exchange(one) for one in exchanges]) as provider:
        door = Door(HttpSettings(base_urls=provider.base_urls))
        async with door:
            return await run(TOOL, arguments, ToolContext(clock=FixedClock(NOW), http=door))


async def test_without_a_key_the_way_by_car_comes_from_osrm() -> None:
    path = "/route/v1/driving/10.7,59.9;5.3,60.4"
    body = {"code": "Ok", "routes": [{"distance": 463_000.0, "duration": 25_260.0}]}
    way = get("router.project-osrm.org", path, {"overview": "false"}, body=body)
    result = await without_key({"origin": "Oslo", "destination": "Bergen"}, OSLO, BERGEN, way)
    assert result.statements == (
        (
            "It is 463.0 km by car and takes about 7 h 1 min between Oslo, Norway and "
            "Bergen, Norway (OSRM)."
        ),
    )


async def test_without_a_key_there_is_no_way_by_bike() -> None:
    arguments = {"origin": "Oslo", "destination": "Bergen", "mode": "bike"}
    with pytest.raises(ToolFailure) as caught:
        await without_key(arguments, OSLO, BERGEN)
    assert caught.value.kind == "missing_credential"


async def test_a_place_that_is_not_found_is_named(tmp_path: Path) -> None:
    arguments = {"origin": "Oslo", "destination": "Xyzzy"}
    result = await answered(TOOL, arguments, OSLO, spot("Xyzzy"), output=tmp_path)
    assert (result.status, result.statements) == ("empty", ('No place was found for "Xyzzy".',))


async def test_a_mode_that_nobody_knows_is_refused() -> None:
    failure = await refusal_of(TOOL, origin="Oslo", destination="Bergen", mode="boat")
    assert failure.kind == "invalid_input"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("route from Oslo to Bergen", {"origin": "Oslo", "destination": "Bergen"}),
        (
            "bike route from Delft to Leiden",
            {"origin": "Delft", "destination": "Leiden", "mode": "bike"},
        ),
        (
            "how far is Geneva from Zurich by car",
            {"origin": "Zurich", "destination": "Geneva", "mode": "car"},
        ),
    ],
)
def test_a_request_names_both_ends(text: str, values: dict[str, str]) -> None:
    assert best(TOOL, text) == values
