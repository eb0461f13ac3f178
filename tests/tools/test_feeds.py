from pathlib import Path

import pytest

from tests.tools.answering import answered, best, get, refusal_of, refused
from toollama.tools.base import ToolFailure
from toollama.tools.builtin.bbc_news import TOOL as BBC
from toollama.tools.builtin.rss_feed import TOOL as RSS
from toollama.tools.feeds.reading import read_feed

FEED = b"""<rss version="2.0"><channel><title>Made</title>
<item><title>Ferries &amp;amp; trains</title><description>&lt;p&gt;Run &lt;b&gt;late&lt;/b&gt;
&lt;script&gt;x()&lt;/script&gt;&lt;/p&gt;</description></item>
<item><title>Snow</title><pubDate>Sat, 21 Nov 2026 23:30:00 -0500</pubDate></item>
<item><description>no title</description></item></channel></rss>"""


def test_markup_of_an_entry_becomes_plain_text() -> None:
    first = read_feed(FEED, service="x").entries[0]
    assert (first.title, first.summary) == ("Ferries & trains", "Run late")


def test_the_day_of_an_entry_is_in_utc() -> None:
    assert read_feed(FEED, service="x").entries[1].published == "2026-11-22"


def test_an_entry_without_a_title_is_left_out() -> None:
    assert len(read_feed(FEED, service="x").entries) == 2


@pytest.mark.parametrize("body", [b"", b"<html><body>hi</body></html>", b"\0\1\2", b"{}"])
def test_what_is_no_feed_is_an_upstream_failure(body: bytes) -> None:
    with pytest.raises(ToolFailure, match="no feed") as caught:
        read_feed(body, service="example.org")
    assert caught.value.kind == "upstream"


async def test_a_feed_without_the_topic_is_an_honest_empty_result(tmp_path: Path) -> None:
    feed = get("feeds.bbci.co.uk", "/news/rss.xml", body_text=FEED.decode())
    result = await answered(BBC, {"about": "volcano"}, feed, output=tmp_path)
    said = 'The BBC feed (top) has no headline about "volcano" now.'
    assert (result.status, result.statements) == ("empty", (said,))


async def test_only_entries_with_every_word_of_the_topic_are_told(tmp_path: Path) -> None:
    feed = get("feeds.example.org", "/rss", body_text=FEED.decode())
    arguments = {"url": "feeds.example.org/rss", "about": "trains late"}
    result = await answered(RSS, arguments, feed, output=tmp_path)
    assert result.statements == ("Ferries & trains.",)


async def test_a_page_is_not_taken_for_a_feed(tmp_path: Path) -> None:
    page = get("feeds.example.org", "/", body_text="<!doctype html><p>hello</p>")
    failure = await refused(RSS, {"url": "https://feeds.example.org/"}, page, output=tmp_path)
    assert failure.kind == "upstream"


async def test_wrong_arguments_are_refused() -> None:
    assert "section" in (await refusal_of(BBC, section="weather")).message
    assert (await refusal_of(RSS, url="file:///etc/passwd")).kind == "invalid_input"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("bbc business news", {"section": "business"}),
        ("any BBC news about trains", {"about": "trains"}),
        ("latest world news", {"section": "world"}),
    ],
)
def test_a_request_names_section_or_topic(text: str, values: dict[str, object]) -> None:
    assert best(BBC, text) == values


def test_a_request_names_feed_topic_and_count() -> None:
    text = "10 items about batteries in https://example.org/rss"
    assert best(RSS, text) == {
        "url": "https://example.org/rss",
        "about": "batteries",
        "limit": 10,
    }
