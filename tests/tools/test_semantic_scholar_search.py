from pathlib import Path
from typing import Any

import pytest

from tests.tools.answering import answered, best, get, refusal_of
from toollama.tools.builtin.semantic_scholar_search import TOOL

FIELDS = "title,year,authors,venue,citationCount,abstract,url,externalIds"


async def ask(arguments: dict[str, Any], years: dict[str, str], output: Path) -> tuple[str, ...]:
    query = {"query": "moss", "limit": 5, "fields": FIELDS, **years}
    empty = get(
        "api.semanticscholar.org", "/graph/v1/paper/search", query, body={"total": 0, "offset": 0}
    )
    return (await answered(TOOL, {"query": "moss", **arguments}, empty, output=output)).statements


async def test_no_paper_is_an_honest_empty_result(tmp_path: Path) -> None:
    assert await ask({}, {}, tmp_path) == ('Semantic Scholar has no paper for "moss".',)


@pytest.mark.parametrize(
    ("arguments", "year"),
    [({"until_year": 2015}, "-2015"), ({"since_year": 2010, "until_year": 2015}, "2010-2015")],
)
async def test_years_are_sent_as_a_range(
    arguments: dict[str, int], year: str, tmp_path: Path
) -> None:
    assert await ask(arguments, {"year": year}, tmp_path)


async def test_a_year_that_is_no_number_is_refused() -> None:
    assert "since_year" in (await refusal_of(TOOL, query="moss", since_year="soon")).message


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("papers about LoRA since 2024", {"query": "LoRA", "since_year": 2024}),
        ("studies of bird migration before 2015", {"query": "bird migration", "until_year": 2015}),
        ("semantic scholar knowledge graphs", {"query": "knowledge graphs"}),
    ],
)
def test_a_request_names_topic_and_years(text: str, values: dict[str, object]) -> None:
    assert best(TOOL, text) == values
