from pathlib import Path

import pytest

from tests.tools.answering import OFFLINE, answered, best, get, offered, refusal_of
from toollama.tools.builtin.population import TOOL
from toollama.tools.countries.iso import code_of

HOST = "api.worldbank.org"


def path(code: str) -> str:
    return f"/v2/country/{code}/indicator/SP.POP.TOTL"


async def test_a_year_is_asked_for_by_its_date(tmp_path: Path) -> None:
    row = {"country": {"value": "Ireland"}, "date": "1970", "value": 2950100}
    reply = get(HOST, path("IRL"), {"format": "json", "date": 1970}, body=[{}, [row]])
    result = await answered(TOOL, {"country": "Ireland", "year": 1970}, reply, output=tmp_path)
    assert result.answer == "2,950,100"


@pytest.mark.parametrize("body", [[{"message": []}], [{}, []], [{}, None]])
async def test_a_country_without_a_count_is_an_honest_empty_result(
    body: list[object], tmp_path: Path
) -> None:
    reply = get(HOST, path("XKX"), {"format": "json", "mrnev": 1}, body=body)
    result = await answered(TOOL, {"country": "Kosovo"}, reply, output=tmp_path)
    assert (result.status, result.statements) == (
        "empty",
        ("The World Bank has no population of Kosovo.",),
    )


async def test_what_is_no_country_is_refused() -> None:
    assert (await refusal_of(TOOL, country="Atlantis")).kind == "invalid_input"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Kenya", "KEN"),
        ("the Netherlands", "NLD"),
        ("Côte d'Ivoire", "CIV"),
        ("DR Congo", "COD"),
        ("ken", "KEN"),
        ("Türkiye", "TUR"),
        ("nowhere", None),
    ],
)
def test_countries_are_known_by_the_names_people_use(name: str, code: str | None) -> None:
    assert code_of(name) == code


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("population of Kenya", {"country": "Kenya"}),
        ("what was the population of Ireland in 1970", {"country": "Ireland", "year": 1970}),
        ("how many people live in South Korea", {"country": "South Korea"}),
        ("world population", {"country": "world"}),
    ],
)
def test_a_request_names_country_and_year(text: str, values: dict[str, object]) -> None:
    assert best(TOOL, text) == values


def test_us_is_a_pronoun_unless_it_is_written_as_a_country() -> None:
    assert offered(TOOL, "tell us the population", "country") == []
    assert best(TOOL, "population of the US") == {"country": "US"}


async def test_of_two_countries_the_larger_is_told_first(tmp_path: Path) -> None:
    rows = [
        {"country": {"value": name}, "countryiso3code": code, "date": "2024", "value": count}
        for name, code, count in (("Bhutan", "BTN", 790_000), ("Nepal", "NPL", 29_600_000))
    ]
    reply = get(HOST, path("NPL;BTN"), {"format": "json", "mrnev": 1}, body=[{}, rows])
    arguments = best(TOOL, "compare the population of Nepal and Bhutan")
    result = await answered(TOOL, arguments, reply, output=tmp_path)
    assert result.statements == (
        "Nepal had 28,810,000 more inhabitants than Bhutan.",
        "Nepal had 29,600,000 inhabitants in 2024 (World Bank).",
        "Bhutan had 790,000 inhabitants in 2024 (World Bank).",
    )


async def test_of_two_countries_a_missing_count_is_told(tmp_path: Path) -> None:
    row = {"country": {"value": "Nepal"}, "countryiso3code": "NPL", "date": "2024", "value": 29}
    reply = get(HOST, path("NPL;XKX"), {"format": "json", "mrnev": 1}, body=[{}, [row]])
    arguments = {"country": "Nepal", "compared_with": "Kosovo"}
    result = await answered(TOOL, arguments, reply, output=tmp_path)
    assert result.statements[0] == "The World Bank has a count for only one of Nepal and Kosovo."


def test_of_three_countries_none_is_certain() -> None:
    found = TOOL.propose("population of Chad, Niger and Mali", OFFLINE)["country"]
    assert [(one.value, one.certain) for one in found] == [
        ("Chad", False),
        ("Niger", False),
        ("Mali", False),
    ]
