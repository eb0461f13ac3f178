"""Telephone numbers; those used here are reserved for fiction by their regulators."""

from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.clock import FixedClock
from toollama.tools.base import HttpDoor, ToolContext, ToolFailure
from toollama.tools.builtin.phone_check import TOOL
from toollama.tools.language.phone_numbers import check
from toollama.tools.run import run

CONTEXT = ToolContext(
    clock=FixedClock(datetime(2026, 11, 22, tzinfo=UTC)), http=cast("HttpDoor", object())
)


async def test_a_valid_number_states_type_place_and_forms() -> None:
    result = await run(TOOL, {"number": "+442079460958"}, CONTEXT)
    assert result.statements[:2] == (
        "+44 20 7946 0958 is a valid fixed-line number in London (country GB).",
        "Its E.164 form is +442079460958, its national form 020 7946 0958.",
    )


async def test_the_answer_says_that_nobody_was_called() -> None:
    result = await run(TOOL, {"number": "+442079460958"}, CONTEXT)
    assert "nobody was called" in result.statements[-1]


async def test_a_wrong_number_is_a_result_and_not_a_failure() -> None:
    result = await run(TOOL, {"number": "+1 202"}, CONTEXT)
    assert result.statements == ("+1 202 is not a valid phone number: too short.",)
    assert result.data == {"valid": False, "reason": "too short"}


def test_a_region_completes_a_national_number() -> None:
    assert check("(415) 555-0100", region="US").e164 == "+14155550100"


async def test_a_region_may_be_written_in_small_letters() -> None:
    result = await run(TOOL, {"number": "020 7946 0958", "region": "gb"}, CONTEXT)
    assert result.data["e164"] == "+442079460958"


def test_a_national_number_without_a_region_asks_for_one() -> None:
    with pytest.raises(ToolFailure, match="no country code") as failure:
        check("020 7946 0958")
    assert "country code" in failure.value.fix


def test_a_region_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ToolFailure, match="not a country code"):
        check("020 7946 0958", region="XX")


def test_words_are_not_a_phone_number() -> None:
    assert check("+hello").reason


def test_number_and_country_are_found_in_a_sentence() -> None:
    proposal = TOOL.propose("format 020 7946 0958 as an international UK number", CONTEXT)
    assert proposal["number"][0].value == "020 7946 0958"
    assert proposal["region"][0].value == "GB"


@pytest.mark.parametrize(
    "text", ["How many miles is 42 km?", "days between 2024-02-29 and 2025-03-01", "1,250 * 3"]
)
def test_dates_and_sums_are_not_phone_numbers(text: str) -> None:
    assert TOOL.propose(text, CONTEXT) == {}


@given(number=st.text(min_size=1, max_size=40))
def test_any_text_gets_a_verdict(number: str) -> None:
    facts = check(number, region="US")
    assert bool(facts.reason) != bool(facts.e164)


async def test_the_bare_answer_is_the_e164_form() -> None:
    result = await run(TOOL, {"number": "020 7946 0958", "region": "GB"}, CONTEXT)
    assert result.answer == "+442079460958"
