"""Make a whole request of one that goes on from the request before: `and in Paris?`. Pure.

The request before is said again with one span replaced by one of the same kind. Where two spans
could be meant, or none, nothing is guessed: the caller gets None and the words stay as they are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from toollama.agents import clauses

_MAX_WORDS = 6

_LEAD = re.compile(
    r"(?:(?:ok(?:ay)?|thanks|thank you|great)[,.!]?\s+)?(?:(?:and|or|but|so)\s+)?"
    r"(?:(?:what|how) about\s+|what if (?:it(?:'s| is| was| were)\s+)?|make (?:it|that)\s+"
    r"|(?:the )?same\s+|now\s+|also\s+|then\s+)?",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?:\s+(?:instead|then|please|too|as well))*\s*[?.!]*\s*$", re.IGNORECASE)
_PREPOSITIONS = "in|into|for|at|on|of|to|from|near|with|by|about|since|as"
_PREPOSITION = re.compile(rf"({_PREPOSITIONS})\s+(?=\S)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w-]*")
_OWN_QUESTION = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)\b", re.IGNORECASE
)

_NUMBER = r"[-+−]?[$€£]?\d+(?:[.,]\d+)*"
_NUMBER_RE = re.compile(_NUMBER)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_RELATIVE = (
    rf"(?:today|tonight|tomorrow|yesterday|now|(?:the )?(?:last|next|past|this) (?:\d+ )?"
    rf"(?:day|week|weekend|month|quarter|year|{_DAY})s?|\d+ (?:day|week|month|year)s? ago)"
)
_YEAR = r"(?:19|20)\d\d"
_TIME = rf"(?:{_RELATIVE}|{_DAY}|{_MONTH}(?: \d{{1,2}})?(?:,? {_YEAR})?|\d{{4}}-\d\d-\d\d|{_YEAR})"
_TIME_RE = re.compile(rf"\b{_TIME}\b", re.IGNORECASE)
_RELATIVE_RE = re.compile(_RELATIVE, re.IGNORECASE)
_TIME_PREPOSITION = re.compile(r"\b(?:in|on|for|at|since)\s+$", re.IGNORECASE)

_UNIT = (
    r"(?:(?:kilo|centi|milli)?(?:met(?:er|re)|gram|lit(?:er|re))s?|miles?|feet|foot|inch(?:es)?|"
    r"yards?|pounds?|ounces?|stones?|tons?|tonnes?|gallons?|pints?|cups?|acres?|hectares?|"
    r"celsius|fahrenheit|kelvin|seconds?|minutes?|hours?|days?|weeks?|months?|years?|knots|mph|"
    r"km/h|k?m|cm|mm|kg|mg|lbs?|oz|ft|mi|yd|°?[CFK]|bytes?|[KMGT]i?B)"
)
_UNIT_RE = re.compile(_UNIT, re.IGNORECASE)
_UNIT_WANTED = re.compile(rf"(?:\bhow many|\b(?:in|to|into))\s+({_UNIT})\b", re.IGNORECASE)

_FILE = re.compile(r"[^\s\"'“”]+\.[A-Za-z][A-Za-z0-9]{1,4}\b")
_QUOTED = re.compile(r"\"[^\"]+\"|“[^”]+”")
_NAME = re.compile(
    r"[^\W\d_a-z][\w'’.-]*(?:\s+(?:(?:de|of|la|le|van|von|di|da|du)\s+)?[A-Z][\w'’-]+)*"
)
_LANGUAGE = re.compile(
    r"(?:english|german|french|spanish|italian|portuguese|dutch|polish|russian|chinese|japanese|"
    r"korean|arabic|hindi|turkish|swedish)",
    re.IGNORECASE,
)
_MANNER = re.compile(
    r"(?:more |less )?(?:detail|general|short|total|brief|full|all|fact|depth)s?", re.IGNORECASE
)
_PLACES = frozenset({"in", "for", "at", "near"})
_ASPECT = re.compile(
    r"(?:the|its|their)\s+(?!(?:other|others|same|rest|first|second|third|last|next|former|latter|"
    r"result|answer|one|ones)\b)([a-z][\w-]*(?: [a-z][\w-]*){0,2})"
)

_POINTS_TO_NUMBER = re.compile(
    r"\b((?:multiply|divide|add|subtract|convert|round|double|triple|halve|square|times|plus|minus|"
    r"by|of|from|to|with)\s+)(?:it|that|this|the (?:result|answer|total|sum))\b"
    r"|\b((?:is|are)\s+)(?:that|this)(?=\s*[?.!]|\s+(?:in|as|plus|minus|times)\b|$)",
    re.IGNORECASE,
)
_POINTS_TO_TEXT = re.compile(
    r"\b(?:it|that|this|them|those|the (?:answer|result|text|list|above)|your (?:answer|reply))\b",
    re.IGNORECASE,
)
_OWN_ANTECEDENT = re.compile(r"\w.*(?:,|\b(?:and|then)\b)", re.IGNORECASE)
"""Before a pointing word: something else in the same request that it may mean."""
_DUMMY_IT = re.compile(r"\b(?:is|was|does|will|would) it\b|\bit(?:'s| is)\b", re.IGNORECASE)
_NUMERIC_ANSWER = re.compile(rf"{_NUMBER}[\w\s%°/.,-]{{0,24}}")


@dataclass(frozen=True, slots=True)
class PreviousTurn:
    """What the request before gives to go on from."""

    text: str
    """The request as it was understood."""
    values: tuple[str, ...] = ()
    """The arguments that its route read out of its words."""
    answer: str = ""
    """Its bare answer, such as `36 °C`, where it has one."""


@dataclass(frozen=True, slots=True)
class _Fragment:
    """What is left of a follow-up without its opening and its question mark."""

    preposition: str
    body: str
    opened: bool
    """It began as only a follow-up does: `and`, `what about`."""

    @property
    def whole(self) -> str:
        return f"{self.preposition} {self.body}".strip()


Span = tuple[int, int]


def resolve(previous: PreviousTurn, text: str) -> str | None:
    """Return the follow-up as a whole request, or None where the words do not settle it."""
    pointed = _replace_pointer(previous, text)
    if pointed is not None:
        return pointed
    fragment = _fragment(text)
    if fragment is None:
        return None
    for kind in (
        _by_quote_or_file,
        _by_time,
        _by_unit,
        _by_number,
        _by_aspect,
        _by_name,
        _by_preposition,
    ):
        found = kind(previous, fragment)
        if found is not None:
            return found
    return None


def refers_back(text: str) -> bool:
    """Return whether a request points to the answer before it: `save it as notes.md`."""
    first = clauses.split(text)[0]
    found = _POINTS_TO_TEXT.search(first)
    if found is None or _DUMMY_IT.search(first):
        return False
    return not _OWN_ANTECEDENT.search(first[: found.start()])


def _replace_pointer(previous: PreviousTurn, text: str) -> str | None:
    if not _NUMERIC_ANSWER.fullmatch(previous.answer.strip()):
        return None
    first = clauses.split(text)[0]
    found = _POINTS_TO_NUMBER.search(first)
    if found is None or not text.startswith(first):
        return None
    if _OWN_ANTECEDENT.search(first[: found.start()]):
        return None
    lead = found[1] or found[2]
    named = f"{first[: found.start()]}{lead}{previous.answer.strip()}{first[found.end() :]}"
    return named + text[len(first) :]


def _fragment(text: str) -> _Fragment | None:
    """Return what a follow-up names, or None for a request that stands by itself."""
    plain = " ".join(text.split())
    lead = _LEAD.match(plain)
    rest = _TAIL.sub("", plain[lead.end() if lead else 0 :])
    if not rest or len(rest.split()) > _MAX_WORDS or len(clauses.split(rest)) > 1:
        return None
    if clauses.asks(rest) or _OWN_QUESTION.search(rest):
        return None
    opened = bool(lead and lead.group())
    preposition = _PREPOSITION.match(rest)
    if preposition:
        return _Fragment(preposition[1].lower(), rest[preposition.end() :], opened)
    return _Fragment("", rest, opened)


def _by_quote_or_file(previous: PreviousTurn, fragment: _Fragment) -> str | None:
    for pattern in (_QUOTED, _FILE):
        if pattern.fullmatch(fragment.body):
            spans = [found.span() for found in pattern.finditer(previous.text)]
            return _replace(previous.text, _only(spans), fragment.body)
    return None


def _by_time(previous: PreviousTurn, fragment: _Fragment) -> str | None:
    if not _TIME_RE.fullmatch(fragment.body):
        return None
    spans = [found.span() for found in _TIME_RE.finditer(previous.text)]
    if not spans:
        bare_number = _NUMBER_RE.fullmatch(fragment.body)
        return None if bare_number else _append(previous.text, fragment.whole)
    span = _only(spans)
    if span is None:
        return None
    lead = _TIME_PREPOSITION.search(previous.text[: span[0]])
    if lead and (fragment.preposition or _RELATIVE_RE.fullmatch(fragment.body)):
        return _replace(previous.text, (lead.start(), span[1]), fragment.whole)
    return _replace(previous.text, span, fragment.body)


def _by_unit(previous: PreviousTurn, fragment: _Fragment) -> str | None:
    if not _UNIT_RE.fullmatch(fragment.body):
        return None
    spans = [found.span(1) for found in _UNIT_WANTED.finditer(previous.text)]
    return _replace(previous.text, _only(spans), fragment.body)


def _by_number(previous: PreviousTurn, fragment: _Fragment) -> str | None:
    """Replace what has the form of the fragment, figures apart; else the only figure."""
    if not _NUMBER_RE.match(fragment.body):
        return None
    form = _form(fragment.body)
    alike = [found.span() for found in form.finditer(previous.text)]
    span = _after(previous.text, fragment.preposition, alike) or _only(alike)
    if span is not None:
        return _replace(previous.text, span, fragment.body)
    figure = re.compile(rf"{_NUMBER}(?:\s?(?:%|{_UNIT}\b))?", re.IGNORECASE)
    figures = [found.span() for found in figure.finditer(previous.text)]
    if not re.fullmatch(figure, fragment.body):
        return None
    span = _after(previous.text, fragment.preposition, figures) or _only(figures)
    bare = _NUMBER_RE.fullmatch(fragment.body)
    if span and bare and (same_unit := _NUMBER_RE.match(previous.text, *span)):
        span = same_unit.span()
    return _replace(previous.text, span, fragment.body)


def _by_aspect(previous: PreviousTurn, fragment: _Fragment) -> str | None:
    """Ask for another property, such as `the population`, of the only thing that has a name."""
    aspect = _ASPECT.fullmatch(fragment.body)
    if aspect is None or fragment.preposition or not fragment.opened:
        return None
    named = _only(_occurrences(previous.text, previous.values) or _names(previous.text))
    return f"What is the {aspect[1]} of {previous.text[slice(*named)]}?" if named else None


def _by_name(previous: PreviousTurn, fragment: _Fragment) -> str | None:
    if _MANNER.fullmatch(fragment.body) or not _may_name(fragment):
        return None
    if fragment.preposition == "in" and _LANGUAGE.fullmatch(fragment.body):
        return _append(previous.text, fragment.whole)
    known = _occurrences(previous.text, previous.values)
    capitalised = bool(_NAME.match(fragment.body))
    spans = known or (_names(previous.text) if capitalised else [])
    span = _after(previous.text, fragment.preposition, spans) or _only(spans)
    if span is not None:
        return _replace(previous.text, span, fragment.body)
    if not spans and capitalised and fragment.preposition in _PLACES:
        return _append(previous.text, fragment.whole)
    return None


def _by_preposition(previous: PreviousTurn, fragment: _Fragment) -> str | None:
    """Replace the one word that stands behind the same preposition, where another part follows.

    `and on home?` after `how much did I spend on travel according to costs.csv?`
    """
    if not fragment.opened or not fragment.preposition or not _WORD.fullmatch(fragment.body):
        return None
    behind = re.compile(
        rf"\b{fragment.preposition}\s+({_WORD.pattern})"
        rf"(?=\s*[?.!,]*\s*$|\s+(?:according|{_PREPOSITIONS})\b)",
        re.IGNORECASE,
    )
    spans = [found.span(1) for found in behind.finditer(previous.text)]
    return _replace(previous.text, _only(spans), fragment.body)


def _may_name(fragment: _Fragment) -> bool:
    """Return whether the words name something: `Paris`, or behind an opening `paris` as well."""
    if _NAME.match(fragment.body):
        return True
    plain = fragment.body[:1].isalpha() and not _PREPOSITION.search(fragment.body)
    return plain and (fragment.opened or fragment.preposition in _PLACES)


def _form(body: str) -> re.Pattern[str]:
    """Return the pattern of a text with any other figures in it."""
    parts = [re.escape(part) for part in _NUMBER_RE.split(body)]
    pattern = _NUMBER.join(part.replace(r"\ ", r"\s+") for part in parts)
    # A bare figure is no figure with a unit behind it.
    end = rf"(?![\d.,]*\d|\s?(?:%|{_UNIT}\b))" if _NUMBER_RE.fullmatch(body) else r"(?!\w)"
    return re.compile(rf"(?<![\w.]){pattern}{end}", re.IGNORECASE)


def _names(text: str) -> list[Span]:
    """Return the capitalised runs of a text that do not merely begin a sentence."""
    return [
        found.span()
        for found in _NAME.finditer(text)
        if not re.search(r"(?:^|[.?!]\s+)$", text[: found.start()])
        and not _TIME_RE.fullmatch(found[0])
        and not _UNIT_RE.fullmatch(found[0])
        and found[0] != "I"
    ]


def _occurrences(text: str, values: Sequence[str]) -> list[Span]:
    """Return where words among the values stand in the text, each at its first place.

    A file's name is not among them: no other name stands in its place.
    """
    spans = set()
    for value in values:
        named = any(map(str.isalpha, value)) and not any(map(str.isdigit, value))
        if named and not _FILE.fullmatch(value):
            found = re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE)
            if found and not _UNIT_RE.fullmatch(value):
                spans.add(found.span())
    return sorted(spans)


def _after(text: str, preposition: str, spans: Sequence[Span]) -> Span | None:
    """Return the only span that follows the preposition."""
    if not preposition:
        return None
    before = re.compile(rf"\b{preposition}\s+(?:the\s+)?$", re.IGNORECASE)
    return _only([span for span in spans if before.search(text[: span[0]])])


def _only(spans: Sequence[Span]) -> Span | None:
    return spans[0] if len(spans) == 1 else None


def _replace(text: str, span: Span | None, by: str) -> str | None:
    return None if span is None else f"{text[: span[0]]}{by}{text[span[1] :]}"


def _append(text: str, what: str) -> str:
    end = re.search(r"\s*[?.!]*\s*$", text)
    at = end.start() if end else len(text)
    return f"{text[:at]} {what}{text[at:]}"
