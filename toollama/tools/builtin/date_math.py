"""Calendar arithmetic: weekdays, differences, dates before and after, ages, week numbers.

Owns what date words mean, relative to the clock and the user's zone. The arithmetic is that of
`datetime` (proleptic Gregorian calendar, years 1 to 9999); dateparser reads written dates only and
never guesses one from a bare number. Hours and time zones belong to `time_zone`.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from toollama.text import one_line
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.words import counted, listed, with_digits

Operation = Literal[
    "date",
    "weekday",
    "difference",
    "add",
    "subtract",
    "until",
    "age",
    "iso_week",
    "day_of_year",
    "leap_year",
]
Unit = Literal["days", "weeks", "months", "years", "working_days"]

_WEEKDAYS = tuple(calendar.day_name)
_NEAR_DAYS = ("day before yesterday", "yesterday", "today", "tomorrow", "day after tomorrow")
_HOLIDAYS = {
    "christmas eve": (12, 24),
    "christmas": (12, 25),
    "xmas": (12, 25),
    "new years eve": (12, 31),
    "new year": (1, 1),
    "valentine": (2, 14),
    "halloween": (10, 31),
}
_ASKING = frozenset(
    str.split(
        "what whats which when is was will would be it the a an of on day days date dates todays "
        "monday tuesday wednesday thursday friday saturday sunday "
        "weekday week weeks number iso calendar current year years leap how old age someone person "
        "born i am many much long until till til before to between and from after past since ago "
        "later hence add plus subtract take minus left months month sleeps working business in "
        "countdown for go there this are have has passed been please tell me fall falls now"
    )
)
"""Words that only ask; any other word may change what is asked."""

_APOSTROPHE = "['\N{RIGHT SINGLE QUOTATION MARK}]"
_MONTH = (
    rf"(?:{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in calendar.month_name[1:])}|sept)\b\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_WEEKDAY = rf"(?:(next|last|this) )?({'|'.join(_WEEKDAYS)})"
_HOLIDAY = rf"({'|'.join(_HOLIDAYS)})s?(?: day)?(?: ([1-9]\d{{3}}))?"
_WRITTEN = (
    rf"\d{{4}}-\d{{2}}-\d{{2}}|{_DAY}(?: of)? {_MONTH}(?:,? \d{{4}})?"
    rf"|{_MONTH} {_DAY}(?!\d)(?:,? \d{{4}})?|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}}"
)
_DATE = rf"\b(?:{_WRITTEN}|{'|'.join(_NEAR_DAYS)}|{_WEEKDAY}|{_HOLIDAY})\b"
_D = rf"(?:the )?(?P<date>{_DATE})"
_OTHER = rf"(?:the )?(?P<other_date>{_DATE})"
_UNIT = r"(?:working|business|week) ?days?|workdays?|days?|weeks?|months?|years?"
_SPAN = rf"(?P<amount>\d+|an?) (?P<unit>{_UNIT})"
_COUNT = rf"(?:how (?:many|long|much)|number of|count\w*|{_UNIT}|sleeps)\b.*?"

_RULES: tuple[tuple[Operation, str], ...] = (
    ("leap_year", r"\b(?P<date>\d{4})\b.*\bleap\b"),
    ("leap_year", r"\bleap year.*?\b(?P<date>\d{4})\b"),
    ("age", rf"(?:\bhow old|\bage\b).*?{_D}"),
    ("age", rf"\bborn\b.*?{_D}.*\b(?:how old|age)\b"),
    ("subtract", rf"{_SPAN} (?:before|prior to|earlier than) {_D}"),
    ("subtract", rf"(?:subtract|take) {_SPAN} (?:from|off) {_D}"),
    ("subtract", rf"{_D} ?(?:-|minus) ?{_SPAN}"),
    ("subtract", rf"{_SPAN} (?:ago|earlier)\b"),
    ("add", rf"{_SPAN} (?:after|from|past|following) {_D}"),
    ("add", rf"\badd {_SPAN} to {_D}"),
    ("add", rf"{_D} ?(?:\+|plus) ?{_SPAN}"),
    ("add", rf"{_SPAN} (?:later|hence|from now)\b"),
    ("add", rf"(?:\b(?:date|day|when)\b.*|^)\bin {_SPAN}"),
    ("day_of_year", rf"\bday (?:number )?of (?:the )?year\b(?:.*?{_D})?"),
    ("weekday", rf"\b(?:week ?day|day of the week)\b.*?{_D}"),
    ("difference", rf"(?:between|from) {_D} (?:and|to|until|till) {_OTHER}"),
    ("difference", rf"{_D} (?:to|until|till|-) {_OTHER}"),
    ("difference", rf"{_COUNT}\b(?:since|ago (?:was|is)) {_D}"),
    ("until", rf"{_COUNT}\b(?:until|till|til|before|to|left) (?:\w+ )?{_D}"),
    ("until", rf"\bcountdown (?:to|for) {_D}"),
    ("iso_week", rf"\b(?:(?:iso|calendar|which|what) week|week (?:number|no))\b(?:.*?{_D})?"),
    ("weekday", rf"\b(?:what|which) day\b.*?{_D}"),
    ("weekday", rf"\b(?:is|was|will) {_D} (?:be |fall )?(?:on )?an? (?:{'|'.join(_WEEKDAYS)})"),
    ("weekday", rf"{_D}.*\b(?:what|which) (?:week ?)?day\b"),
    ("date", rf"\b(?:when|date)\b.*?{_D}"),
    ("date", r"^(?:(?:what|whats|which|is|the|todays|current|tell me)\b ?)*(?:day|date)\b"),
    ("date", rf"^{_D}\W*$"),
)
"""What each phrase asks; the first that fits is taken, so the more exact ones come first."""


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
    unit: Unit = Field(default="days", description="What to count in; working days are Mon to Fri")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The dates a question is about, resolved."""

    today: date
    start: date
    end: date
    notes: tuple[str, ...] = ()


