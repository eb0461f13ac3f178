"""Candidates for one parameter of text, with how well each fits. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from toollama.tools.foreign import places, spans
from toollama.tools.foreign.cues import described_stems, examples, name_stems, stem, stems, words
from toollama.tools.foreign.signature import Parameter
from toollama.tools.foreign.spans import Pieces, Span

_IDENTIFIER = re.compile(
    r"\b(?:id|ids|identifier|uuid|serial|code|key|version|token)\b", re.IGNORECASE
)
_PROPER = re.compile(
    r"\b(?:name|city|country|place|location|person|company|brewery|brand|restaurant|district|"
    r"region|zone|address|author|artist|title|customer|province)\b",
    re.IGNORECASE,
)
_CITY_AND_MORE = re.compile(
    r"\bCity,? ?(?:and )?(?:State|Country|Province)|Location, State", re.IGNORECASE
)
_LATITUDE_FIRST = re.compile(r"latitude, longitude", re.IGNORECASE)
_ORDERED = re.compile(r"\b(?:command|instruction|query|expression|statement)\b", re.IGNORECASE)
_USING = re.compile(
    r"\b(?:using|use) (?:the )?(?:exact |following )?(?:(?:command|instruction)(?: called)? )?"
    r"(?P<value>\S.*?)(?: (?:command|instruction))?(?: to find out)?\s*[.?!]?\s*$",
    re.IGNORECASE,
)
_SAID = frozenset(str.split("message statement text input sentence utterance prompt question"))
_COORDINATES = re.compile(r"-?\d{1,3}\.\d+, ?-?\d{1,3}\.\d+")
_FORMS = frozenset({"email", "url", "cc", "bcc"})
_REACH = 6
"""Words between a value and the noun that names it."""
_CERTAIN = 4.0
_QUOTED, _BARE = 3.0, 0.8
"""What a quotation and a code or a name are worth without a noun near them."""
_OF_ITS_KIND, _TITLED, _NEARER = 1.4, 3.0, 0.4
"""What is added for the kind that is asked for, for `X District`, for each word nearer."""
_EXAMPLE, _VERBATIM, _ORDER, _OF_FORM, _LINK = 4.2, 4.3, 6.5, 4.5, 5.0
_AFTER_NOUN, _WEAK = 2.6, 1.0


@dataclass(frozen=True, slots=True)
class Scored:
    """A span that may be the value, and how well it fits; from 4 on it is certain."""

    span: Span
    score: float

    @property
    def certain(self) -> bool:
        """Return whether the words can hardly mean anything else."""
        return self.score >= _CERTAIN


@dataclass(frozen=True, slots=True)
class _Sought:
    """What a parameter's name and description say of the pieces that may be its value."""

    own: frozenset[str]
    """The words of the name."""
    about: frozenset[str]
    """Those of the description as well."""
    title: str
    """What a place of this kind is called behind its name: `district`."""
    coordinates: bool
    place: bool
    """A place with its state or its country."""
    letters: bool
    """A state by its postal letters."""
    identifier: bool
    proper: bool
    ordered: bool


@lru_cache(maxsize=4096)
def _sought(parameter: Parameter) -> _Sought:
    own, described = words(parameter.path[-1]), parameter.description
    about = f"{' '.join(own)} {described}"
    return _Sought(
        own=frozenset(own),
        about=frozenset((*own, *words(described))),
        title="".join(word for word in own if word not in {"name", "of", "the"}),
        coordinates=bool(_LATITUDE_FIRST.search(described)),
        place=bool(_CITY_AND_MORE.search(described)),
        letters=places.wants_letters(described),
        identifier=bool(_IDENTIFIER.search(about)),
        proper=bool(_PROPER.search(about)),
        ordered=bool(_ORDERED.search(" ".join(own))),
    )


def wants_place(parameter: Parameter) -> bool:
    """Return whether a place is asked for as `City, State` or `City, Country`."""
    return _sought(parameter).place


def texts(parameter: Parameter, pieces: Pieces) -> list[Scored]:
    """Return the pieces of a request that may be the parameter's value, the best first."""
    special = list(_of_form(parameter, pieces))
    if special or has_form(parameter):
        return sorted(special, key=lambda one: -one.score)
    text = pieces.text
    found = [*_examples(parameter, text), *_phrases(parameter, text), *_spans(parameter, pieces)]
    best: dict[str, Scored] = {}
    for one in found:
        if one.span.text and (one.span.text not in best or best[one.span.text].score < one.score):
            best[one.span.text] = one
    return sorted(best.values(), key=lambda one: -one.score)


def has_form(parameter: Parameter) -> bool:
    """Return whether only an address or a link can be meant."""
    own = _sought(parameter).own
    return bool(own & _FORMS) and not own & {"name", "slug"}


def _of_form(parameter: Parameter, pieces: Pieces) -> Iterator[Scored]:
    """Yield spans whose form alone tells: addresses, links, files, places with their state."""
    sought = _sought(parameter)
    yield from _links(parameter, pieces)
    if sought.coordinates:
        for span in spans.matching(_COORDINATES, pieces.text):
            yield Scored(span, _OF_FORM)
    if sought.place:
        for span in spans.matching(spans.PLACE, pieces.text):
            place = places.with_letters(span.text) if sought.letters else span.text
            yield Scored(Span(place, span.start, span.end), _OF_FORM + span.start / 10_000)
    elif sought.letters and "state" in sought.own:
        for letters, start, end in places.states(pieces.text):
            yield Scored(Span(letters, start, end), _OF_FORM)


