"""The tool `date_math`: weekdays, differences, dates before and after, ages, week numbers.

Owns the answers to calendar questions, relative to the clock and the user's zone. Hours and time
zones belong to `time_zone`.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

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
from toollama.tools.calendar.calendar_names import spoken, spoken_with_weekday, weekday
from toollama.tools.calendar.calendar_spans import SpanUnit, length, shift
from toollama.tools.calendar.date_questions import Operation, read_question
from toollama.tools.calendar.date_words import resolve, resolve_pair
from toollama.tools.language.words import counted
from toollama.tools.refusal import refusal


class DateMathArguments(Arguments):
    """Which calendar question, about which dates."""

    operation: Operation = Field(
        description=(
            "date: which date the words mean; weekday; difference: from date to other_date; add or "
            "subtract: amount units; until: days left; age: since birth; iso_week; day_of_year; "
            "leap_year"
        )
    )
    date: str = Field(
        default="today",
        max_length=40,
        description="Such as 2024-02-29, 20 July 1969, next friday, christmas; 2100 for leap_year",
    )
    other_date: str = Field(
        default="today", max_length=40, description="The second date of a difference"
    )
    amount: int = Field(default=0, ge=0, le=1_000_000, description="How many units to add or take")
    unit: SpanUnit = Field(
        default="days", description="What to count in; working days are Mon to Fri"
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """The dates a question is about, resolved."""

    today: date
    start: date
    end: date
    notes: tuple[str, ...] = ()


class DateMath(Tool[DateMathArguments, Outcome]):
    """Answers one calendar question."""

    spec = ToolSpec(
        name="date_math",
        summary="Answers calendar questions: weekdays, days between or until, ages, date sums.",
        utterances=(
            "What weekday was 20 July 1969?",
            "how many days between 1 March 2024 and 15 April 2025",
            "what date is 90 days after 2024-02-29",
            "3 weeks ago",
            "days until Christmas",
            "how old is someone born 4 May 1990",
            "what day is it today",
            "is 2100 a leap year",
            "how many weeks until 1 June",
            "next friday",
            "31 Jan 2025 + 1 month",
            "whats the date tomorrow",
            "what week number is it",
            "day of the year for 4 July 2026",
            "was 9 November 1989 a thursday?",
            "how long since 1 May 2020",
            "working days from 2026-03-01 to 2026-03-31",
            "what will be the date in 45 days",
            "subtract 10 days from 2024-03-01",
            "how many months between 2020-01-15 and 2026-09-01",
            "which weekday is 31 may 2027",
            "when is christmas in 2030",
            "what date is halloween this year",
            "how far away is new year",
            "how old am i if i was born on 6 may 2003",
            "weeks from now until my birthday on 9 september",
            "date 10 days before 1 june",
            "which day does 15 june fall on",
            "how many days from 1 february 2028 to 1 march 2028",
            "days left in this year",
            "today's date please",
            "what was the date a fortnight ago",
            "if i was born on 3 march 1975 what's my age",
            "when will it be 1000 days since 2 february 2025",
            "duration from 5 may to 9 june in days",
            "how many years since 9 november 1989",
            "what day is tommorow",
            "deadline is in 6 weeks, which date is that",
            "what is 1 month after 31 january 2027",
            "is 2028-05-01 on a weekend",
            "how long between 3 june and 9 august",
            "when does a warranty of 24 months from 3 May 2025 end",
            "last day to cancel 90 days before 1 september",
            "how many weeks are left this year",
        ),
        parameters=DateMathArguments,
        packs=("drummer.analysis", "belter.knowledge"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the question the words ask; certain where it uses every number in them."""
        reading = read_question(text)
        if not reading.values:
            dates = [Candidate(words, "words") for words in reading.dates]
            return {"date": dates} if dates else {}
        return {
            name: [Candidate(value, "words", certain=reading.certain)]
            for name, value in reading.values.items()
        }

    async def execute(self, args: DateMathArguments, context: ToolContext) -> Outcome:
        """Resolve the dates and do the sum."""
        today = context.clock.now().astimezone(ZoneInfo(context.timezone)).date()
        year_only = args.operation == "leap_year" and re.fullmatch(r"\d{4}", args.date)
        first = f"{args.date}-01-01" if year_only else args.date
        if args.operation == "difference":
            (start, note), (end, other_note) = resolve_pair(first, args.other_date, today=today)
        else:
            start, note = resolve(first, today=today)
            end, other_note = resolve(args.other_date, today=today)
        if args.operation == "age" and start > today:
            raise refusal(f"{spoken(start)} is still to come", fix="give the year of birth")
        if args.operation in {"add", "subtract"}:
            end = shift(start, args.amount * (1 if args.operation == "add" else -1), args.unit)
        return Outcome(today, start, end, tuple(filter(None, (note, other_note))))

    def format(self, args: DateMathArguments, raw: Outcome, context: ToolContext) -> ToolResult:
        """State the answer first, then how words that have a choice were read."""
        answer, statement = _stated(args, raw)
        return ToolResult(
            statements=(statement, *raw.notes),
            answer=answer,
            data={
                "date": raw.start.isoformat(),
                "other_date": raw.end.isoformat(),
                "days": (raw.end - raw.start).days,
            },
            sources=(Source(self.spec.name, self.spec.name),),
        )


