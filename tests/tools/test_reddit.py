from pathlib import Path
from typing import Any

import pytest

from tests.provider.calls import NOW
from tests.provider.recorded import exchange
from tests.provider.server import Provider
from tests.tools.answering import answered, best, get, refusal_of
from toollama.clock import FixedClock
from toollama.tools.base import ToolContext, ToolFailure, ToolResult
from toollama.tools.builtin.reddit_posts import TOOL as POSTS
from toollama.tools.builtin.reddit_search import TOOL as SEARCH
from toollama.tools.builtin.reddit_user import TOOL as USER
from toollama.tools.http import Door, HttpSettings
from toollama.tools.run import AnyTool, run

FEED = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>woodworking</title>
<entry><title>Which jig?</title><id>t3_abc</id><updated>2026-09-21T10:00:00+00:00</updated>
<link href="https://www.reddit.com/r/woodworking/comments/abc/which_jig/"/></entry></feed>"""


async def without_keys(tool: AnyTool, arguments: dict[str, Any], *exchanges: Any) -> ToolResult:
    async with Provider([exchange(one) for one in exchanges]) as provider:
        door = Door(HttpSettings(base_urls=provider.base_urls))
        async with door:
            return await run(tool, arguments, ToolContext(clock=FixedClock(NOW), http=door))


async def test_without_keys_the_feed_is_read_and_that_is_said() -> None:
    query = {"q": "jig", "sort": "new", "limit": 5, "restrict_sr": 1}
    feed = get("www.reddit.com", "/r/woodworking/search.rss", query, body_text=FEED)
    arguments = {"query": "jig", "subreddit": "woodworking", "sort": "new"}
    result = await without_keys(SEARCH, arguments, feed)
    assert result.statements == (
        '"Which jig?" (r/woodworking, 2026-09-21).',
        (
            "Read from Reddit's public feed, because no Reddit keys are set: votes and "
            "comments are not counted."
        ),
    )
    assert result.sources[0].locator.endswith("/comments/abc/which_jig/")


async def test_a_subreddit_is_read_by_its_feed_too() -> None:
    feed = get("www.reddit.com", "/r/woodworking/hot.rss", {"limit": 5}, body_text=FEED)
    result = await without_keys(POSTS, {"subreddit": "woodworking"}, feed)
    assert (result.answer, result.data[0]["votes"]) == ("Which jig?", None)


async def test_a_profile_needs_keys_and_says_which() -> None:
    with pytest.raises(ToolFailure) as caught:
        await without_keys(USER, {"name": "kelp"})
    assert caught.value.kind == "missing_credential"
    assert "REDDIT_CLIENT_ID" in caught.value.fix


async def test_a_search_without_hits_is_an_honest_empty_result(tmp_path: Path) -> None:
    token = {
        "request": {"method": "POST", "host": "www.reddit.com", "path": "/api/v1/access_token"},
        "reply": {"body": {"access_token": "t"}},
    }
    query = {"q": "zzz", "sort": "relevance", "limit": 5, "raw_json": 1}
    nothing = get("oauth.reddit.com", "/search", query, body={"data": {"children": []}})
    result = await answered(SEARCH, {"query": "zzz"}, token, nothing, output=tmp_path)
    assert (result.status, result.statements) == ("empty", ('Reddit has no post about "zzz".',))


async def test_names_that_reddit_does_not_allow_are_refused() -> None:
    assert (await refusal_of(POSTS, subreddit="a/b")).kind == "invalid_input"
    assert (await refusal_of(USER, name="x")).kind == "invalid_input"


@pytest.mark.parametrize(
    ("tool", "text", "values"),
    [
        (SEARCH, "search reddit for mechanical keyboards", {"query": "mechanical keyboards"}),
        (
            SEARCH,
            "look in r/woodworking for dovetail jigs",
            {"query": "dovetail jigs", "subreddit": "woodworking"},
        ),
        (POSTS, "top posts of r/askscience", {"subreddit": "askscience", "order": "top"}),
        (POSTS, "latest from r/space", {"subreddit": "space", "order": "new"}),
        (USER, "karma of u/blue-heron", {"name": "blue-heron"}),
    ],
)
def test_a_request_names_its_arguments(tool: AnyTool, text: str, values: dict[str, str]) -> None:
    assert best(tool, text) == values
