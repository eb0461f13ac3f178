"""Calendar arithmetic relative to a fixed clock: Sunday, 22 November 2026, Berlin."""

from datetime import UTC, date, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.clock import FixedClock
from toollama.tools.base import HttpDoor, ToolContext, ToolFailure
from toollama.tools.builtin.date_math import TOOL
from toollama.tools.calendar.calendar_spans import add_months, count_working_days, months_and_days
from toollama.tools.calendar.date_words import resolve
from toollama.tools.run import run

CONTEXT = ToolContext(
    clock=FixedClock(datetime(2026, 11, 22, 14, 42, tzinfo=UTC)),
    http=cast("HttpDoor", object()),
    timezone="Europe/Berlin",
)
TODAY = date(2026, 11, 22)
DATES = st.dates(min_value=date(1600, 1, 1), max_value=date(2400, 1, 1))


@pytest.mark.parametrize(
    ("asked", "stated"),
    [
        ("What weekday was 20 July 1969?", "20 July 1969 was a Sunday."),
        ("what day of the week will 1 January 2030 be", "1 January 2030 will be a Tuesday."),
        (
            "how many days between 1 March 2024 and 15 April 2025",
            "From 1 March 2024 to 15 April 2025 it is 410 days.",
        ),
        (
            "how many weeks between 1 March 2024 and 15 April 2025",
            "From 1 March 2024 to 15 April 2025 it is 58 weeks and 4 days.",
        ),
        (
            "what date is 90 days after 2024-02-29",
            "90 days after 29 February 2024 is Wednesday, 29 May 2024.",
        ),
        ("3 weeks ago", "3 weeks before 22 November 2026 is Sunday, 1 November 2026."),
        (
            "days until Christmas",
            "It is 33 days from today, 22 November 2026, until Friday, 25 December 2026.",
        ),
        (
            "how old is someone born 4 May 1990",
            "Someone born on 4 May 1990 is 36 years old today, 22 November 2026.",
        ),
        ("what day is it today", "22 November 2026 is a Sunday."),
        ("is 2100 a leap year", "2100 is not a leap year: February has 28 days."),
        (
            "how many weeks until 1 June",
            "It is 27 weeks and 2 days from today, 22 November 2026, until Tuesday, 1 June 2027.",
        ),
        ("next friday", "The date will be Friday, 27 November 2026."),
        (
            "31 Jan 2025 + 1 month",
            (
                "1 month after 31 January 2025 is Friday, 28 February 2025 "
                "(the last day of that month)."
            ),
        ),
        ("what week number is it", "22 November 2026 is in ISO week 47 of 2026."),
        ("day of the year for 4 July 2026", "4 July 2026 was day 185 of the 365 days of 2026."),
        (
            "working days from 2026-03-01 to 2026-03-31",
            "From 1 March 2026 to 31 March 2026 it is 21 working days (Monday to Friday).",
        ),
        (
            "subtract 10 days from 2024-03-01",
            "10 days before 1 March 2024 is Tuesday, 20 February 2024.",
        ),
    ],
)
async def test_a_plain_question_is_answered(asked: str, stated: str) -> None:
    proposal = TOOL.propose(asked, CONTEXT)
    assert all(candidates[0].certain for candidates in proposal.values())
    arguments = {name: candidates[0].value for name, candidates in proposal.items()}
    assert (await run(TOOL, arguments, CONTEXT)).statements[0] == stated


@pytest.mark.parametrize("text", ["What is 15% of 240?", "what time is it in Tokyo", ""])
def test_other_questions_are_not_proposed(text: str) -> None:
    assert TOOL.propose(text, CONTEXT) == {}


@pytest.mark.parametrize("text", ["when is Easter Sunday", "date of the battle of Hastings"])
def test_a_question_with_unknown_words_is_not_certain(text: str) -> None:
    proposal = TOOL.propose(text, CONTEXT)
    assert not any(candidates[0].certain for candidates in proposal.values())


async def test_an_ambiguous_date_says_how_it_was_read() -> None:
    result = await run(TOOL, {"operation": "weekday", "date": "03/04/2025"}, CONTEXT)
    assert result.statements == (
        "3 April 2025 was a Thursday.",
        "03/04/2025 is read day first, as 3 April 2025.",
    )


async def test_today_is_the_users_own_day() -> None:
    late = ToolContext(
        clock=FixedClock(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)),
        http=cast("HttpDoor", object()),
        timezone="Asia/Tokyo",
    )
    result = await run(TOOL, {"operation": "date"}, late)
    assert result.statements == ("The date is Monday, 23 November 2026.",)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"operation": "weekday", "date": "29 Feb 2023"}, "not a day of the calendar"),
        ({"operation": "weekday", "date": "0000-01-01"}, "not a day of the calendar"),
        ({"operation": "weekday", "date": "42"}, "not a date"),
        ({"operation": "age", "date": "4 May 2050"}, "still to come"),
        ({"operation": "add", "amount": 999999, "unit": "years"}, "years 1 to 9999"),
        ({"operation": "add", "amount": 3, "unit": "working_days"}, "counted here"),
    ],
)
async def test_what_is_no_date_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ToolFailure, match=said) as failure:
        await run(TOOL, arguments, CONTEXT)
    assert failure.value.kind == "invalid_input"