def _stated(args: DateMathArguments, found: Outcome) -> tuple[str, str]:
    """Return the bare answer and the sentence that states it."""
    match args.operation:
        case "add" | "subtract":
            return found.end.isoformat(), _shifted(args, found)
        case "difference" | "until" | "age":
            return _distance(args, found)
    return _fact(args.operation, found)


def _shifted(args: DateMathArguments, found: Outcome) -> str:
    span = counted(args.amount, args.unit.removesuffix("s").replace("_", " "))
    side = "after" if args.operation == "add" else "before"
    clamped = args.unit in {"months", "years"} and found.end.day != found.start.day
    answer = f"{span} {side} {spoken(found.start)} is {spoken_with_weekday(found.end)}"
    return f"{answer} (the last day of that month)." if clamped else f"{answer}."


def _distance(args: DateMathArguments, found: Outcome) -> tuple[str, str]:
    start, today = found.start, found.today
    counting = " (Monday to Friday)" if args.unit == "working_days" else ""
    if args.operation == "age":
        years = today.year - start.year - (today.timetuple()[1:3] < start.timetuple()[1:3])
        age = counted(years, "year")
        return age, f"Someone born on {spoken(start)} is {age} old today, {spoken(today)}."
    if args.operation == "difference":
        first, last = sorted((start, found.end))
        span = length(first, last, args.unit)
        return span, f"From {spoken(first)} to {spoken(last)} it is {span}{counting}."
    first, last = sorted((start, today))
    span = length(first, last, args.unit)
    if start < today:
        return span, f"{spoken(start)} was {span}{counting} ago."
    return span, (
        f"It is {span}{counting} from today, {spoken(today)}, until {spoken_with_weekday(start)}."
    )


def _fact(operation: Operation, found: Outcome) -> tuple[str, str]:
    """Return what is asked of one day."""
    day, today = found.start, found.today
    verb = "was" if day < today else "is" if day == today else "will be"
    match operation:
        case "iso_week":
            year, week, _ = day.isocalendar()
            return str(week), f"{spoken(day)} {verb} in ISO week {week} of {year}."
        case "day_of_year":
            number, days = day.timetuple().tm_yday, 365 + calendar.isleap(day.year)
            statement = f"{spoken(day)} {verb} day {number} of the {days} days of {day.year}."
            return str(number), statement
        case "leap_year":
            leap = calendar.isleap(day.year)
            verdict = f"{day.year} is {'a' if leap else 'not a'} leap year"
            return "yes" if leap else "no", f"{verdict}: February has {28 + leap} days."
        case "weekday":
            return weekday(day), f"{spoken(day)} {verb} a {weekday(day)}."
    return day.isoformat(), f"The date {verb} {spoken_with_weekday(day)}."


TOOL = DateMath()
