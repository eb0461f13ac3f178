from pathlib import Path

import pytest

from tests.tools.answering import answered, best, get, refusal_of
from toollama.tools.builtin.phishing_search import TOOL, defanged

HOST, PATH = "api.phishstats.info", "/api/phishing"


async def test_no_report_is_no_proof_of_safety(tmp_path: Path) -> None:
    query = {"_where": "(url,like,~made.example~)", "_sort": "-id", "_size": 5}
    result = await answered(
        TOOL, {"text": "made.example"}, get(HOST, PATH, query, body=[]), output=tmp_path
    )
    said = "PhishStats has no report for made[.]example; that is no proof that it is safe."
    assert (result.status, result.statements) == ("empty", (said,))


async def test_an_address_is_compared_and_not_searched_for(tmp_path: Path) -> None:
    query = {"_where": "(ip,eq,192.0.2.7)", "_sort": "-id", "_size": 5}
    arguments = {"text": "192.0.2.7", "field": "ip"}
    assert await answered(TOOL, arguments, get(HOST, PATH, query, body=[]), output=tmp_path)


@pytest.mark.parametrize("text", ["a~)~or(id,gt,0", "x,y", "(a)"])
async def test_text_that_would_change_the_condition_is_refused(text: str) -> None:
    assert (await refusal_of(TOOL, text=text)).kind == "invalid_input"


async def test_what_is_no_ip_address_is_refused() -> None:
    assert (await refusal_of(TOOL, text="made.example", field="ip")).kind == "invalid_input"


def test_a_defanged_address_is_no_link() -> None:
    assert defanged("https://a.example/b.html") == "hxxps://a[.]example/b.html"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("phishing pages that imitate PayPal", {"text": "PayPal"}),
        ("check the ip 192.0.2.7 for phishing", {"text": "192.0.2.7", "field": "ip"}),
        ("is example.com a known phishing site", {"text": "example.com", "field": "url"}),
    ],
)
def test_a_request_names_what_to_look_for(text: str, values: dict[str, str]) -> None:
    assert best(TOOL, text) == values
