"""The calculator: arithmetic found in sentences, exact values, honest refusals."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.clock import FixedClock
from toollama.tools.base import HttpDoor, ToolContext, ToolFailure
from toollama.tools.builtin.calculator import TOOL
from toollama.tools.numbers.arithmetic import is_expression, read_arithmetic
from toollama.tools.numbers.exact_math import evaluate
from toollama.tools.run import run

CONTEXT = ToolContext(
    clock=FixedClock(datetime(2026, 11, 22, tzinfo=UTC)), http=cast("HttpDoor", object())
)

WHOLE = st.integers(min_value=-(10**9), max_value=10**9)


async def answer(text: str) -> str:
    proposal = TOOL.propose(text, CONTEXT)
    assert proposal["expression"][0].certain
    result = await run(TOOL, {"expression": proposal["expression"][0].value}, CONTEXT)
    return result.statements[0]


@pytest.mark.parametrize(
    ("asked", "stated"),
    [
        ("What is 15% of 240?", "15% of 240 = 36"),
        ("what's 12.5 % of 80", "12.5% of 80 = 10"),
        ("240 minus 15%", "240 - 15% = 204"),
        ("20% off 59.99", "59.99 - 20% = 47.992"),
        ("add 8.25% tax to 100", "100 + 8.25% = 108.25"),
        ("(3+4)*5^2", "(3 + 4) * 5^2 = 175"),
        ("2**10", "2^10 = 1024"),
        ("sqrt(2)", "sqrt(2) ≈ 1.414213562"),
        ("square root of 144", "sqrt(144) = 12"),
        ("1,250 * 3", "1250 * 3 = 3750"),
        ("1_000+5", "1000 + 5 = 1005"),
        ("half of 90", "1/2 of 90 = 45"),
        ("three times seventeen", "3 * 17 = 51"),
        ("5 plus 7 divided by 2", "5 + 7/2 = 17/2 = 8.5"),
        ("7 factorial", "7! = 5040"),
        ("split 87.60 between 4", "87.60/4 = 21.9"),
        ("what is 3/4 + 1/8", "3/4 + 1/8 = 7/8 = 0.875"),
        ("10 mod 3", "10 mod 3 = 1"),
        ("10 % 3", "10 % 3 = 1"),
        ("average of 3, 5 and 10", "average(3, 5, 10) = 6"),
        ("0.1+0.2", "0.1 + 0.2 = 0.3"),
        ("what percent of 80 is 20", "20/80 = 25%"),
        ("percentage change from 80 to 100", "(100 - 80) / 80 = 25%"),
        ("10/3", "10/3 ≈ 3.333333333"),
        ("sqrt(2)^2", "sqrt(2)^2 = 2"),
        ("what is twelve hundred plus 5", "1200 + 5 = 1205"),
        ("two thirds of 90", "2/3 of 90 = 60"),
        ("-5 + 3", "-5 + 3 = -2"),
        ("100!", "100! ≈ 9.332621544e157"),
    ],
)
async def test_a_plain_question_is_answered_exactly(asked: str, stated: str) -> None:
    assert await answer(asked) == stated


@pytest.mark.parametrize(
    "text",
    [
        "How many miles is 42 km?",
        "days between 2024-02-29 and 2025-03-01",
        "call 415-555-0100",
        "meet at 14:30",
        "3 apples and 4 pears",
        "50%",
        "",
    ],
)
def test_signs_that_are_not_arithmetic_are_not_proposed(text: str) -> None:
    assert TOOL.propose(text, CONTEXT) == {}


@pytest.mark.parametrize(
    "text",
    [
        "I bought 3 for 5 dollars and 20% off 50",
        "is 91 / 7 a whole number",
        "8 / 2(2+2)",
        "12 * (3 + 4",
        "3/4 or 2/3",
    ],
)
def test_a_sentence_that_says_more_is_not_certain(text: str) -> None:
    assert not TOOL.propose(text, CONTEXT)["expression"][0].certain


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("10/0", "divides by zero"),
        ("0^(0-1)", "divides by zero"),
        ("9^9^9", "too large"),
        ("2^100000", "too large"),
        ("2000!", "too large"),
        ("sqrt(0-1)", "not real"),
        ("log(0)", "positive"),
        ("1.5!", "whole numbers"),
        ("3 +", "cannot be read"),
        ("__import__('os')", "cannot be read"),
        ("(1).real", "cannot be read"),
        ("sqrt(1, 2, 3)", "cannot be read"),
        ("sqrt", "not a complete calculation"),
    ],
)
async def test_what_has_no_value_is_refused_with_a_fix(expression: str, said: str) -> None:
    with pytest.raises(ToolFailure, match=said) as failure:
        await run(TOOL, {"expression": expression}, CONTEXT)
    assert failure.value.kind == "invalid_input"
    assert failure.value.fix


async def test_words_in_the_argument_are_understood() -> None:
    result = await run(TOOL, {"expression": "square root of 144"}, CONTEXT)
    assert result.data == {"expression": "sqrt(144)", "value": "12", "exact": True}


async def test_words_that_say_more_are_not_computed_in_part() -> None:
    with pytest.raises(ToolFailure):
        await run(TOOL, {"expression": "12 * (3 + 4"}, CONTEXT)


async def test_every_utterance_gives_an_expression_that_computes() -> None:
    for utterance in TOOL.spec.utterances:
        found = TOOL.propose(utterance, CONTEXT)["expression"]
        result = await run(TOOL, {"expression": found[0].value}, CONTEXT)
        assert len(result.statements[0]) <= 240


@given(left=WHOLE, right=WHOLE.filter(bool))
def test_the_four_operations_are_exact(left: int, right: int) -> None:
    assert evaluate(f"({left}) + ({right})") == left + right
    assert evaluate(f"({left}) - ({right})") == left - right
    assert evaluate(f"({left}) * ({right})") == left * right
    assert evaluate(f"({left}) / ({right})") == Fraction(left, right)


@given(percent=st.integers(0, 1000), whole=st.integers(0, 10**6))
def test_taking_a_percentage_off_leaves_the_rest(percent: int, whole: int) -> None:
    assert evaluate(f"{whole} - {percent}%") == whole - Fraction(whole * percent, 100)


@given(number=st.integers(0, 10**6))
def test_the_root_of_a_square_is_exact(number: int) -> None:
    assert evaluate(f"sqrt({number * number})") == number


@given(text=st.text(max_size=60))
def test_any_text_can_be_searched_for_arithmetic(text: str) -> None:
    assert all(is_expression(found) for found in read_arithmetic(text).expressions)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [("15% of 240", "36"), ("3/4 + 1/8", "0.875"), ("20/80", "0.25"), ("sqrt(2)", "1.414213562")],
)
async def test_the_bare_answer_is_the_number(expression: str, answer: str) -> None:
    assert (await run(TOOL, {"expression": expression}, CONTEXT)).answer == answer


@pytest.mark.parametrize(
    ("words", "signs"),
    [
        ("what do 7 stamps at 0.85 cost", "7 * 0.85"),
        ("6 boxes of 24 how many in total", "6 * 24"),
        ("100 a week for a year", "100 * 52 * 1"),
        ("2400 a month, how much is that in 2 years", "2400 * 12 * 2"),
        ("if 30% off costs 70 what was the full price", "70 / (1 - 30%)"),
        ("rent is 850 and rises by 4 percent", "850 + 4%"),
        ("stock is 850 and falls by 4 percent", "850 - 4%"),
        ("two rises of 3.5% on 920", "920 * (1 + 3.5%)^2"),
        ("simple interest on 2000 at 3% for 5 years", "2000 * 3% * 5"),
        ("share a 96 euro bill among 3 people", "96/3"),
        ("180 split between 6 people", "180/6"),
        ("what is left of 800 after paying 3 times 45", "800 - 3 * 45"),
        ("greatest common divisor of 12 and 18", "gcd(12, 18)"),
        ("lowest common multiple of 4 and 6", "lcm(4, 6)"),
        ("split 127.50 euros among 5 people with a 12% tip", "(127.50 + 12%) / 5"),
        ("90 plus 20% VAT", "90 + 20%"),
        ("if I save 45 euros a week, how much is that in a year?", "45 * 52 * 1"),
        ("a coat costs 89.90 and is 30% off", "89.90 - 30%"),
        ("sin 30 degrees", "sin(30 * pi / 180)"),
    ],
)
def test_sums_of_everyday_life_are_read(words: str, signs: str) -> None:
    assert TOOL.propose(words, CONTEXT)["expression"][0].value == signs
