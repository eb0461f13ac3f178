"""The pieces of a request that a value may be: quotations, codes, names, phrases. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from toollama.tools.foreign.cues import stem

_QUOTED = re.compile(
    r"\"([^\"\n]{1,400})\"|“([^”\n]{1,400})”|‘([^’\n]{1,400})’|`([^`\n]{1,400})`"
    r"|\*\*([^*\n]{1,400})\*\*|(?<!\w)'((?:[^'\n]|(?<=\w)'(?=[a-z])){1,400})'(?!\w)"
)
_CODE = re.compile(r"(?<![\w/])(?=[\w.:/-]*[\d_/-])(?=\w*[A-Za-z\d])[\w][\w.:/@-]*\w(?!\w)")
_CAPITALISED = r"[^\W\d_a-z][\w'’.-]*\w"
_RUN = rf"{_CAPITALISED}(?: (?:(?:of|de|the|da|del|la) )?{_CAPITALISED})*"
_PLAIN_RUN = rf"(?!(?:Can|Could|What|How|Please|Is)\b){_RUN}"
_NAME = re.compile(rf"(?<![\w'.-]){_RUN}")
PLACE = re.compile(rf"(?<![\w'.-])(?:\d+\w? )?{_RUN}, {_PLAIN_RUN}(?:, {_PLAIN_RUN})*")
_MONTHS_AND_DAYS = (
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday"
).replace(" ", "|")
_NO_NAME = re.compile(
    rf"(?:i(?:['’]\w+)?|mr|mrs|ms|dr|api|id|url|ip|uuid|please|ok|{_MONTHS_AND_DAYS})\.?"
    rf"|(?:{_MONTHS_AND_DAYS}) \d.*",
    re.IGNORECASE,
)
_QUESTION_WORDS = frozenset(str.split("what who where when why how can could would will"))
_OPENINGS = frozenset(
    str.split(
        "what what's which who where when why how can could would will is are do does did find get "
        "give show tell list add delete remove update create set please calculate convert compute "
        "book play search provide generate i i'm i'd i've my the a an in on for if help order "
        "start check retrieve determine identify make send translate schedule predict estimate "
        "analyze recommend"
    )
)
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
URL = re.compile(r"https?://[^\s'\"<>]*[\w/&=%}]")
IP = re.compile(r"(?<![\d.])\d{1,4}(?:\.\d{1,4}){3}(?![\d.])")
PATH = re.compile(r"(?<![\w.~/:-])(?:[A-Za-z]:)?(?:[\w.~-]*/)*[\w-]+\.[A-Za-z]\w{1,4}\b")
_TOKEN = re.compile(r"[^\W_]+")
_WINDOW = 100
"""Characters on each side in which a noun is looked for."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the text and where it stands."""

    text: str
    start: int
    end: int


class Pieces:
    """The pieces of one request, each kind looked for once, when a parameter may need it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def quoted(self) -> list[Span]:
        """Return what stands between quotation marks, without them."""
        return quoted(self.text)

    @cached_property
    def codes(self) -> list[Span]:
        """Return words that nobody says: with digits, underscores, slashes or hyphens inside."""
        return _found(_CODE, self.text)

    @cached_property
    def names(self) -> list[Span]:
        """Return runs of capitalised words that are no dates and do not just open a sentence."""
        return [
            span
            for found in _found(_NAME, self.text)
            if (span := _without_opening(self.text, found)) and not _NO_NAME.fullmatch(span.text)
        ]

    @cached_property
    def links(self) -> list[Span]:
        """Return the addresses of pages."""
        return _found(URL, self.text)

    @cached_property
    def emails(self) -> list[Span]:
        """Return the addresses of people."""
        return _found(EMAIL, self.text)

    @cached_property
    def files(self) -> list[Span]:
        """Return file names that are not part of a link."""
        return [one for one in _found(PATH, self.text) if not _inside(one, self.links)]


def _inside(span: Span, others: Sequence[Span]) -> bool:
    return any(other.start <= span.start < other.end for other in others)


def quoted(text: str) -> list[Span]:
    """Return what stands between quotation marks, without them."""
    return [
        Span(next(filter(None, match.groups())).strip(), match.start(), match.end())
        for match in _QUOTED.finditer(text)
    ]


def _without_opening(text: str, span: Span) -> Span | None:
    """Return the name without a common word that is capitalised for opening a sentence."""
    first, _, rest = span.text.partition(" ")
    before = text[: span.start].rstrip(" \"'-")
    opens = not before or before[-1] in ".!?:\n"
    if not opens and first.lower() not in _QUESTION_WORDS:
        return span
    if first.lower() not in _OPENINGS:
        return span if rest or span.text.isupper() else None
    return Span(rest, span.end - len(rest), span.end) if rest else None


def matching(pattern: re.Pattern[str], text: str) -> list[Span]:
    """Return every match of a pattern."""
    return _found(pattern, text)


def _found(pattern: re.Pattern[str], text: str) -> list[Span]:
    return [Span(match[0], match.start(), match.end()) for match in pattern.finditer(text)]


def distance(text: str, span: Span, nouns: Collection[str], *, reach: int = 6) -> int:
    """Return how many words lie between a span and the nearest of the nouns, those before it first.

    A noun after the span counts as two words further. `reach` + 1 where none is that near.
    """
    before = _stems_of(text[max(span.start - _WINDOW, 0) : span.start])[-reach:]
    after = _stems_of(text[span.end : span.end + _WINDOW])[: reach - 2]
    nearest = reach + 1
    for at, word in enumerate(reversed(before)):
        if word in nouns:
            nearest = at
            break
    for at, word in enumerate(after, start=2):
        if word in nouns:
            return min(nearest, at)
    return nearest


@lru_cache(maxsize=64)  # the same text is read for one tool after another
def _stems_of(text: str) -> tuple[str, ...]:
    return tuple(stem(word.lower()) for word in _TOKEN.findall(text))


def after_phrase(text: str, nouns: Sequence[str]) -> list[Span]:
    """Return what follows `noun is`, `noun: ` or `using the noun` to the end of its clause."""
    if not nouns:
        return []
    noun = "|".join(re.escape(word) + r"\w*" for word in nouns)
    pattern = re.compile(
        rf"\b(?:{noun})\b(?:\s+(?:is|as|called|named|titled|of|being|to be|verbatim))?\s*[:=-]?\s+"
        r"(?P<value>\S.*?)\s*(?=$|[.!?](?:\s|$)|\n)",
        re.IGNORECASE,
    )
    return [
        Span(match["value"], match.start("value"), match.end("value"))
        for match in pattern.finditer(text)
    ]


def listed(text: str) -> list[Span]:
    """Return enumerations, `A, B and C`, whole."""
    item = r"[^\W\d_a-z][\w'.-]*(?: [^\W\d_a-z][\w'.-]*){0,3}"
    pattern = re.compile(rf"{item}(?:, {item})*,? (?:and|or|&) {item}")
    return _found(pattern, text)


def items_of(listing: str) -> list[str]:
    """Return the items of an enumeration."""
    return [item.strip() for item in re.split(r",? (?:and|or|&) |, ", listing) if item.strip()]
