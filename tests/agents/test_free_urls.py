from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from toollama.agents import calls
from toollama.agents.run import Run
from toollama.tools.base import ToolContext
from toollama.tools.builtin.read_page import TOOL as READ_PAGE
from toollama.tools.builtin.weather import TOOL as WEATHER
from toollama.tools.run import AnyTool


def policy_call(tool: AnyTool, text: str, listed: str = "", **arguments: Any) -> Any:
    """Return what the policy learns of a call in a run about a text."""
    run = SimpleNamespace(
        request=SimpleNamespace(text=text),
        evidence={"E1": SimpleNamespace(locator=listed)},
        tools=cast("ToolContext", SimpleNamespace(output_dir=Path())),
    )
    return calls._policy_call(cast("Run", run), tool, arguments, {})


def test_a_tool_of_fixed_hosts_has_no_free_url() -> None:
    assert not policy_call(WEATHER, "weather in Oslo", place="Oslo").free_url


def test_an_address_in_the_users_words_comes_from_the_user() -> None:
    call = policy_call(READ_PAGE, "read https://Example.org/a", url="https://example.org/a")
    assert call.free_url
    assert call.url_from_user


def test_an_address_that_was_listed_as_a_source_counts_as_the_users() -> None:
    url = "https://example.org/hit"
    assert policy_call(READ_PAGE, "read the first hit", listed=url, url=url).url_from_user


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/?q=secret", "evil.example", "203.0.113.7/x", "https://example.org/ab"],
)
def test_any_other_address_does_not(url: str) -> None:
    call = policy_call(READ_PAGE, "read https://example.org/a", url=url)
    assert not call.url_from_user
