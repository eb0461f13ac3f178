from pathlib import Path
from typing import Any

import pytest

from tests.tools.answering import answered, best, get, refusal_of
from toollama.tools.builtin.openaq_air import TOOL as OPENAQ
from toollama.tools.builtin.webcams_nearby import TOOL as WEBCAMS
from toollama.tools.run import AnyTool

BERGEN = {"name": "Bergen", "latitude": 60.39, "longitude": 5.32, "country": "Norway"}


def place(*found: dict[str, Any]) -> dict[str, Any]:
    query = {"name": "Bergen", "count": 1, "language": "en", "format": "json"}
    return get("geocoding-api.open-meteo.com", "/v1/search", query, body={"results": list(found)})


@pytest.mark.parametrize("tool", [WEBCAMS, OPENAQ])
async def test_a_place_that_is_not_found_is_an_empty_result(tool: AnyTool, tmp_path: Path) -> None:
    result = await answered(tool, {"place": "Bergen"}, place(), output=tmp_path)
    assert result.status == "empty"


async def test_a_place_without_webcams_is_an_empty_result(tmp_path: Path) -> None:
    query = {"nearby": "60.39,5.32,25", "include": "images,location,urls", "limit": 5}
    body: dict[str, Any] = {"total": 0, "webcams": []}
    webcams = get("api.windy.com", "/webcams/api/v3/webcams", query, body=body)
    result = await answered(WEBCAMS, {"place": "Bergen"}, place(BERGEN), webcams, output=tmp_path)
    assert result.statements == ('Windy lists no webcam within 25 km of "Bergen".',)


async def test_a_place_far_from_every_station_is_an_empty_result(tmp_path: Path) -> None:
    query = {"coordinates": "60.39,5.32", "radius": 25_000, "limit": 1}
    stations = get("api.openaq.org", "/v3/locations", query, body={"results": []})
    result = await answered(OPENAQ, {"place": "Bergen"}, place(BERGEN), stations, output=tmp_path)
    assert result.statements == ('OpenAQ has no station within 25 km of "Bergen".',)


@pytest.mark.parametrize("tool", [WEBCAMS, OPENAQ])
async def test_a_letter_is_no_place(tool: AnyTool) -> None:
    assert (await refusal_of(tool, place="x")).kind == "invalid_input"


def test_webcams_are_never_kept_because_their_pictures_expire() -> None:
    assert WEBCAMS.spec.cache_ttl_s == 0


@pytest.mark.parametrize(
    ("tool", "text", "name"),
    [
        (WEBCAMS, "webcams near Zermatt", "Zermatt"),
        (WEBCAMS, "show me a webcam in Bergen", "Bergen"),
        (OPENAQ, "openaq station near Krakow", "Krakow"),
        (OPENAQ, "measured pm2.5 in Los Angeles on openaq", "Los Angeles"),
    ],
)
def test_a_request_names_its_place(tool: AnyTool, text: str, name: str) -> None:
    assert best(tool, text) == {"place": name}
