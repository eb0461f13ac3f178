"""Clock times around the world, relative to 14:42 UTC on Sunday, 22 November 2026."""

from datetime import UTC, date, datetime, time
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.clock import FixedClock
from toollama.tools.base import HttpDoor, ToolContext, ToolFailure
from toollama.tools.builtin.time_zone import TOOL
from toollama.tools.calendar.clock_times import moment_at, parse_time
from toollama.tools.calendar.zone_names import find_place
from toollama.tools.run import run

CONTEXT = ToolContext(
    clock=FixedClock(datetime(2026, 11, 22, 14, 42, tzinfo=UTC)),
    http=cast("HttpDoor", object()),
    timezone="Europe/Berlin",
)


async def answers(text: str) -> tuple[str, ...]:
    proposal = TOOL.propose(text, CONTEXT)
    assert all(candidates[0].certain for candidates in proposal.values())
    arguments = {name: candidates[0].value for name, candidates in proposal.items()}
    return (await run(TOOL, arguments, CONTEXT)).statements


async def test_the_time_in_a_city_names_zone_and_offset() -> None:
    assert await answers("what time is it in Tokyo") == (
        "It is 23:42 on Sunday, 22 November 2026 in Tokyo (Asia/Tokyo, UTC+09:00).",
    )


async def test_without_a_place_it_is_the_users_own_zone() -> None:
    assert await answers("what time is it") == (
        "It is 15:42 on Sunday, 22 November 2026 in Europe/Berlin (UTC+01:00).",
    )


async def test_a_time_is_carried_from_the_place_beside_it() -> None:
    (statement,) = await answers("3pm London in New York")
    assert statement == (
        "15:00 on Sunday, 22 November 2026 in London (Europe/London, UTC+00:00) is 10:00 on "
        "Sunday, 22 November 2026 in New York (America/New_York, UTC-05:00)."
    )


async def test_a_given_day_decides_the_offset_and_the_day_may_change() -> None:
    (statement,) = await answers("convert 14:30 UTC to Sydney on 2026-07-01")
    assert statement == (
        "14:30 on Wednesday, 1 July 2026 in UTC (UTC+00:00) is 00:30 on Thursday, 2 July 2026 "
        "in Sydney (Australia/Sydney, UTC+10:00)."
    )


async def test_the_place_may_come_after_when() -> None:
    (statement,) = await answers("what time is it in Tokyo when it is 9am in Paris")
    assert statement.startswith("09:00 on Sunday, 22 November 2026 in Paris")
    assert "is 17:00 on Sunday" in statement


async def test_a_difference_has_half_hours() -> None:
    (statement,) = await answers("time difference between Berlin and Mumbai")
    assert statement.startswith("Mumbai (Asia/Kolkata, UTC+05:30) is 4 hours 30 minutes ahead of")


async def test_an_ambiguous_abbreviation_says_how_it_was_read() -> None:
    assert "CST is read as US Central time." in await answers("8am CST in Beijing")


async def test_an_unknown_place_fails_with_the_nearest_names() -> None:
    with pytest.raises(ToolFailure, match="Atlantis") as failure:
        await answers("what time is it in Atlantis")
    assert failure.value.kind == "not_found"
    assert "atlanta" in failure.value.fix


@pytest.mark.parametrize(
    "text", ["what is the best time to visit Tokyo", "3pm in London", "tell us the time in Paris"]
)
def test_a_sentence_that_says_more_is_not_certain(text: str) -> None:
    proposal = TOOL.propose(text, CONTEXT)
    assert not any(candidates[0].certain for candidates in proposal.values())


@pytest.mark.parametrize(
    "text", ["How many miles is 42 km?", "What is 15% of 240?", "when does the shop open", ""]
)
def test_other_questions_are_not_proposed(text: str) -> None:
    assert TOOL.propose(text, CONTEXT) == {}


def test_a_short_word_is_not_a_place_by_accident() -> None:
    proposal = TOOL.propose("tell us the time in Paris", CONTEXT)
    assert [candidate.value for candidate in proposal["place"]] == ["Paris"]


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("São Paulo", "America/Sao_Paulo"),
        ("kuala lumpur", "Asia/Kuala_Lumpur"),
        ("san francisco", "America/Los_Angeles"),
        ("europe/berlin", "Europe/Berlin"),
        ("Tokyo time", "Asia/Tokyo"),
        ("gmt", "UTC"),
        ("UTC+5:30", "UTC+05:30"),
    ],
)
def test_a_place_is_found_by_the_names_people_use(name: str, zone: str) -> None:
    assert find_place(name).zone == zone


def test_a_time_that_clocks_skip_is_moved_and_said() -> None:
    moment, note = moment_at(date(2026, 3, 29), time(2, 30), ZoneInfo("Europe/Berlin"))
    assert moment.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert note == "Clocks there skip 02:30 that day; 03:30 is taken."


def test_a_time_that_clocks_show_twice_is_the_first_and_said() -> None:
    moment, note = moment_at(date(2026, 10, 25), time(2, 30), ZoneInfo("Europe/Berlin"))
    assert moment.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "twice" in note


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3pm", time(15)),
        ("12am", time(0)),
        ("12:30 p.m.", time(12, 30)),
        ("14:05", time(14, 5)),
        ("noon", time(12)),
        ("5 o'clock", time(5)),
    ],
)
def test_a_clock_time_is_read(text: str, expected: time) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize("text", ["25:00", "13pm", "0am", "12:60", "soon"])
def test_what_is_no_clock_time_is_refused(text: str) -> None:
    with pytest.raises(ToolFailure, match="not a clock time"):
        parse_time(text)


@given(text=st.text(max_size=60))
def test_any_text_can_be_searched_for_places(text: str) -> None:
    assert all(TOOL.propose(text, CONTEXT).values())


async def test_every_utterance_is_understood() -> None:
    for utterance in TOOL.spec.utterances:
        proposal = TOOL.propose(utterance, CONTEXT)
        arguments = {name: candidates[0].value for name, candidates in proposal.items()}
        assert (await run(TOOL, arguments, CONTEXT)).statements


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({"place": "Tokyo"}, "23:42"),
        ({"place": "New York", "from_place": "London", "time": "3pm"}, "10:00"),
        ({"place": "Mumbai", "from_place": "Berlin"}, "4 hours 30 minutes"),
    ],
)
async def test_the_bare_answer_is_the_time_or_the_difference(
    arguments: dict[str, str], answer: str
) -> None:
    assert (await run(TOOL, arguments, CONTEXT)).answer == answer


def test_every_zone_that_a_machine_may_be_set_to_is_known() -> None:
    zones = [zone for zone in available_timezones() if "/" in zone]
    assert [zone for zone in zones if find_place(zone).tz != ZoneInfo(zone)] == []


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        ("how many hours is it from 9:40 to 17:15?", True),
        ("if it is 3pm in London what time is it in New York", False),
        ("what time is it in Lima", False),
    ],
)
def test_the_time_between_two_clock_times_is_no_question_of_zones(text: str, objects: bool) -> None:
    assert bool(TOOL.objection(text, CONTEXT)) is objects
