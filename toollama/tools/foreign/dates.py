"""Dates and times of a request, in the format that a parameter's description asks for. Pure.

Only written dates and days seen from a date that the request itself gives are read: what `today` is
otherwise is left to the function's own default.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = rf"(?P<{{0}}>{'|'.join(_MONTHS)})[a-z]*\.?"
_DATE = re.compile(
    r"(?P<iso>\d{4})[-/](?P<iso_month>\d{1,2})[-/](?P<iso_day>\d{1,2})"
    r"|\b(?P<packed>20\d{6})\b"
    r"|\b(?P<first>\d{1,2})[/.](?P<second>\d{1,2})[/.](?P<year>\d{4})"
    rf"|\b{_MONTH.format('month')} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<us_year>\d{{4}}))?"
    rf"|\b(?P<day_first>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH.format('month_after')}"
    r"(?:,? (?P<eu_year>\d{4}))?"
    rf"|\b{_MONTH.format('month_alone')} (?P<year_alone>\d{{4}})",
    re.IGNORECASE,
)
_NEAR = re.compile(
    rf"\b(?:(?P<near>tomorrow|yesterday)|(?P<weekday>{'|'.join(_WEEKDAYS)}))\b", re.IGNORECASE
)
_TIME = re.compile(
    r"\b(\d{1,2})(?::(\d{2}))?(?::(\d{2}))? ?(?:([ap])\.?m\b|in the (morning|afternoon|evening))"
    r"|\b(\d{1,2}):(\d{2})\b",
    re.IGNORECASE,
)
_FIELDS = (
    ("YYYY", "%Y"),
    ("MMM", "%b"),
    ("MM", "%m"),
    ("DD", "%d"),
    ("HH", "%H"),
    ("hh", "%H"),
    ("SS", "%S"),
    ("ss", "%S"),
)
_FORMAT = re.compile(
    r"\b(?:YYYY|DD|MM|dd|yyyy|mm)[-/., ](?:[YMDymd]+)[-/., ]*(?:[YMDymd]*)[HhMmSsTZ:.,]*"
    r"(?: [HhMmSs:]+)?"
)
CLOCK = "%H:%M"
ISO_DATE = "%Y-%m-%d"
ISO_MOMENT = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True, slots=True)
class Mention:
    """A day that the request names, with the hour where it gives one."""

    day: date
    at: time | None
    start: int


@lru_cache(maxsize=512)
def format_of(description: str) -> str | None:
    """Return the strftime format that a description asks for; None where it asks for no date."""
    match = _FORMAT.search(description)
    if match:
        return _strftime(match[0])
    if re.search(r"\bHH:MM\b", description):
        return CLOCK
    if re.search(r"\bISO[- ]?8601\b", description):
        return ISO_MOMENT if re.search(r"\btime\b", description, re.IGNORECASE) else ISO_DATE
    return None


def _strftime(written: str) -> str:
    """Return `YYYY-MM-DD HH:mm:ss` as strftime takes it."""
    day, separator, clock = re.match(r"(.*?)(T(?=[Hh])| (?=[Hh])|$)(.*)", written).groups()  # type: ignore[union-attr]
    day = day.strip(" .,").replace("yyyy", "YYYY").replace("dd", "DD")
    day = day if "MM" in day else day.replace("mm", "MM")
    for field, code in _FIELDS[:4]:
        day = day.replace(field, code)
    clock = re.sub(r"(?i)hh", "%H", clock.strip(" .,"))
    clock = re.sub(r"(?<=:)(?i:mm)", "%M", clock)
    clock = re.sub(r"(?<=:)(?i:ss)", "%S", clock)
    return day + (separator + clock if clock else "")


@lru_cache(maxsize=16)  # the same text is read for one tool after another
def mentions(text: str) -> tuple[Mention, ...]:
    """Return the days of a text in order. 03/04/2025 is read day first."""
    written = [(match.start(), match.end(), _day(match)) for match in _DATE.finditer(text)]
    known = [(start, end, day) for start, end, day in written if day]
    if len(known) == 1:  # `from 3 April to 5 April 2023` gives one year for both
        year = known[0][2].year
        known += [
            (match.start(), match.end(), day)
            for match in _DATE.finditer(text)
            if match.start() != known[0][0] and (day := _day(match, year=year))
        ]
    base = _base(text, known)
    if base is not None:
        at, today = base
        relative = [
            (match.start(), match.end(), _from_today(match, today))
            for match in _NEAR.finditer(text)
            if not _names(today, match)
        ]
        if relative:
            known = [one for one in known if one[0] != at]
        known += relative
    times = [(match.start(), _clock(match)) for match in _TIME.finditer(text)]
    return tuple(Mention(day, _near(start, times), start) for start, _, day in sorted(known))


def moments(text: str) -> list[datetime]:
    """Return every moment: a day with two hours, `16:00 - 18:00`, gives two."""
    days = mentions(text)
    clocks = hours(text)
    if len(days) == 1 and len(clocks) > 1:
        return [datetime.combine(days[0].day, hour) for hour in clocks]
    return [datetime.combine(one.day, one.at or time()) for one in days]


def hours(text: str) -> list[time]:
    """Return the times of day that the text gives, in order."""
    return [hour for match in _TIME.finditer(text) if (hour := _clock(match))]


def _base(text: str, known: Sequence[tuple[int, int, date]]) -> tuple[int, date] | None:
    """Return the date that the request says today is."""
    for start, _, day in known:
        if re.search(
            r"\b(?:today(?: is)?|current date is)\W+(?:\w+day\W+)?$", text[:start], re.IGNORECASE
        ):
            return start, day
    return None


def _names(today: date, match: re.Match[str]) -> bool:
    """Return whether a weekday only repeats which day today is."""
    return (match["weekday"] or "").lower() == _WEEKDAYS[today.weekday()] or bool(
        re.search(r"\btoday(?: is)? $", match.string[: match.start()], re.IGNORECASE)
    )


def _from_today(match: re.Match[str], today: date) -> date:
    if match["near"]:
        return today + timedelta(days=1 if match["near"].lower() == "tomorrow" else -1)
    ahead = (_WEEKDAYS.index(match["weekday"].lower()) - today.weekday()) % 7
    return today + timedelta(days=ahead)


def _day(match: re.Match[str], *, year: int | None = None) -> date | None:
    found = match.groupdict()
    try:
        if found["iso"]:
            return date(int(found["iso"]), int(found["iso_month"]), int(found["iso_day"]))
        if found["packed"]:
            return datetime.strptime(found["packed"], "%Y%m%d").date()  # noqa: DTZ007
        if found["first"]:
            first, second = int(found["first"]), int(found["second"])
            day_first = (second, first) if second <= 12 else (first, second)
            return date(int(found["year"]), *day_first)
        month = found["month"] or found["month_after"] or found["month_alone"]
        year_text = found["us_year"] or found["eu_year"] or found["year_alone"]
        if not year_text and year is None:
            return None
        day = int(found["day"] or found["day_first"] or 1)
        return date(int(year_text or year or 0), _MONTHS.index(month.lower()[:3]) + 1, day)
    except ValueError:
        return None


def _clock(match: re.Match[str]) -> time | None:
    hour, minute, second, half, part, plain_hour, plain_minute = match.groups()
    try:
        if plain_hour:
            return time(int(plain_hour), int(plain_minute))
        hours = int(hour) % 12 + (12 if _is_late(half or part) else 0)
        return time(hours, int(minute or 0), int(second or 0))
    except ValueError:
        return None


def _is_late(half: str) -> bool:
    return half.lower() in {"p", "afternoon", "evening"}


def _near(start: int, times: Sequence[tuple[int, time | None]]) -> time | None:
    close = [(abs(at - start), hour) for at, hour in times if hour and abs(at - start) < 60]
    return min(close)[1] if close else None
