from pathlib import Path

import pytest

from tests.tools.answering import answered, get, refused
from toollama.tools.registry import Registry

TOOLS = Registry.builtin()
KRAKOW = {"name": "Krakow", "latitude": 50.06, "longitude": 19.94, "country": "Poland"}


async def test_a_fault_of_coze_that_comes_with_status_200_is_a_failure(tmp_path: Path) -> None:
    body = {"code": 4100, "msg": "authentication is invalid"}
    reply = get("api.coze.com", "/v1/workspaces", {"page_size": 20}, body=body)
    failure = await refused(TOOLS.get("coze_workspaces"), {}, reply, output=tmp_path)
    assert "authentication is invalid" in failure.message


async def test_a_fault_of_waqi_that_comes_with_status_200_is_a_failure(tmp_path: Path) -> None:
    query = {"name": "Krakow", "count": 5, "language": "en", "format": "json"}
    place = get("geocoding-api.open-meteo.com", "/v1/search", query, body={"results": [KRAKOW]})
    body = {"status": "error", "data": "Invalid key"}
    air = get("api.waqi.info", "/feed/geo:50.06;19.94/", {"token": "${WAQI_TOKEN}"}, body=body)
    failure = await refused(TOOLS.get("waqi_air"), {"place": "Krakow"}, place, air, output=tmp_path)
    assert "Invalid key" in failure.message


async def test_a_board_that_is_not_work_safe_is_refused_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    failure = await refused(TOOLS.get("fourchan_catalog"), {"board": "b"}, output=tmp_path)
    assert failure.kind == "invalid_input"


async def test_only_the_work_safe_boards_are_listed(tmp_path: Path) -> None:
    boards = [{"board": "po", "title": "Papercraft", "ws_board": 1}, {"board": "b", "ws_board": 0}]
    reply = get("a.4cdn.org", "/boards.json", body={"boards": boards})
    result = await answered(TOOLS.get("fourchan_boards"), {}, reply, output=tmp_path)
    assert result.statements == ("/po/ is 4chan's board on Papercraft.",)


async def test_a_ticker_without_a_quote_is_an_empty_result(tmp_path: Path) -> None:
    body = {"c": 0, "d": None, "dp": None, "h": 0, "l": 0, "o": 0, "pc": 0, "t": 0}
    reply = get("finnhub.io", "/api/v1/quote", {"symbol": "NOSUCH"}, body=body)
    result = await answered(TOOLS.get("stock_quote"), {"symbol": "NOSUCH"}, reply, output=tmp_path)
    assert result.status == "empty"


@pytest.mark.parametrize("name", ["name_age", "name_gender", "name_origin"])
async def test_a_guess_from_a_name_says_that_it_is_one(name: str, tmp_path: Path) -> None:
    bodies = {
        "name_age": ("api.agify.io", {"count": 9, "name": "Ida", "age": 40}),
        "name_gender": (
            "api.genderize.io",
            {"count": 9, "name": "Ida", "gender": "female", "probability": 0.98},
        ),
        "name_origin": (
            "api.nationalize.io",
            {"count": 9, "name": "Ida", "country": [{"country_id": "NO", "probability": 0.2}]},
        ),
    }
    host, body = bodies[name]
    reply = get(host, "/", {"name": "Ida", "apikey": "${DEMOGRAFIX_API_KEY}"}, body=body)
    result = await answered(TOOLS.get(name), {"name": "Ida"}, reply, output=tmp_path)
    assert "statistical guess" in result.statements[0]
    assert "says nothing of one person" in result.statements[0]
