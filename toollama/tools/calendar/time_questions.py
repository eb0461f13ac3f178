"""Which question about clock times a sentence asks: where, which time, and where that is.

Pure. It expects digits for number words (`tools.number_words`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from toollama.tools.calendar.clock_times import CLOCK_TIME
from toollama.tools.calendar.zone_names import any_name
from toollama.tools.language.asking import only_asks

_ALSO_WORDS = frozenset(
    str.split("center west north south easter reunion knox nome troll nice acre vincennes general")
)
"""Places whose names are more often plain words."""
_ASKING = frozenset(
    str.split(
        "what whats is it the time current local now right rn in at of for and to from when "
        "convert how many hours far ahead behind difference between please me tell my zone "
        "clock on if its"
    )
)
"""Words that only ask; any other word may change what is asked."""
_HERE = "here"


@dataclass(frozen=True, slots=True)
class TimeReading:
    """The places and the time of a sentence, in the direction that it gives them."""

    values: Mapping[str, str]
    """The arguments of `time_zone` by name; `from_place` is where the time is given."""
    certain: bool
    """Places, time and day use every word that could change the meaning."""


def read_question(text: str, *, home_zone: str) -> TimeReading | None:
    """Return the question that the words ask, or None where they ask for no clock time.

    `home_zone` stands for the place that is left out.
    """
    clock = re.search(CLOCK_TIME, text, re.IGNORECASE)
    mentions = _mentions(text)
    place, from_place, clear = _direction(text, clock, mentions)
    day = re.search(r"\b\d{4}-\d{2}-\d{2}\b", text)
    values = {
        "place": place or home_zone,
        "from_place": home_zone if from_place == _HERE else from_place,
        "time": clock.group() if clock else "",
        "day": day.group() if day else "",
    }
    understood = [*(match.group() for match in mentions), *filter(None, values.values())]
    certain = clear and only_asks(text, understood=understood, asking=_ASKING)
    asks_time = certain and re.search(r"\btime\b", text, re.IGNORECASE)
    if not mentions and clock is None and not asks_time:
        return None
    return TimeReading({name: value for name, value in values.items() if value}, certain)


def _mentions(text: str) -> list[re.Match[str]]:
    """Return the place names in the sentence; short ones only where a place is expected."""
    found = []
    for match in any_name().finditer(text):
        name = match.group()
        expected = re.search(
            r"(?:\b(?:in|to|from|between|and)|\d|[ap]m|noon) ?$", text[: match.start()]
        )
        if expected or name.isupper() or (len(name) > 3 and name.lower() not in _ALSO_WORDS):
            found.append(match)
    return found


def _direction(
    text: str, clock: re.Match[str] | None, mentions: list[re.Match[str]]
) -> tuple[str, str, bool]:
    """Return the place asked for, the place the time is given for, and whether that is clear."""
    names = [match.group() for match in mentions]
    if clock is None:
        if re.search(r"differ|between|ahead|behind|apart|\bvs\b", text, re.IGNORECASE):
            first = names[0] if len(names) > 1 else _HERE
            return (names or [""])[-1], first, 1 <= len(names) <= 2
        unknown = re.search(r"\btime\b.*? in ([^\d?.!,]+)", text, re.IGNORECASE)
        return (names or [unknown[1].strip() if unknown else ""])[0], "", len(names) <= 1
    given = next((match for match in mentions if _belongs(text, clock, match)), None)
    others = [match.group() for match in mentions if match is not given]
    place = others[0] if others else ""
    if given is None:
        return place, "", len(others) == 1 and " to " in text
    one_way = bool(others) or " in " not in text[clock.end() : given.start()]
    return place, given.group(), one_way and len(others) <= 1


def _belongs(text: str, clock: re.Match[str], place: re.Match[str]) -> bool:
    """Whether the clock time is given for the place: `3pm London`, `in Paris it is 9am`."""
    if place.start() >= clock.end():
        between = text[clock.end() : place.start()]
        return re.fullmatch(r"[ ,]*(?:in |at |from )?", between, re.IGNORECASE) is not None
    between = text[place.end() : clock.start()]
    return re.fullmatch(r"[ ,]*(?:time )?(?:it is |it's |is |at )?", between) is not None