async def test_someone_born_on_29_february_ages_on_1_march() -> None:
    eve = ToolContext(
        clock=FixedClock(datetime(2025, 2, 28, 12, tzinfo=UTC)), http=cast("HttpDoor", object())
    )
    result = await run(TOOL, {"operation": "age", "date": "29 February 2004"}, eve)
    assert "is 20 years old" in result.statements[0]


def test_last_friday_is_before_today() -> None:
    assert resolve("last friday", today=TODAY) == (date(2026, 11, 20), "")


def test_a_holiday_that_has_passed_is_next_years() -> None:
    assert resolve("halloween", today=TODAY)[0] == date(2027, 10, 31)


@given(day=DATES)
def test_a_written_iso_date_is_read_as_written(day: date) -> None:
    assert resolve(day.isoformat(), today=TODAY) == (day, "")


@given(start=DATES, months=st.integers(-1200, 1200))
def test_adding_months_stays_in_the_wanted_month(start: date, months: int) -> None:
    found = add_months(start, months)
    assert found.year * 12 + found.month == start.year * 12 + start.month + months
    assert found.day <= start.day


@given(first=DATES, second=DATES)
def test_months_and_days_add_up_to_the_end(first: date, second: date) -> None:
    start, end = sorted((first, second))
    months, days = months_and_days(start, end)
    assert add_months(start, months).toordinal() + days == end.toordinal()
    assert 0 <= days <= 31


@given(start=DATES, days=st.integers(0, 60))
def test_working_days_are_the_days_that_are_not_weekend(start: date, days: int) -> None:
    end = date.fromordinal(start.toordinal() + days)
    between = map(date.fromordinal, range(start.toordinal(), end.toordinal()))
    assert count_working_days(start, end) == sum(day.weekday() < 5 for day in between)


@given(text=st.text(max_size=60))
def test_any_text_can_be_searched_for_a_date_question(text: str) -> None:
    assert all(TOOL.propose(text, CONTEXT).values())


async def test_every_utterance_is_understood() -> None:
    for utterance in TOOL.spec.utterances:
        proposal = TOOL.propose(utterance, CONTEXT)
        arguments = {name: candidates[0].value for name, candidates in proposal.items()}
        assert (await run(TOOL, arguments, CONTEXT)).statements


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({"operation": "weekday", "date": "20 July 1969"}, "Sunday"),
        ({"operation": "date", "date": "tomorrow"}, "2026-11-23"),
        ({"operation": "add", "date": "2025-03-01", "amount": 45}, "2025-04-15"),
        (
            {"operation": "difference", "date": "2025-03-01", "other_date": "2025-04-15"},
            "45 days",
        ),
        ({"operation": "until", "date": "2026-11-30", "unit": "working_days"}, "5 working days"),
        ({"operation": "age", "date": "4 May 1990"}, "36 years"),
        ({"operation": "leap_year", "date": "2100"}, "no"),
        ({"operation": "iso_week", "date": "today"}, "47"),
    ],
)
async def test_the_bare_answer_suits_the_question(arguments: dict[str, Any], answer: str) -> None:
    assert (await run(TOOL, arguments, CONTEXT)).answer == answer


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("when is christmas in 2030", "2030-12-25"),
        ("what date is halloween this year", "2026-10-31"),
        ("how far away is new year", "40 days"),
        ("weeks until my birthday on 9 september", "41 weeks and 4 days"),
        ("days left in this year", "39 days"),
        ("the deadline is in 6 weeks, which date is that", "2027-01-03"),
        ("when will it be 1000 days since 2 february 2025", "2027-10-30"),
        ("is 2028-05-01 on a weekend", "Monday"),
    ],
)
async def test_questions_of_everyday_life_are_answered(words: str, answer: str) -> None:
    proposal = TOOL.propose(words, CONTEXT)
    arguments = {name: candidates[0].value for name, candidates in proposal.items()}
    assert (await run(TOOL, arguments, CONTEXT)).answer == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("how many days are between 3 October and 1 December 2026", "59 days"),
        ("how many days from 20 December to 5 January 2027", "16 days"),
        ("how many days from 20 December 2026 to 5 January", "16 days"),
    ],
)
async def test_a_date_without_a_year_stands_beside_the_one_with_it(text: str, answer: str) -> None:
    proposal = TOOL.propose(text, CONTEXT)
    arguments = {name: found[0].value for name, found in proposal.items()}
    assert (await run(TOOL, arguments, CONTEXT)).answer == answer
