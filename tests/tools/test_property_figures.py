"""The property figures against values worked by hand, and what their parsers read."""

import asyncio
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.clock import FixedClock
from toollama.tools.base import HttpDoor, ToolContext, ToolFailure, ToolResult
from toollama.tools.builtin import amenity_score, cap_rate, data_quality, mortgage
from toollama.tools.property.amenities import read_distances, score
from toollama.tools.property.amounts import money, percent, with_plain_amounts
from toollama.tools.property.loans import repay
from toollama.tools.property.quality import quality
from toollama.tools.run import AnyTool, run

TODAY = date(2026, 6, 1)
CONTEXT = ToolContext(
    clock=FixedClock(datetime(2026, 6, 1, tzinfo=UTC)),
    http=cast("HttpDoor", None),
    output_dir=Path(),
)
TOOLS: tuple[AnyTool, ...] = (
    mortgage.TOOL,
    cap_rate.TOOL,
    amenity_score.TOOL,
    data_quality.TOOL,
)


def call(tool: AnyTool, **arguments: Any) -> ToolResult:
    return asyncio.run(run(tool, arguments, CONTEXT))


def read(tool: AnyTool, text: str) -> dict[str, Any]:
    """Return what the words settle."""
    return {
        name: candidates[0].value
        for name, candidates in tool.propose(text, CONTEXT).items()
        if candidates[0].certain
    }


@pytest.mark.parametrize(
    ("principal", "rate", "years", "payment", "interest"),
    [
        # 200,000 at 0.5 % a month: 200,000 * 0.005 * 1.005^360 / (1.005^360 - 1)
        (200_000, "0.06", 30, "1,199.10", "231,676.38"),
        (100_000, "0.05", 15, "790.79", "42,342.85"),
        # 12 instalments at 1 % a month: the annuity factor is 11.25507747...
        (12_000, "0.12", 1, "1,066.19", "794.23"),
        (120_000, "0", 10, "1,000", "0"),
    ],
)
def test_a_mortgage_is_that_of_the_annuity_formula(
    principal: int, rate: str, years: int, payment: str, interest: str
) -> None:
    loan = repay(Fraction(principal), yearly_rate=Fraction(rate), months=12 * years)
    assert (money(loan.monthly_payment), money(loan.interest)) == (payment, interest)


@given(st.integers(1, 10**9), st.fractions(0, 1, max_denominator=10_000), st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_the_instalments_pay_the_loan_off_exactly(
    principal: int, rate: Fraction, months: int
) -> None:
    loan = repay(Fraction(principal), yearly_rate=rate, months=months)
    balance = Fraction(principal)
    for _ in range(months):
        balance = balance * (1 + rate / 12) - loan.monthly_payment
    assert balance == 0


def test_a_down_payment_is_not_borrowed() -> None:
    result = call(mortgage.TOOL, amount=250_000, down_payment=50_000, rate_percent=6, years=30)
    assert result.statements[0] == "A loan of 200,000 at 6% over 30 years costs 1,199.10 a month."
    assert result.answer == "1,199.10"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"amount": 1000, "down_payment": 1000, "years": 1}, "covers the amount"),
        ({"amount": 1000, "years": 1.01}, "no whole months"),
    ],
)
def test_what_is_no_loan_is_refused(arguments: dict[str, float], problem: str) -> None:
    with pytest.raises(ToolFailure, match=problem):
        call(mortgage.TOOL, rate_percent=5, **arguments)


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        (
            "mortgage of $250k at 5.5% over 25 years",
            {"amount": 250_000, "rate_percent": 5.5, "years": 25},
        ),
        (
            "house for 350,000, 20% down, 6% for 30 years",
            {"amount": 350_000, "rate_percent": 6, "years": 30, "down_payment": 70_000},
        ),
        ("mortgage 200000 6% 30 years and 500 of fees", {}),
    ],
)
def test_the_parts_of_a_loan_are_certain_where_no_figure_is_left_over(
    text: str, settled: dict[str, float]
) -> None:
    assert read(mortgage.TOOL, text) == settled


def test_a_cap_rate_is_net_operating_income_over_price() -> None:
    # (36,000 * 0.95 - 12,000) / 400,000 = 22,200 / 400,000
    result = call(
        cap_rate.TOOL,
        price=400_000,
        annual_rent=36_000,
        annual_costs=12_000,
        vacancy_percent=5,
    )
    assert result.statements == (
        "Cap rate 5.55%: net operating income 22,200 a year on a price of 400,000.",
        "Gross yield 9.00%: rent 36,000 a year.",
    )


