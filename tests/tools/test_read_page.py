from pathlib import Path

import pytest

from tests.tools.answering import answered, best, get, refusal_of, refused
from toollama.tools.builtin.read_page import TOOL
from toollama.tools.builtin.scrapestack import TOOL as SCRAPESTACK

HOST = "pages.example.org"
HTML = {"Content-Type": "text/html"}


async def test_a_page_without_text_is_an_honest_empty_result(tmp_path: Path) -> None:
    page = get(HOST, "/", headers=HTML, body_text="  ")
    result = await answered(TOOL, {"url": f"https://{HOST}/"}, page, output=tmp_path)
    assert result.status == "empty"
    assert "no text to read" in result.statements[0]


async def test_plain_text_is_read_as_it_is(tmp_path: Path) -> None:
    plain = {"Content-Type": "text/plain"}
    page = get(
        HOST, "/a.md", headers=plain, body_text="# Head\n\nThis line has more than five words."
    )
    result = await answered(TOOL, {"url": f"{HOST}/a.md"}, page, output=tmp_path)
    assert result.statements == ("This line has more than five words.",)
    assert result.text.startswith("# Head")


async def test_a_picture_is_no_page(tmp_path: Path) -> None:
    page = get(HOST, "/a.png", headers={"Content-Type": "image/png"}, body_text="x")
    failure = await refused(TOOL, {"url": f"{HOST}/a.png"}, page, output=tmp_path)
    assert (failure.kind, "image/png" in failure.message) == ("upstream", True)


async def test_every_statement_about_a_long_page_fits(tmp_path: Path) -> None:
    words = "<p>" + "word " * 400 + "end.</p>"
    page = get(HOST, "/", headers=HTML, body_text=f"<html><body><main>{words}</main></body></html>")
    result = await answered(TOOL, {"url": f"https://{HOST}/"}, page, output=tmp_path)
    assert all(len(statement) <= 240 for statement in result.statements)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "a b c d"])
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    assert (await refusal_of(TOOL, url=url)).kind == "invalid_input"


def test_the_only_url_of_a_request_is_certain() -> None:
    assert best(TOOL, "summarise (https://example.org/a).") == {"url": "https://example.org/a"}


def test_of_two_urls_none_is_certain() -> None:
    assert best(TOOL, "compare example.org and example.net") == {}


def test_scrapestack_is_off_until_it_is_enabled() -> None:
    assert SCRAPESTACK.spec.off
    assert best(SCRAPESTACK, "scrapestack example.org with javascript") == {
        "url": "example.org",
        "render_js": True,
    }
