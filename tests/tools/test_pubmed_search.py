from pathlib import Path

from tests.tools.answering import answered, best, get, refusal_of
from toollama.tools.builtin.pubmed_search import TOOL

HOST = "eutils.ncbi.nlm.nih.gov"
SEARCH = {
    "db": "pubmed",
    "retmode": "json",
    "tool": "toollama",
    "term": "qwxzv",
    "retmax": 5,
    "sort": "relevance",
    "api_key": "${NCBI_API_KEY}",
}


async def test_nothing_found_asks_for_no_summaries(tmp_path: Path) -> None:
    found = {"esearchresult": {"count": "0", "idlist": []}}
    empty = get(HOST, "/entrez/eutils/esearch.fcgi", SEARCH, body=found)
    result = await answered(TOOL, {"query": "qwxzv"}, empty, output=tmp_path)
    assert (result.status, result.statements) == ("empty", ('PubMed has no paper for "qwxzv".',))


async def test_a_limit_beyond_twenty_is_refused() -> None:
    assert "limit" in (await refusal_of(TOOL, query="moss", limit=21)).message


def test_a_request_names_topic_year_and_order() -> None:
    assert best(TOOL, "newest studies on semaglutide since 2024") == {
        "query": "semaglutide",
        "since_year": 2024,
        "order": "newest",
    }
