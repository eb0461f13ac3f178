"""Unit conversion: units in sentences, exact factors, refusals that name the dimensions."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.clock import FixedClock
from toollama.tools.base import HttpDoor, ToolContext, ToolFailure
from toollama.tools.builtin.unit_convert import TOOL, convert
from toollama.tools.run import run

CONTEXT = ToolContext(
    clock=FixedClock(datetime(2026, 11, 22, tzinfo=UTC)), http=cast("HttpDoor", object())
)


@pytest.mark.parametrize(
    ("asked", "stated"),
    [
        ("How many miles is 42 km?", "42 km = 26.1 mi"),
        ("convert 5 feet 11 inches to cm", "5 ft 11 in = 180.34 cm"),
        ("what's 6 foot 2 in cm", "6 ft 2 in = 187.96 cm"),
        ("6'2\" in cm", "6 ft 2 in = 187.96 cm"),
        ("72 F in celsius", "72 °F = 22.2 °C"),
        ("-40 F to C", "-40 °F = -40 °C"),
        ("350 degrees fahrenheit in C", "350 °F = 176.7 °C"),
        ("100 mph to km/h", "100 mph = 160.9 km/h"),
        ("how many cups in a liter", "1 L = 4.227 US cups"),
        ("3 GB in MiB", "3 GB = 2861 MiB"),
        ("60 MB in Mb", "60 MB = 480 Mbit"),
        ("2 tbsp to ml", "2 tbsp = 29.57 ml"),
        ("1 acre in square metres", "1 acre = 4047 m²"),
        ("1 gallon in litres", "1 US gallon = 3.785 L"),
        ("1 imperial gallon in litres", "1 imperial gallon = 4.54609 L"),
        ("180 cm in feet and inches", "180 cm = 5 ft 10.87 in"),
        ("3/4 cup to tbsp", "0.75 US cups = 12 tbsp"),
        ("half a mile in metres", "0.5 mi = 804.672 m"),
        ("5 in in cm", "5 in = 12.7 cm"),
        ("5,280 feet to miles", "5280 ft = 1 mi"),
    ],
)
async def test_a_plain_question_is_converted(asked: str, stated: str) -> None:
    proposal = TOOL.propose(asked, CONTEXT)
    assert all(candidates[0].certain for candidates in proposal.values())
    arguments = {name: candidates[0].value for name, candidates in proposal.items()}
    result = await run(TOOL, arguments, CONTEXT)
    assert result.statements == (stated,)


@pytest.mark.parametrize("text", ["What is 15% of 240?", "20 July 1969", "weather in Paris", ""])
def test_numbers_without_units_are_not_proposed(text: str) -> None:
    assert TOOL.propose(text, CONTEXT) == {}


@pytest.mark.parametrize(
    ("text", "quantity", "unit"),
    [
        ("convrt 12 mils to kilometrs", "12 miles", "kilometers"),
        ("3 galons in litrs", "3 gallons", "liters"),
    ],
)
def test_a_misspelt_unit_is_the_one_it_is_like_but_not_certain(
    text: str, quantity: str, unit: str
) -> None:
    proposal = TOOL.propose(text, CONTEXT)
    assert [(each[0].value, each[0].certain) for each in proposal.values()] == [
        (quantity, False),
        (unit, False),
    ]


@pytest.mark.parametrize(
    ("text", "to"),
    [
        ("how much is 7 miles when converted", "km"),
        ("convert 30 celsius", "°F"),
        ("convert 5 ft 11 in", "m"),
        ("3 gallons converted", "L"),
    ],
)
def test_a_unit_that_is_not_said_may_be_that_of_the_other_system(text: str, to: str) -> None:
    (offered,) = TOOL.propose(text, CONTEXT)["to"]
    assert (offered.value, offered.source, offered.certain) == (to, "default", False)


def test_a_unit_without_a_counterpart_leaves_the_wanted_one_open() -> None:
    assert "to" not in TOOL.propose("convert 3 GB", CONTEXT)


def test_two_quantities_without_a_wanted_unit_leave_it_open() -> None:
    proposal = TOOL.propose("I ran 42 km in 3 hours", CONTEXT)
    assert [candidate.value for candidate in proposal["quantity"]] == ["42 km", "3 hours"]
    assert "to" not in proposal


@pytest.mark.parametrize(
    ("quantity", "to", "said"),
    [
        ("5 km", "kg", "length.*mass"),
        ("10 litres", "mpg", "volume.*fuel economy"),
        ("3 GB", "degrees", "data size.*angle"),
        ("100 USD", "EUR", "currency"),
        ("$5", "km", "currency"),
        ("5 km", "blargs", "not a unit"),
        ("42", "km", "number with a unit"),
        ("1 kg m", "N", "mass.*force|number with a unit"),
        ("-500 C", "F", "absolute zero"),
    ],
)
def test_what_cannot_be_converted_is_refused(quantity: str, to: str, said: str) -> None:
    with pytest.raises(ToolFailure, match=said) as failure:
        convert(quantity, to)
    assert failure.value.kind == "invalid_input"


@given(value=st.integers(1, 10**6))
def test_there_and_back_is_the_same_number(value: int) -> None:
    (miles, _), *_ = convert(f"{value} km", "miles").result
    assert miles * Fraction(1609344, 10**6) == value


async def test_every_utterance_is_understood() -> None:
    for utterance in TOOL.spec.utterances:
        proposal = TOOL.propose(utterance, CONTEXT)
        arguments = {name: candidates[0].value for name, candidates in proposal.items()}
        assert (await run(TOOL, arguments, CONTEXT)).statements


async def test_the_bare_answer_is_the_quantity_in_the_unit_wanted() -> None:
    assert (await run(TOOL, {"quantity": "42 km", "to": "miles"}, CONTEXT)).answer == "26.1 mi"


def test_what_a_quantity_is_of_may_stand_before_the_unit_wanted() -> None:
    proposal = TOOL.propose("250 g of flour in ounces", CONTEXT)
    assert [found[0].value for found in proposal.values()] == ["250 g", "ounces"]


@pytest.mark.parametrize(
    ("text", "quantity", "unit"),
    [
        ("My suitcase weighs 23 kg. How much is that in pounds?", "23 kg", "pounds"),
        ("A marathon is 26.2 miles. How many kilometres is that?", "26.2 miles", "kilometres"),
    ],
)
def test_a_question_may_point_to_a_quantity_told_before(
    text: str, quantity: str, unit: str
) -> None:
    proposal = TOOL.propose(text, CONTEXT)
    assert [proposal[name][0].value for name in ("quantity", "to")] == [quantity, unit]
    assert proposal["to"][0].certain