def resolve(text: str, *, today: date) -> tuple[date, str]:
    """Return the date the words mean, and how they were read where that is a choice.

    A written date without a year is the next such day. 03/04/2025 is read day first.
    Raises `ToolFailure(kind="invalid_input")`.
    """
    words = " ".join(re.sub(_APOSTROPHE, "", text.lower()).split())
    if words in _NEAR_DAYS:
        return today + timedelta(days=_NEAR_DAYS.index(words) - 2), ""
    if match := re.fullmatch(_WEEKDAY, words, re.IGNORECASE):
        return _weekday(match, today=today)
    if match := re.fullmatch(_HOLIDAY, words, re.IGNORECASE):
        found = date(int(match[2] or today.year), *_HOLIDAYS[match[1]])
        return (found if match[2] or found >= today else add_months(found, 12)), ""
    if re.fullmatch(_WRITTEN, words, re.IGNORECASE):
        return _written(words, today=today)
    raise _invalid(
        f"{one_line(text, 40)!r} is not a date that can be read", "write it as: 2024-02-29"
    )


def _weekday(match: re.Match[str], *, today: date) -> tuple[date, str]:
    wanted = _WEEKDAYS.index(match[2].capitalize())
    ahead = (wanted - today.weekday()) % 7
    if match[1] == "last":
        return today - timedelta(days=7 - ahead), ""
    if match[1] == "next":
        found = today + timedelta(days=ahead or 7)
        return found, f"{match.group().capitalize()} is read as the first one after today."
    return today + timedelta(days=ahead), ""


def _written(words: str, *, today: date) -> tuple[date, str]:
    import dateparser

    found = dateparser.parse(
        words,
        languages=["en"],
        settings={
            "PARSERS": ["absolute-time"],
            "REQUIRE_PARTS": ["day", "month"],
            "DATE_ORDER": "YMD" if "-" in words else "DMY",
            "PREFER_DATES_FROM": "future",
            "RELATIVE_BASE": datetime.combine(today, time()),
        },
    )
    if found is None:
        raise _invalid(f"{words} is not a day of the calendar", "check the day and the month")
    numbers = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.]\d{4}", words)
    choice = numbers and max(int(numbers[1]), int(numbers[2])) <= 12 and numbers[1] != numbers[2]
    note = f"{words} is read day first, as {_spoken(found)}." if choice else ""
    return found.date(), note


