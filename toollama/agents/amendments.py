"""What words mean that the user adds to a request while it is being served. Pure.

They stop tasks, ask something of the answer's form, or ask for more: then they are read as a
follow-up to the request would be, and as a request of their own. Whoever plans decides which of the
readings holds; words without one are left to the next request.
"""

import re
from dataclasses import dataclass

from toollama.agents import followups, memory
from toollama.agents.followups import PreviousTurn
from toollama.text import one_line

_MAX_WISH_CHARACTERS = 200
_LEAD = re.compile(
    r"(?:(?:and|also|plus|but|oh|ok(?:ay)?|please|then|no|actually|(?:what|how) about)\b[,\s]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?:[,\s]+(?:too|as well|please|also|instead))*\s*$", re.IGNORECASE)
_INSTEAD = re.compile(r"^(?:no\b|actually\b|make (?:it|that)\b)|\binstead\b", re.IGNORECASE)
_ONLY = re.compile(r"^(?:only|just)\s+(?=\S)", re.IGNORECASE)

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_STOP = re.compile(
    r"(?:stop|cancel|skip|drop|forget|leave out|never mind)\s+(?:about\s+)?(?:the\s+)?"
    rf"(?:(?P<ordinal>{'|'.join(_ORDINALS)}|last)(?:\s+(?:one|task|part|question))?"
    r"|(?:task|part|question|number)\s+(?P<number>\d{1,2}))[.!]*",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(
    r"(?:(?:answer|reply|respond|write|say)(?:\s+(?:it|me))?\s+)?(in\s+(?:english|german|french|"
    r"spanish|italian|portuguese|dutch|polish|russian|chinese|japanese|korean|arabic|hindi|turkish|"
    r"swedish))",
    re.IGNORECASE,
)
_ABOUT_LANGUAGE = re.compile(r"\btranslat", re.IGNORECASE)
_FORM = re.compile(
    r"(?:(?:make|keep|say|write|put|give)\s+(?:it|me|that|the answer)\s+)?"
    r"(?:(?:a (?:bit|little)|much|more|less|as|in|into|with)\s+)*(?:an?\s+)?"
    r"(?:shorter|longer|short|brief(?:er|ly)?|concise(?:ly)?|simple|simpler|simply|formal(?:ly)?|"
    r"details?|detailed|(?:bullet(?:ed)? )?(?:list|points)|bullets|table|"
    r"(?:one|two|three|\d+) (?:short )?(?:sentences?|words?|lines?|paragraphs?))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Stop:
    """These tasks are not wanted any more."""

    tasks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """The answer is to have another form, or to be about less."""

    text: str


@dataclass(frozen=True, slots=True)
class More:
    """Something else is asked."""

    text: str
    whole: bool = False
    """It is the whole request, said anew."""
    instead: bool = False
    """What it leaves of the request before is not wanted any more."""


Reading = Stop | Wish | More


def readings(said: str, previous: PreviousTurn, *, tasks: int) -> tuple[Reading, ...]:
    """Return what the words may mean for a request that has this many tasks, likeliest first."""
    plain = " ".join(said.split())
    rest = bare(plain)
    if stopped := stops(said, tasks=tasks):
        return (Stop(stopped),)
    if wish := _wish(plain, rest, previous.text):
        return (Wish(wish),)
    only = _ONLY.match(rest)
    instead = bool(only or _INSTEAD.search(plain))
    # What a follow-up opens with differs from what a correction does.
    fragment = f"and {rest[only.end() if only else 0 :]}" if instead else plain
    whole = followups.resolve(previous, fragment)
    again = (More(whole, whole=True, instead=instead),) if whole else ()
    if only:
        return again or (Wish(str(one_line(rest, _MAX_WISH_CHARACTERS))),)
    return (*again, More(rest)) if rest else again


def stops(said: str, *, tasks: int) -> tuple[int, ...]:
    """Return the tasks, by number, that the words stop."""
    found = _STOP.fullmatch(bare(" ".join(said.split())))
    if found is None or not tasks:
        return ()
    if found["number"]:
        number = int(found["number"])
    elif found["ordinal"].lower() == "last":
        number = tasks
    else:
        number = _ORDINALS.index(found["ordinal"].lower()) + 1
    return (number,) if 1 <= number <= tasks else ()


def joined(request: str, said: str) -> str:
    """Return a request with words added to it, so that both are parts of their own."""
    before = request.rstrip()
    return f"{before}{' ' if before.endswith(('.', '?', '!', ';')) else '; '}{said.strip()}"


def bare(plain: str) -> str:
    """Return the words without `and …, please`."""
    lead = _LEAD.match(plain)
    return _TAIL.sub("", plain[lead.end() if lead else 0 :]).strip()


def _wish(plain: str, rest: str, request: str) -> str:
    """Return what the words ask of the answer's form, or nothing."""
    language = _LANGUAGE.fullmatch(rest.rstrip("?.! "))
    if language and not _ABOUT_LANGUAGE.search(request):
        return f"answer {language[1]}"
    if _FORM.fullmatch(rest.rstrip("?.! ")) or memory.constraints(plain):
        return str(one_line(rest, _MAX_WISH_CHARACTERS))
    return ""
