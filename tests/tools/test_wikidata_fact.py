from pathlib import Path
from typing import Any

import pytest

from tests.tools.answering import answered, best, get, refusal_of
from toollama.tools.builtin.wikidata_fact import TOOL
from toollama.tools.wikidata.properties import PROPERTIES, property_called
from toollama.tools.wikidata.queries import query

SEARCH = {
    "action": "wbsearchentities",
    "search": "Ada",
    "language": "en",
    "uselang": "en",
    "format": "json",
    "limit": 5,
}
ADA = {"search": [{"id": "Q7", "label": "Ada", "description": "a made person"}]}


def sparql(name: str, *rows: dict[str, str]) -> dict[str, Any]:
    asked = property_called(name)
    assert asked
    bindings = [{key: {"value": value} for key, value in row.items()} for row in rows]
    return get(
        "query.wikidata.org",
        "/sparql",
        {"query": query("Q7", asked), "format": "json"},
        body={"head": {}, "results": {"bindings": bindings}},
    )


def search(found: dict[str, Any]) -> dict[str, Any]:
    return get("www.wikidata.org", "/w/api.php", SEARCH, body=found)


@pytest.mark.parametrize(
    ("value", "precision", "told"),
    [
        ("1815-12-10T00:00:00Z", "11", "10 December 1815"),
        ("1815-12-01T00:00:00Z", "10", "December 1815"),
        ("1815-01-01T00:00:00Z", "9", "1815"),
        ("-0043-03-15T00:00:00Z", "11", "44 BC"),
    ],
)
async def test_a_date_is_told_as_precisely_as_it_is_known(
    value: str, precision: str, told: str, tmp_path: Path
) -> None:
    row = {"value": value, "precision": precision}
    exchanges = search(ADA), sparql("date of birth", row)
    arguments = {"subject": "Ada", "property": "birthday"}
    result = await answered(TOOL, arguments, *exchanges, output=tmp_path)
    assert result.statements[0] == f"Date of birth of Ada: {told}."
    assert result.answer == told


async def test_a_quantity_keeps_its_unit(tmp_path: Path) -> None:
    row = {"value": "+1.750", "unitLabel": "metre"}
    exchanges = search(ADA), sparql("height", row)
    arguments = {"subject": "Ada", "property": "height"}
    assert (await answered(TOOL, arguments, *exchanges, output=tmp_path)).answer == "1.75 metre"


async def test_a_fact_that_is_not_stated_is_an_empty_result_that_says_who_was_meant(
    tmp_path: Path,
) -> None:
    exchanges = search(ADA), sparql("spouse")
    arguments = {"subject": "Ada", "property": "spouse"}
    result = await answered(TOOL, arguments, *exchanges, output=tmp_path)
    assert result.status == "empty"
    assert result.statements == (
        "Wikidata states no spouse for Ada (Q7).",
        "Ada is a made person.",
    )


async def test_an_unknown_thing_is_an_empty_result(tmp_path: Path) -> None:
    arguments = {"subject": "Ada", "property": "spouse"}
    result = await answered(TOOL, arguments, search({"search": []}), output=tmp_path)
    assert (result.status, result.statements[0]) == (
        "empty",
        'Wikidata knows nothing called "Ada".',
    )


async def test_an_unknown_property_is_refused_with_the_known_ones() -> None:
    message = (await refusal_of(TOOL, subject="Ada", property="aura")).message
    assert "property" in message
    assert "must be one of: population" in message


def test_a_query_takes_identifiers_and_nothing_else() -> None:
    with pytest.raises(ValueError, match="not an identifier"):
        query("Q7 } UNION { ?s ?p ?o", PROPERTIES[0])


def test_every_property_is_found_by_the_name_it_is_told_by() -> None:
    assert [property_called(one.name) for one in PROPERTIES] == list(PROPERTIES)


@pytest.mark.parametrize(
    ("text", "subject", "asked"),
    [
        ("wikidata capital of Burkina Faso", "Burkina Faso", "capital"),
        ("the date of birth of Emmy Noether on wikidata", "Emmy Noether", "date of birth"),
        ("wikidata: what is Bhutan's currency", "Bhutan", "currency"),
        ("ceo of Nestlé on wikidata", "Nestlé", "chief executive officer"),
    ],
)
def test_a_request_names_thing_and_property(text: str, subject: str, asked: str) -> None:
    assert best(TOOL, text) == {"subject": subject, "property": asked}
