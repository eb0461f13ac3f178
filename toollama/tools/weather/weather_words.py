"""What a request says about a forecast: where, for how many days, in which units. Pure."""

import re
from datetime import date

from toollama.tools.calendar.calendar_names import WEEKDAYS
from toollama.tools.language.phrases import distinct, names, plain

MAX_DAYS = 7

_WEEKDAYS = tuple(map(str.lower, WEEKDAYS))
_NUMBERS = {
    "a": 1,
    "one": 1,
    "two": 2,
    "few": 3,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
}
_NUMBER = rf"(\d{{1,2}}|{'|'.join(_NUMBERS)})"
_SPAN = re.compile(
    rf"\b(?:next|coming|following) {_NUMBER} days?\b|\b{_NUMBER}[- ]days?\b", re.IGNORECASE
)
_WEEKDAY = re.compile(rf"\b({'|'.join(_WEEKDAYS)})s?\b", re.IGNORECASE)
_WEEKEND = re.compile(r"\bweekend\b", re.IGNORECASE)
_WEEK = re.compile(r"\b(?:this|next|coming|the|all|whole) week\b|\bweekly\b", re.IGNORECASE)
_NOW = re.compile(
    r"\b(?:now|today|tonight|currently|current|at the moment|this (?:morning|afternoon|evening))\b",
    re.IGNORECASE,
)
_UNITS = (
    ("imperial", re.compile(r"\b(?:imperial|fahrenheit|mph|inches)\b|°\s?f\b", re.IGNORECASE)),
    ("metric", re.compile(r"\b(?:metric|celsius|centigrade|km/?h|kph)\b|°\s?c\b", re.IGNORECASE)),
)

_PREPOSITION = re.compile(r"\b(?:in|for|at|near|around)\s+", re.IGNORECASE)
_TIME = (
    rf"today|tomorrow|tonight|now|currently|right|this|next|over|during|on|{'|'.join(_WEEKDAYS)}"
    r"|the (?:next|coming|following|day|week|weekend|morning|afternoon|evening|moment)"
)
_PLACE_END = re.compile(
    rf"[?!;\n].*|\.(?=\s*$)|,?\s+(?:and|or|but|with|using|please|thanks|if|as|be|is|like|{_TIME}"
    r"|in|for|at|to|\d+\b.*|get|going)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_NOT_A_PLACE = re.compile(
    rf"(?:{_TIME}|celsius|centigrade|fahrenheit|metric|imperial|degrees|km/?h|mph|me|it|my|our|us"
    r"|here|there|please|like|report|general|detail|total|a|an|all|\d.*)\b",
    re.IGNORECASE,
)
_BEFORE_NOUN = re.compile(r"^(.*?)(?:'s?)?,? (?:weather|forecast|temperature)\b", re.IGNORECASE)
_AFTER_NOUN = re.compile(r"^(?:weather|forecast)(?: forecast)? (.+)", re.IGNORECASE)
_GENERIC = re.compile(
    r"what|what's|whats|is|the|how|how's|give|me|show|tell|get|please|current|today's|tomorrow's|daily|"
    r"weekly|hourly|local|an?|about|check|i|need|want|to|know|of|will|like|next|week's|this",
    re.IGNORECASE,
)


def places(text: str) -> list[str]:
    """Return what may be a place, best first: after a preposition, before `weather`, by capitals.

    `the weather in new york tomorrow` and `New York forecast` both give it.
    """
    text = plain(text)
    named = places_named(text)
    beside = [] if named else [_place_before_noun(text), _place_after_noun(text)]
    capitalised = [part for name in names(text) for part in name.split(" and ")]
    return distinct([*named, *beside, *capitalised])


def places_named(text: str) -> list[str]:
    """Return what follows `in`, `for`, `at` and their like, if it is no time or unit."""
    text = plain(text)
    ends = [match.end() for match in _PREPOSITION.finditer(text)]
    tails = [text[end:] for end in ends if not _NOT_A_PLACE.match(text[end:])]
    return distinct(_clean(tail) for tail in tails)


def days_asked(text: str, *, today: date) -> int | None:
    """Return how many days, today included, a forecast must span to answer; at most a week."""
    if match := _SPAN.search(text):
        word = (match[1] or match[2]).lower()
        days = int(word) if word.isdigit() else _NUMBERS[word]
        return min(max(days, 1), MAX_DAYS)
    if re.search(r"\bday after tomorrow\b", text, re.IGNORECASE):
        return 3
    if re.search(r"\btomorrow\b", text, re.IGNORECASE):
        return 2
    if match := _WEEKDAY.search(text):
        return (_WEEKDAYS.index(match[1].lower()) - today.weekday()) % 7 + 1
    if _WEEKEND.search(text):
        return 7 - today.weekday()
    if _WEEK.search(text):
        return MAX_DAYS
    return 1 if _NOW.search(text) else None


def units_asked(text: str) -> str | None:
    """Return `metric` or `imperial` if the request names one or its units."""
    return next((name for name, pattern in _UNITS if pattern.search(text)), None)


def _clean(tail: str) -> str:
    place = _PLACE_END.sub("", tail, count=1).strip(" ,.'\"")
    return re.sub(r"^(?:the city of|the) ", "", place, flags=re.IGNORECASE)


def _place_before_noun(text: str) -> str:
    match = _BEFORE_NOUN.match(text)
    words = _SPAN.sub("", match[1]).split() if match else []
    while words and _GENERIC.fullmatch(words[0]):
        del words[0]
    while words and _GENERIC.fullmatch(words[-1]):
        del words[-1]
    return " ".join(words)


def _place_after_noun(text: str) -> str:
    match = _AFTER_NOUN.match(text)
    return _clean(match[1]) if match and not _NOT_A_PLACE.match(match[1]) else ""
