from pathlib import Path

import pytest

from tests.tools.answering import answered, best, get, refusal_of, refused
from toollama.policy import Effect
from toollama.tools.builtin.wayback_save import TOOL as SAVE
from toollama.tools.builtin.wayback_snapshots import TOOL as SNAPSHOTS

CDX, CDX_PATH = "web.archive.org", "/cdx/search/cdx"
FIXED = {
    "url": "https://example.org",
    "output": "json",
    "fl": "timestamp,original",
    "filter": "statuscode:200",
}


async def test_a_page_without_capture_is_an_honest_empty_result(tmp_path: Path) -> None:
    empty = get(CDX, CDX_PATH, {**FIXED, "limit": -1}, body=[])
    result = await answered(SNAPSHOTS, {"url": "example.org"}, empty, output=tmp_path)
    said = "The Wayback Machine holds no capture of example.org."
    assert (result.status, result.statements) == ("empty", (said,))


async def test_the_oldest_capture_is_the_first_of_the_list(tmp_path: Path) -> None:
    rows = [["timestamp", "original"], ["19970101000000", "http://example.org/"]]
    first = get(CDX, CDX_PATH, {**FIXED, "limit": 1}, body=rows)
    arguments = {"url": "example.org", "first": True}
    result = await answered(SNAPSHOTS, arguments, first, output=tmp_path)
    assert result.answer == "https://web.archive.org/web/19970101000000/http://example.org/"


async def test_a_time_that_is_none_is_an_upstream_failure(tmp_path: Path) -> None:
    rows = [["timestamp", "original"], ["soon", "http://example.org/"]]
    odd = get(CDX, CDX_PATH, {**FIXED, "limit": -1}, body=rows)
    assert (await refused(SNAPSHOTS, {"url": "example.org"}, odd, output=tmp_path)).kind == (
        "upstream"
    )


@pytest.mark.parametrize("url", ["file:///etc/passwd", "not a url at all"])
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    assert (await refusal_of(SNAPSHOTS, url=url)).kind == "invalid_input"
    assert (await refusal_of(SNAPSHOTS, url="example.org", date="May")).kind == "invalid_input"


async def test_a_page_that_is_turned_away_is_a_failure_with_the_reason(tmp_path: Path) -> None:
    request = {"method": "POST", "host": CDX, "path": "/save", "body": {"url": "https://a.example"}}
    reply = {"body": {"status": "error", "message": "The same snapshot was made 2 minutes ago."}}
    exchange = {"request": request, "reply": reply}
    failure = await refused(SAVE, {"url": "a.example"}, exchange, output=tmp_path)
    assert "2 minutes ago" in failure.message


def test_saving_is_a_write_that_the_policy_asks_about() -> None:
    assert SAVE.spec.effects == {Effect.SEND}
    assert SAVE.spec.credentials == ("IA_ACCESS_KEY", "IA_SECRET_KEY")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("example.net from 2015-03 archived", {"url": "example.net", "date": "2015-03"}),
        ("oldest capture of example.com", {"url": "example.com", "first": True}),
        ("is https://example.org/2019/x archived", {"url": "https://example.org/2019/x"}),
    ],
)
def test_a_request_names_page_and_date(text: str, values: dict[str, object]) -> None:
    assert best(SNAPSHOTS, text) == values
