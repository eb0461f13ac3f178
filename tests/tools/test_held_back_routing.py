import pytest

from tests.tools.held_back import held_back_queries
from toollama.tools.index import ToolIndex
from toollama.tools.registry import Registry

SPECS = {spec.name: spec for spec in Registry.builtin().specs()}
INDEX = ToolIndex(SPECS.values())
QUERIES = [(query["tool"], query["query"]) for query in held_back_queries()]


@pytest.mark.parametrize(("tool", "text"), QUERIES)
def test_a_request_held_back_finds_its_tool_first_or_second(tool: str, text: str) -> None:
    assert tool in [hit.tool for hit in INDEX.search(text, limit=2)]


@pytest.mark.parametrize(("tool", "text"), QUERIES)
def test_a_request_held_back_is_no_sample_utterance(tool: str, text: str) -> None:
    assert text not in SPECS[tool].utterances