def _links(parameter: Parameter, pieces: Pieces) -> Iterator[Scored]:
    sought = _sought(parameter)
    own = sought.own
    named = own if "name" not in own else frozenset[str]()
    about = sought.about if not own & {"body", "subject"} else frozenset[str]()
    found: list[Span] = []
    found += pieces.emails if "email" in named | about else []
    found += pieces.links if "url" in named | about else []
    found += [*pieces.links, *pieces.files] if "path" in named else []
    for one in found:
        span = _addressed(one, pieces.text)
        yield Scored(span, _LINK - _far(parameter, pieces.text, span) * 0.1)


def _addressed(link: Span, text: str) -> Span:
    """Return a link with the address of the text in the place that it holds open for one."""
    addresses = spans.matching(spans.IP, text)
    if not addresses:
        return link
    filled = re.sub(r"[{<]ip[}>]", addresses[0].text, link.text)
    return Span(filled, link.start, link.end)


def _examples(parameter: Parameter, text: str) -> Iterator[Scored]:
    """Yield the description's examples that the text names."""
    for example in examples(parameter):
        pattern = re.compile(rf"\b{re.escape(example)}(?=s?\b)", re.IGNORECASE)
        if (match := pattern.search(text)) and len(example) > 2:
            before = re.search(r"\b(?:slightly|very|extra|not) $", text[: match.start()])
            start = before.start() if before else match.start()
            yield Scored(Span(text[start : match.end()], start, match.end()), _EXAMPLE)


def _phrases(parameter: Parameter, text: str) -> Iterator[Scored]:
    if _sought(parameter).ordered and (match := _USING.search(text)):
        whole = " " in match["value"] and not re.search(r" or | command\b", match["value"])
        yield Scored(Span(match["value"], *match.span("value")), _ORDER if whole else _WEAK)
    verbatim = re.search(r"\bverbatim:? (?P<value>\S.*)$", text)
    if verbatim and not examples_only(parameter):
        yield Scored(Span(verbatim["value"], *verbatim.span("value")), _VERBATIM)
    for span in spans.after_phrase(text, name_stems(parameter)):
        short = len(span.text.split()) <= 12
        yield Scored(span, _AFTER_NOUN if short else _WEAK)


def examples_only(parameter: Parameter) -> bool:
    """Return whether the parameter is a name of something short."""
    return "name" in words(parameter.description)[:2] or bool(
        re.search(r"\bname of\b", parameter.description)
    )


def _spans(parameter: Parameter, pieces: Pieces) -> Iterator[Scored]:
    sought, text = _sought(parameter), pieces.text
    for span in pieces.quoted:
        yield Scored(span, _QUOTED + _near(parameter, text, span) * _NEARER)
    for span in pieces.codes:
        if span.text.isdigit() and not (sought.identifier and _far(parameter, text, span) <= 1):
            continue
        bonus = _OF_ITS_KIND if sought.identifier else 0.0
        yield Scored(span, _BARE + bonus + _near(parameter, text, span) * _NEARER)
    for name in pieces.names:
        span, titled = _untitled(name, sought.title)
        bonus = (_OF_ITS_KIND if sought.proper else 0.0) + (_TITLED if titled else 0.0)
        yield Scored(span, _BARE + bonus + _near(parameter, text, span) * _NEARER)


def _untitled(span: Span, title: str) -> tuple[Span, bool]:
    """Return `Chatuchak` of `Chatuchak District` for a district, and whether it was one."""
    bare, _, last = span.text.rpartition(" ")
    if bare and last.lower() != "city" and last.lower() == title:
        return Span(bare, span.start, span.start + len(bare)), True
    return span, False


def _near(parameter: Parameter, text: str, span: Span) -> int:
    nouns = name_stems(parameter)
    before = stems(text[max(span.start - 80, 0) : span.start])[-4:]
    several = max(len(set(nouns) & set(before)) - 1, 0)
    return max(_REACH + 1 - _far(parameter, text, span), 0) + 2 * several


def _far(parameter: Parameter, text: str, span: Span) -> int:
    own = spans.distance(text, span, name_stems(parameter), reach=_REACH)
    described = spans.distance(text, span, described_stems(parameter), reach=3)
    return min(own, described + (1 if described <= 1 else 3))


def takes_all(parameter: Parameter) -> bool:
    """Return whether the parameter takes what was said as it was said."""
    return bool(_sought(parameter).own & _SAID)


def everything(text: str) -> Scored:
    """Return the whole request, which a quotation would outdo."""
    return Scored(Span(text.strip(), 0, len(text)), 2.9)


def mentions(parameter: Parameter, text: str) -> bool:
    """Return whether the text speaks of the parameter by the nouns of its name."""
    spoken = {stem(word) for word in words(text)}
    return bool(set(name_stems(parameter)) & spoken)
