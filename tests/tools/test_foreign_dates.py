from datetime import date

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
        ("on April 11th, 2023", "2023-04-11 00:00"),
        ("on the 2nd of march 2023", "2023-03-02 00:00"),
        ("since July 2022", "2022-07-01 00:00"),
        ("on 12/03/2024", "2024-03-12 00:00"),
        ("on 2024/02/21 at 4pm", "2024-02-21 16:00"),
        ("20 June 2022 at 5 in the afternoon", "2022-06-20 17:00"),
        ("available tomorrow, today is 20230929", "2023-09-30 00:00"),
        ("on Wednesday, today is Monday 2024-04-22", "2024-04-24 00:00"),
    ],
)
def test_a_written_day_is_read(text: str, moment: str) -> None:
    assert [f"{one:%Y-%m-%d %H:%M}" for one in moments(text)] == [moment]


def test_one_year_serves_both_ends_of_a_span() -> None:
    ends = [one.day for one in moments("from April 3rd to April 5th 2023")]
    assert ends == [3, 5]


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