def add_months(start: date, months: int) -> date:
    """Return the same day so many months later, or the month's last day where it is shorter.

    Raises `OverflowError` outside the years 1 to 9999.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("the year is outside 1 to 9999")
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def _shift(start: date, amount: int, unit: Unit) -> date:
    if unit == "working_days":
        raise _invalid("working days are counted here, not added", "use days or weeks")
    try:
        if unit in {"months", "years"}:
            return add_months(start, amount * (12 if unit == "years" else 1))
        return start + timedelta(days=amount * (7 if unit == "weeks" else 1))
    except OverflowError as error:
        raise _invalid("the date lies outside the years 1 to 9999", "use less") from error


def count_working_days(start: date, end: date) -> int:
    """Return the Mondays to Fridays from `start` up to but not including `end`."""
    weeks, rest = divmod((end - start).days, 7)
    return weeks * 5 + sum((start.weekday() + day) % 7 < 5 for day in range(rest))


def months_and_days(start: date, end: date) -> tuple[int, int]:
    """Return the whole months from `start` to a later `end`, and the days that remain."""
    months = (end.year - start.year) * 12 + end.month - start.month
    months -= add_months(start, months) > end
    return months, (end - add_months(start, months)).days


def _spoken(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"


def _full(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]}, {_spoken(day)}"


def _invalid(message: str, fix: str) -> ToolFailure:
    return ToolFailure(message, kind="invalid_input", fix=fix)


def _length(start: date, end: date, unit: Unit) -> str:
    """Return the distance from `start` to a later `end` in the unit: `27 weeks and 2 days`."""
    days = (end - start).days
    months, rest = months_and_days(start, end)
    if unit == "working_days":
        return f"{counted(count_working_days(start, end), 'working day')} (Monday to Friday)"
    counts = {
        "weeks": [(days // 7, "week"), (days % 7, "day")],
        "months": [(months, "month"), (rest, "day")],
        "years": [(months // 12, "year"), (months % 12, "month"), (rest, "day")],
    }.get(unit, [(days, "day")])
    return listed([counted(count, noun) for count, noun in counts if count] or ["0 days"])


def _statement(args: DateMathArguments, found: Outcome) -> str:
    start, today, unit = found.start, found.today, args.unit
    verb = "was" if start < today else "is" if start == today else "will be"
    match args.operation:
        case "difference":
            first, last = sorted((start, found.end))
            return f"From {_spoken(first)} to {_spoken(last)} it is {_length(first, last, unit)}."
        case "until" if start < today:
            return f"{_spoken(start)} was {_length(start, today, unit)} ago."
        case "until":
            length = _length(today, start, unit)
            return f"It is {length} from today, {_spoken(today)}, until {_full(start)}."
        case "age":
            years = today.year - start.year - (today.timetuple()[1:3] < start.timetuple()[1:3])
            age = f"{counted(years, 'year')} old today, {_spoken(today)}"
            return f"Someone born on {_spoken(start)} is {age}."
        case "iso_week":
            year, week, _ = start.isocalendar()
            return f"{_spoken(start)} {verb} in ISO week {week} of {year}."
        case "day_of_year":
            number, days = start.timetuple().tm_yday, 365 + calendar.isleap(start.year)
            return f"{_spoken(start)} {verb} day {number} of the {days} days of {start.year}."
        case "leap_year":
            leap = calendar.isleap(start.year)
            answer = f"{start.year} is {'a' if leap else 'not a'} leap year"
            return f"{answer}: February has {28 + leap} days."
        case "weekday":
            return f"{_spoken(start)} {verb} a {_WEEKDAYS[start.weekday()]}."
        case "date":
            return f"The date {verb} {_full(start)}."
    return _shifted(args, found)


def _shifted(args: DateMathArguments, found: Outcome) -> str:
    span = counted(args.amount, args.unit.removesuffix("s").replace("_", " "))
    side = "after" if args.operation == "add" else "before"
    clamped = args.unit in {"months", "years"} and found.end.day != found.start.day
    answer = f"{span} {side} {_spoken(found.start)} is {_full(found.end)}"
    return f"{answer} (the last day of that month)." if clamped else f"{answer}."


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
        ),
        parameters=DateMathArguments,
        packs=("drummer.analysis", "belter.knowledge"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the question the words ask; certain where it uses every number in them."""
        text = with_digits(re.sub(_APOSTROPHE, "", text)).replace("a fortnight", "2 weeks")
        for operation, pattern in _RULES:
            match = re.search(pattern, text, re.IGNORECASE)
            if match is None:
                continue
            found = {name: value for name, value in match.groupdict().items() if value}
            spare = text
            for words in found.values():
                spare = spare.replace(words, " ", 1)
            certain = _ASKING.issuperset(re.findall(r"\w+", spare.lower()))
            values = {"operation": operation, **_values(operation, found, text)}
            return {
                name: [Candidate(value, "words", certain=certain)] for name, value in values.items()
            }
        matches = re.finditer(_DATE, text, re.IGNORECASE)
        dates = [Candidate(match.group(), "words") for match in matches]
        return {"date": dates} if dates else {}

    async def execute(self, args: DateMathArguments, context: ToolContext) -> Outcome:
        """Resolve the dates and do the sum."""
        today = context.clock.now().astimezone(ZoneInfo(context.timezone)).date()
        year_only = args.operation == "leap_year" and re.fullmatch(r"\d{4}", args.date)
        start, note = resolve(f"{args.date}-01-01" if year_only else args.date, today=today)
        end, other_note = resolve(args.other_date, today=today)
        if args.operation == "age" and start > today:
            raise _invalid(f"{_spoken(start)} is still to come", "give the year of birth")
        if args.operation in {"add", "subtract"}:
            end = _shift(start, args.amount * (1 if args.operation == "add" else -1), args.unit)
        return Outcome(today, start, end, tuple(filter(None, (note, other_note))))

    def format(self, args: DateMathArguments, raw: Outcome, context: ToolContext) -> ToolResult:
        """State the answer first, then how words that have a choice were read."""
        return ToolResult(
            statements=(_statement(args, raw), *raw.notes),
            data={
                "date": raw.start.isoformat(),
                "other_date": raw.end.isoformat(),
                "days": (raw.end - raw.start).days,
            },
            sources=(Source(self.spec.name, self.spec.name),),
        )


def _values(operation: Operation, found: dict[str, str], text: str) -> dict[str, str | int]:
    """Return the arguments besides the operation: what the rule caught, and the unit asked for."""
    values: dict[str, str | int] = {**found}
    if amount := found.get("amount"):
        values["amount"] = int(amount) if amount.isdigit() else 1
    elif operation in {"difference", "until"}:
        asked = re.search(_UNIT, text.replace(found["date"], ""), re.IGNORECASE)
        values["unit"] = asked.group() if asked else "days"
    if "unit" in values:
        word = str(values["unit"]).lower()
        working = re.match(r"work|business|week ?day", word)
        values["unit"] = "working_days" if working else f"{word.removesuffix('s')}s"
    return values


TOOL = DateMath()
