from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.tools.foreign.dates import format_of, hours, moments


@pytest.mark.parametrize(
    ("description", "form"),
    [
        ("The day, in the format YYYY-MM-DD.", "%Y-%m-%d"),
        ("The day, in the format 'DD/MM/YYYY'.", "%d/%m/%Y"),
        ("When, as 'YYYY-MM-DD HH:mm:ss', such as …", "%Y-%m-%d %H:%M:%S"),
        ("When, in the format of DD/MM/YYYY HH:MM.", "%d/%m/%Y %H:%M"),
        ("ISO-8601 format (e.g., 'YYYY-MM-DDTHH:MM:SS')", "%Y-%m-%dT%H:%M:%S"),
        ("The date and time in ISO 8601.", "%Y-%m-%dT%H:%M:%S"),
        ("When it begins, in the format HH:MM.", "%H:%M"),
        ("The name of the day.", None),
    ],
)
def test_the_format_is_read_from_the_description(description: str, form: str | None) -> None:
    assert format_of(description) == form


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("on April 11th, 2023", datetime(2023, 4, 11)),
        ("on the 2nd of march 2023", datetime(2023, 3, 2)),
        ("since July 2022", datetime(2022, 7, 1)),
        ("on 12/03/2024", datetime(2024, 3, 12)),
        ("on 2024/02/21 at 4pm", datetime(2024, 2, 21, 16)),
        ("20 June 2022 at 5 in the afternoon", datetime(2022, 6, 20, 17)),
        ("available tomorrow, today is 20230929", datetime(2023, 9, 30)),
        ("on Wednesday, today is Monday 2024-04-22", datetime(2024, 4, 24)),
    ],
)
def test_a_written_day_is_read(text: str, moment: datetime) -> None:
    assert moments(text) == [moment]


def test_one_year_serves_both_ends_of_a_span() -> None:
    ends = moments("from April 3rd to April 5th 2023")
    assert ends == [datetime(2023, 4, 3), datetime(2023, 4, 5)]


def test_one_day_with_two_hours_is_two_moments() -> None:
    assert [one.hour for one in moments("12/03/2024 16:00 - 18:00")] == [16, 18]
    assert len(hours("between 9 am and 17:30")) == 2


@pytest.mark.parametrize("text", ["on Friday", "tomorrow", "on 31/02/2024", "in May"])
def test_a_day_that_needs_a_clock_or_does_not_exist_is_left_to_others(text: str) -> None:
    assert moments(text) == []


@settings(max_examples=60)
@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_back_however_it_is_written(day: date) -> None:
    for written in (day.isoformat(), f"{day:%d %B %Y}", f"{day:%B} {day.day}, {day.year}"):
        assert moments(f"from {written} on")[0].date() == day
