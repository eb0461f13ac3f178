from pathlib import Path

import pytest

from tests.tools.answering import answered, best, get, refusal_of, refused
from toollama.tools.builtin.arxiv_search import TOOL, search_query

HOST = "export.arxiv.org"
OPENING = '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>'
ATOM = {"Content-Type": "application/atom+xml"}
NEWEST = {
    "search_query": "all:moss",
    "max_results": 5,
    "sortBy": "submittedDate",
    "sortOrder": "descending",
}


async def test_no_paper_is_an_honest_empty_result(tmp_path: Path) -> None:
    empty = get(HOST, "/api/query", NEWEST, headers=ATOM, body_text=f"{OPENING}</feed>")
    result = await answered(TOOL, {"query": "moss", "order": "newest"}, empty, output=tmp_path)
    assert (result.status, result.statements) == ("empty", ('arXiv has no paper for "moss".',))


async def test_an_identifier_is_looked_up_and_not_searched_for(tmp_path: Path) -> None:
    entry = "<entry><id>http://arxiv.org/abs/2106.09685v1</id><title>L</title></entry></feed>"
    query = {"max_results": 5, "id_list": "2106.09685"}
    found = get(HOST, "/api/query", query, headers=ATOM, body_text=OPENING + entry)
    result = await answered(TOOL, {"query": "arXiv:2106.09685v1"}, found, output=tmp_path)
    assert result.answer == "L"
    assert result.sources[0].locator == "https://arxiv.org/abs/2106.09685"


async def test_an_entry_titled_error_is_no_paper(tmp_path: Path) -> None:
    entry = "<entry><title>Error</title><summary>malformed id</summary></entry></feed>"
    fault = get(HOST, "/api/query", NEWEST, headers=ATOM, body_text=OPENING + entry)
    failure = await refused(TOOL, {"query": "moss", "order": "newest"}, fault, output=tmp_path)
    assert (failure.kind, "malformed id" in failure.message) == ("invalid_input", True)


async def test_throttling_in_plain_text_is_told_as_such(tmp_path: Path) -> None:
    fault = get(HOST, "/api/query", NEWEST, body_text="Rate exceeded.")
    failure = await refused(TOOL, {"query": "moss", "order": "newest"}, fault, output=tmp_path)
    assert failure.kind == "rate_limited"


async def test_a_year_before_arxiv_is_refused() -> None:
    assert "since_year" in (await refusal_of(TOOL, query="moss", since_year=1800)).message


def test_words_of_the_query_language_are_no_words_of_the_query() -> None:
    assert search_query('"a:b) OR (all:c') == "all:a AND all:b AND all:all AND all:c"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("papers about LoRA since 2024", {"query": "LoRA", "since_year": 2024}),
        ("newest preprints on dark energy", {"query": "dark energy", "order": "newest"}),
        ("what is arxiv:1706.03762 about", {"query": "1706.03762"}),
        ("look up mamba models in arxiv", {"query": "mamba models"}),
    ],
)
def test_a_request_names_topic_year_and_order(text: str, values: dict[str, object]) -> None:
    assert best(TOOL, text) == values
