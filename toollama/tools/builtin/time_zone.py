"""The tool `time_zone`: now in a place, a time carried over, the difference of two places.

Owns the answers; zones by name are `tools.zone_names`'. Calendar sums belong to `date_math`.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import Field

from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.calendar.calendar_names import spoken_with_weekday
from toollama.tools.calendar.clock_times import CLOCK_TIME, moment_at, parse_time
from toollama.tools.calendar.time_questions import read_question
from toollama.tools.calendar.zone_names import Place, find_place
from toollama.tools.language.words import counted
from toollama.tools.numbers.number_words import with_digits


class TimeZoneArguments(Arguments):
    """Where the time is wanted, and which time it is where."""

    place: str = Field(
        default="",
        max_length=60,
        description="Where the time is wanted: a city, country, zone such as Europe/Berlin or EST, "
        "UTC+2; empty means the user's own zone",
    )
    from_place: str = Field(
        default="",
        max_length=60,
        description="Where `time` is given, or the other place of a time difference",
    )
    time: str = Field(
        default="", max_length=20, description="A clock time to convert, such as 14:30 or 3pm"
    )
    day: date | None = Field(
        default=None, description="The day in from_place as YYYY-MM-DD; left out means today"
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """One moment in the place asked for and in the other one."""

    kind: Literal["now", "converted", "difference"]
    place: Place
    other: Place
    moment: datetime
    note: str = ""


class TimeZone(Tool[TimeZoneArguments, Reading]):
    """Answers one question about clock times."""

    spec = ToolSpec(
        name="time_zone",
        summary="Tells the time in a city or zone, converts times and compares time zones.",
        utterances=(
            "what time is it in Tokyo",
            "3pm London in New York",
            "convert 14:30 UTC to Sydney on 2026-07-01",
            "time difference between Berlin and Mumbai",
            "current time in new york",
            "whats the time in india rn",
            "what time is it",
            "is it too late to phone grandma in Canada, is it night there",
            "is it already late in Wellington",
            "when it's 9am in Paris what time is it in Los Angeles",
            "how far ahead is Singapore of London",
            "10:00 EST in CET",
            "time in sao paulo?",
            "is it morning in Melbourne now",
            "what is 5pm PST in my time",
            "convert noon Chicago time to Dubai",
            "local time Nairobi",
            "how many hours between Toronto and Madrid",
            "clock in hong kong",
            "9 am UTC+2 to tokyo",
            "tiem in lisbon",
            "what time zone is Denver in",
            "midnight in Rome is what time in Seoul",
            "what's the clock say in Lima",
            "oslo time now",
            "is it night in Auckland",
            "can I ring someone in Boston now or is it too late there",
            "8pm Berlin for a colleague in Denver",
            "utc time now",
            "timezone of Jakarta",
            "what time do people in Hawaii have",
            "when it's noon here what time is it in Perth",
            "time diff paris moscow",
            "how many hours behind us is Mexico City",
            "6:30 GMT to eastern time",
            "is london on summer time",
            "meeting at 4pm CET, when is that in India",
            "what hour is it over in Bangkok",
            "are they awake in Manila right now",
            "does Spain have the same time as Portugal",
            "gmt offset of Brasilia",
            "convert 08:00 pacific to tokyo time",
            "whats the curent time in Vienna",
            "what would the clock show in Dubai when it is 5pm in Lisbon",
            "are my parents in Hamburg still awake, what time is it for them",
        ),
        parameters=TimeZoneArguments,
        packs=("drummer.analysis", "belter.knowledge", "belter.research"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the places and the time in the words, in the direction the words give."""
        text = with_digits(text)
        reading = read_question(text, home_zone=context.timezone)
        if reading is None:
            return {}
        return {
            name: [
                Candidate(value, "words" if value in text else "context", certain=reading.certain)
            ]
            for name, value in reading.values.items()
        }

    def objection(self, text: str, context: ToolContext) -> str:
        """Return that the time between two clock times is asked for: no question of zones."""
        times = set(re.findall(CLOCK_TIME, with_digits(text), re.IGNORECASE))
        reading = read_question(with_digits(text), home_zone=context.timezone)
        if len(times) < 2 or (reading and reading.certain):
            return ""
        return "the words name two clock times, and no tool here counts the time between them"

    async def execute(self, args: TimeZoneArguments, context: ToolContext) -> Reading:
        """Find the places and the moment."""
        place = find_place(args.place or context.timezone)
        other = find_place(args.from_place or context.timezone)
        now = context.clock.now()
        if not args.time and not args.from_place:
            return Reading("now", place, other, now)
        day = args.day or now.astimezone(other.tz).date()
        moment, note = moment_at(day, parse_time(args.time or "noon"), other.tz)
        return Reading("converted" if args.time else "difference", place, other, moment, note)

    def format(self, args: TimeZoneArguments, raw: Reading, context: ToolContext) -> ToolResult:
        """State the time or the difference, then how ambiguous names were read."""
        there, here = raw.moment.astimezone(raw.place.tz), raw.moment.astimezone(raw.other.tz)
        readings = {
            f"{place.label} is read as {place.read_as}."
            for place in (raw.place, raw.other)
            if place.read_as
        }
        answer, statement = _stated(raw, there, here)
        return ToolResult(
            statements=(statement, *sorted(readings), *filter(None, [raw.note])),
            answer=answer,
            data={
                "place": raw.place.zone,
                "time": there.isoformat(timespec="minutes"),
                "from_place": raw.other.zone,
                "from_time": here.isoformat(timespec="minutes"),
            },
            sources=(Source(self.spec.name, self.spec.name),),
        )


def _stated(raw: Reading, there: datetime, here: datetime) -> tuple[str, str]:
    """Return the bare answer and the sentence that states it."""
    place, other = raw.place.described(raw.moment), raw.other.described(raw.moment)
    if raw.kind == "now":
        return f"{there:%H:%M}", f"It is {_shown(there)} in {place}."
    if raw.kind == "converted":
        return f"{there:%H:%M}", f"{_shown(here)} in {other} is {_shown(there)} in {place}."
    ahead = (there.utcoffset() or timedelta()) - (here.utcoffset() or timedelta())
    day = spoken_with_weekday(here)
    hours, minutes = divmod(int(abs(ahead).total_seconds()) // 60, 60)
    length = counted(hours, "hour") + (f" {minutes} minutes" if minutes else "")
    if not ahead:
        return length, f"{place} and {other} have the same time on {day}."
    side = "ahead of" if ahead > timedelta() else "behind"
    return length, f"{place} is {length} {side} {other} on {day}."


def _shown(moment: datetime) -> str:
    return f"{moment:%H:%M} on {spoken_with_weekday(moment)}"


TOOL = TimeZone()
