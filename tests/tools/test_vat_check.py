from pathlib import Path

import pytest

from tests.tools.answering import answered, best, get, refused
from toollama.tools.builtin.vat_check import TOOL

HOST, PATH = "ec.europa.eu", "/taxation_customs/vies/rest-api/ms/DE/vat/136695976"


@pytest.mark.parametrize("number", ["DE136695977", "FR123", "US123456789", "DE 1366 95976x"])
async def test_wrong_check_digits_are_told_without_asking_anybody(
    number: str, tmp_path: Path
) -> None:
    result = await answered(TOOL, {"number": number}, output=tmp_path)
    assert result.answer == "invalid"


async def test_a_number_that_nobody_holds_is_well_formed_but_not_registered(
    tmp_path: Path,
) -> None:
    reply = get(HOST, PATH, body={"isValid": False, "userError": "INVALID", "name": "---"})
    result = await answered(TOOL, {"number": "de 136.695.976"}, reply, output=tmp_path)
    assert result.statements == ("DE136695976 is well formed but not registered, by VIES.",)


@pytest.mark.parametrize("error", ["MS_UNAVAILABLE", "MS_MAX_CONCURRENT_REQ", "TIMEOUT"])
async def test_a_register_that_sleeps_proves_nothing(error: str, tmp_path: Path) -> None:
    reply = get(HOST, PATH, body={"isValid": False, "userError": error})
    failure = await refused(TOOL, {"number": "DE136695976"}, reply, output=tmp_path)
    assert failure.kind == "unavailable"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("is DE136695976 a valid VAT number", "DE136695976"),
        ("check vat id ATU13585627", "ATU13585627"),
        ("verify NL004495445B01 please", "NL004495445B01"),
    ],
)
def test_the_number_is_recognised_by_its_country(text: str, number: str) -> None:
    assert best(TOOL, text) == {"number": number}
