"""Dates in words: what `next friday`, `christmas` or `20 July 1969` mean, seen from today.

dateparser reads written dates only, and never guesses one from a bare number. Which question is
asked about a date is `tools.date_questions`'.
"""

import re
from datetime import date, datetime, time, timedelta

from toollama.text import one_line
from toollama.tools.calendar.calendar_names import MONTHS, WEEKDAYS, spoken
from toollama.tools.calendar.calendar_spans import add_months
from toollama.tools.refusal import refusal

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
_MONTH = rf"(?:{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in MONTHS)}|sept)\b\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_WEEKDAY = rf"(?:(next|last|this) )?({'|'.join(WEEKDAYS)})"
_HOLIDAY = rf"({'|'.join(_HOLIDAYS)})s?(?: day)?(?:(?: in)? ([1-9]\d{{3}})|( this year))?"
_WRITTEN = (
    rf"\d{{4}}-\d{{2}}-\d{{2}}|{_DAY}(?: of)? {_MONTH}(?:,? \d{{4}})?"
    rf"|{_MONTH} {_DAY}(?!\d)(?:,? \d{{4}})?|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}}"
)
DATE = rf"\b(?:{_WRITTEN}|{'|'.join(_NEAR_DAYS)}|{_WEEKDAY}|{_HOLIDAY})\b"
"""Whatever `resolve` may read, inside a sentence."""


def without_apostrophes(text: str) -> str:
    """Return the text with `new year's eve` as `new years eve`."""
    return re.sub(r"['\N{RIGHT SINGLE QUOTATION MARK}]", "", text)


def lacks_year(text: str) -> bool:
    """Return whether the words name a day of any year: `3 October`, `christmas`."""
    words = " ".join(without_apostrophes(text.lower()).split())
    if match := re.fullmatch(_HOLIDAY, words, re.IGNORECASE):
        return not (match[2] or match[3])
    written = re.fullmatch(_WRITTEN, words, re.IGNORECASE)
    return written is not None and not re.search(r"\d{4}", words)


def resolve_pair(
    first: str, last: str, *, today: date
) -> tuple[tuple[date, str], tuple[date, str]]:
    """Return the two dates of a span, each as `resolve` does.

    Where only one names its year, the other is the nearest such day on its own side.
    """
    if lacks_year(first) and not lacks_year(last):
        end = resolve(last, today=today)
        return resolve(first, today=add_months(end[0], -12) + timedelta(days=1)), end
    start = resolve(first, today=today)
    after_it = lacks_year(last) and not lacks_year(first)
    return start, resolve(last, today=start[0] if after_it else today)


def resolve(text: str, *, today: date) -> tuple[date, str]:
    """Return the date the words mean, and how they were read where that is a choice.

    A written date without a year is the next such day. 03/04/2025 is read day first.
    Raises `ToolFailure(kind="invalid_input")`.
    """
    words = " ".join(without_apostrophes(text.lower()).split())
    if words in _NEAR_DAYS:
        return today + timedelta(days=_NEAR_DAYS.index(words) - 2), ""
    if match := re.fullmatch(_WEEKDAY, words, re.IGNORECASE):
        return _weekday(match, today=today)
    if match := re.fullmatch(_HOLIDAY, words, re.IGNORECASE):
        found = date(int(match[2] or today.year), *_HOLIDAYS[match[1]])
        return (found if match[2] or match[3] or found >= today else add_months(found, 12)), ""
    if re.fullmatch(_WRITTEN, words, re.IGNORECASE):
        return _written(words, today=today)
    raise refusal(
        f"{one_line(text, 40)!r} is not a date that can be read", fix="write it as: 2024-02-29"
    )


def _weekday(match: re.Match[str], *, today: date) -> tuple[date, str]:
    wanted = WEEKDAYS.index(match[2].capitalize())
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
        raise refusal(f"{words} is not a day of the calendar", fix="check the day and the month")
    numbers = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.]\d{4}", words)
    choice = numbers and max(int(numbers[1]), int(numbers[2])) <= 12 and numbers[1] != numbers[2]
    note = f"{words} is read day first, as {spoken(found)}." if choice else ""
    return found.date(), note