def test_costs_above_the_rent_give_a_negative_cap_rate() -> None:
    result = call(cap_rate.TOOL, price=100_000, annual_rent=1_000, annual_costs=3_000)
    assert result.answer == "-2.00%"


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        (
            "cap rate price 300000 rent 1800 a month costs 6000",
            {"price": 300_000, "annual_rent": 21_600, "annual_costs": 6_000},
        ),
        ("yield 350k price 1,750 monthly rent", {"price": 350_000, "annual_rent": 21_000}),
        ("NOI 60000 and price 750000", {"price": 750_000, "annual_rent": 60_000}),
        ("price 300000 rent 1800 a month and 7 rooms", {}),
    ],
)
def test_a_rent_by_the_month_counts_twelve_times(text: str, settled: dict[str, float]) -> None:
    assert read(cap_rate.TOOL, text) == settled


def test_an_amenity_score_is_the_weighted_mean_of_its_kinds() -> None:
    # groceries (weight 3) near: 1; park (weight 2) at 1,400 m: (2,400 - 1,400) / 2,000 = 0.5
    result = call(amenity_score.TOOL, places="groceries 300 m, park 1.4 km")
    assert result.answer == "80"
    assert "ToolLama's own formula, from 2 of 8 kinds" in result.statements[0]
    assert "not told: transit" in result.statements[1]


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("school 0.5 miles", {"school": Fraction("804.672")}),
        ("300 m to the nearest park", {"park": Fraction(300)}),
        ("supermarket at 1,200 m", {"groceries": Fraction(1200)}),
        ("park 900 m, playground 200 m", {"park": Fraction(200)}),
        ("1000 ft from a library", {"library": Fraction("304.8")}),
        ("a lovely view 300 m up", {}),
    ],
)
def test_distances_are_read_on_either_side_of_their_place(
    text: str, metres: dict[str, Fraction]
) -> None:
    assert read_distances(text) == metres


@given(st.dictionaries(st.sampled_from(["park", "school", "transit"]), st.fractions(0, 5000)))
@settings(max_examples=60)
def test_a_score_lies_between_0_and_100(distances: dict[str, Fraction]) -> None:
    if distances:
        assert 0 <= score(distances).score <= 100


def test_without_a_distance_there_is_no_score() -> None:
    with pytest.raises(ToolFailure, match="no distance"):
        call(amenity_score.TOOL, places="a nice park")


def test_data_quality_weighs_completeness_60_and_freshness_40() -> None:
    # 8 of 10; today gives 1, one year of two gives 0.5: 100 * (0.6 * 0.8 + 0.4 * 0.75)
    found = quality(8, 10, dates=[TODAY, date(2025, 6, 1)], today=TODAY)
    assert found.score == 78


def test_data_without_dates_is_judged_by_completeness_alone() -> None:
    result = call(data_quality.TOOL, filled=3, requested=4)
    assert result.answer == "75"
    assert "freshness unknown" in result.statements[0]


def test_more_sections_than_asked_for_are_refused() -> None:
    with pytest.raises(ToolFailure, match="cannot be filled"):
        call(data_quality.TOOL, filled=5, requested=4)


def test_a_date_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ToolFailure, match="2026-02-30"):
        call(data_quality.TOOL, filled=1, requested=1, source_dates="2026-02-30")


def test_a_share_and_dates_are_read() -> None:
    assert read(data_quality.TOOL, "quality of 8 out of 10 sections from 2026-05-01") == {
        "filled": 8,
        "requested": 10,
        "source_dates": "2026-05-01",
    }


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.spec.name)
def test_a_property_tool_has_twenty_sample_requests(tool: AnyTool) -> None:
    assert len(set(tool.spec.utterances)) >= 20
    assert "belter.property" in tool.spec.packs


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.spec.name)
@pytest.mark.parametrize("text", ["", "hello", "1e999", "%%% $ , .", "9" * 400])
def test_a_parser_reads_any_words(tool: AnyTool, text: str) -> None:
    tool.propose(text, CONTEXT)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("$1,250.50", "1250.50"),
        ("250k euros", "250000 euros"),
        ("£1.2m", "1200000"),
        ("two hundred thousand dollars", "200000"),
        ("5 km", "5 km"),
    ],
)
def test_amounts_become_bare_digits(text: str, plain: str) -> None:
    assert with_plain_amounts(text) == plain


def test_money_and_shares_are_rounded_half_up() -> None:
    assert (money(Fraction("0.005")), money(Fraction("-1.5"))) == ("0.01", "-1.50")
    assert percent(Fraction("0.00125")) == "0.13%"
