import json
from pathlib import Path

import pytest

from toollama.tools.index import ToolIndex
from toollama.tools.registry import Registry

REQUESTS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "routing_catb.jsonl").read_text().splitlines()
]


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.builtin()


def test_requests_that_no_utterance_holds_find_their_tool_first_or_second(
    registry: Registry,
) -> None:
    index = ToolIndex(registry.specs())
    missed = {
        request["query"]: request["tool"]
        for request in REQUESTS
        if request["tool"] not in [hit.tool for hit in index.search(request["query"], limit=2)]
    }
    assert missed == {}


def test_no_request_is_a_copy_of_an_utterance(registry: Registry) -> None:
    utterances = {text.casefold() for spec in registry.specs() for text in spec.utterances}
    assert [one for one in REQUESTS if one["query"].casefold() in utterances] == []


def test_every_tool_of_the_list_exists_and_has_three_requests(registry: Registry) -> None:
    known = {spec.name for spec in registry.specs()}
    tools = [request["tool"] for request in REQUESTS]
    assert set(tools) <= known
    assert {tools.count(tool) for tool in tools} == {3}
