"""Candidates for one parameter of text, with how well each fits. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toollama.tools.foreign import places, spans
from toollama.tools.foreign.cues import described_stems, examples, name_stems, stem, stems, words
from toollama.tools.foreign.signature import Parameter
from toollama.tools.foreign.spans import Span

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


def wants_place(parameter: Parameter) -> bool:
    """Return whether a place is asked for as `City, State` or `City, Country`."""
    return bool(_CITY_AND_MORE.search(parameter.description))


def texts(parameter: Parameter, text: str) -> list[Scored]:
    """Return the spans of the text that may be the parameter's value, the best first."""
    special = list(_of_form(parameter, text))
    if special or has_form(parameter):
        return sorted(special, key=lambda one: -one.score)
    found = [*_examples(parameter, text), *_phrases(parameter, text), *_spans(parameter, text)]
    best: dict[str, Scored] = {}
    for one in found:
        if one.span.text and (one.span.text not in best or best[one.span.text].score < one.score):
            best[one.span.text] = one
    return sorted(best.values(), key=lambda one: -one.score)


def has_form(parameter: Parameter) -> bool:
    """Return whether only an address or a link can be meant."""
    own = set(words(parameter.path[-1]))
    return bool(own & _FORMS) and not own & {"name", "slug"}


def _of_form(parameter: Parameter, text: str) -> Iterator[Scored]:
    """Yield spans whose form alone tells: addresses, links, files, places with their state."""
    yield from _links(parameter, text)
    if re.search(r"latitude, longitude", parameter.description, re.IGNORECASE):
        for span in spans.matching(_COORDINATES, text):
            yield Scored(span, _OF_FORM)
    if wants_place(parameter):
        for span in spans.matching(spans.PLACE, text):
            yield Scored(_lettered(parameter, span), _OF_FORM + span.start / 10_000)
    elif "state" in words(parameter.path[-1]) and places.wants_letters(parameter.description):
        for letters, start, end in places.states(text):
            yield Scored(Span(letters, start, end), _OF_FORM)


def _links(parameter: Parameter, text: str) -> Iterator[Scored]:
    own = set(words(parameter.path[-1]))
    about = own | set(words(parameter.description))
    links = spans.matching(spans.URL, text)
    files = [one for one in spans.matching(spans.PATH, text) if not _inside(one, links)]
    for cue, found in (
        ("email", spans.matching(spans.EMAIL, text)),
        ("url", links),
        ("path", [*links, *files]),
    ):
        named = cue in own and "name" not in own
        if named or (cue in about and cue != "path" and not own & {"body", "subject"}):
            for one in found:
                span = _addressed(one, text)
                yield Scored(span, _LINK - _far(parameter, text, span) * 0.1)


def _lettered(parameter: Parameter, span: Span) -> Span:
    if not places.wants_letters(parameter.description):
        return span
    return Span(places.with_letters(span.text), span.start, span.end)


def _addressed(link: Span, text: str) -> Span:
    """Return a link with the address of the text in the place that it holds open for one."""
    addresses = spans.matching(spans.IP, text)
    if not addresses:
        return link
    filled = re.sub(r"[{<]ip[}>]", addresses[0].text, link.text)
    return Span(filled, link.start, link.end)


def _inside(span: Span, others: Sequence[Span]) -> bool:
    return any(other.start <= span.start < other.end for other in others)


def _examples(parameter: Parameter, text: str) -> Iterator[Scored]:
    """Yield the description's examples that the text names."""
    for example in examples(parameter):
        pattern = re.compile(rf"\b{re.escape(example)}(?=s?\b)", re.IGNORECASE)
        if (match := pattern.search(text)) and len(example) > 2:
            before = re.search(r"\b(?:slightly|very|extra|not) $", text[: match.start()])
            start = before.start() if before else match.start()
            yield Scored(Span(text[start : match.end()], start, match.end()), _EXAMPLE)


def _phrases(parameter: Parameter, text: str) -> Iterator[Scored]:
    if _ORDERED.search(" ".join(words(parameter.path[-1]))) and (match := _USING.search(text)):
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


def _spans(parameter: Parameter, text: str) -> Iterator[Scored]:
    about = f"{' '.join(words(parameter.path[-1]))} {parameter.description}"
    identifier = bool(_IDENTIFIER.search(about))
    proper = bool(_PROPER.search(about))
    for span in spans.quoted(text):
        yield Scored(span, _QUOTED + _near(parameter, text, span) * _NEARER)
    for span in spans.codes(text):
        if span.text.isdigit() and not (identifier and _far(parameter, text, span) <= 1):
            continue
        bonus = _OF_ITS_KIND if identifier else 0.0
        yield Scored(span, _BARE + bonus + _near(parameter, text, span) * _NEARER)
    for name in spans.names(text):
        span, titled = _untitled(parameter, name)
        bonus = (_OF_ITS_KIND if proper else 0.0) + (_TITLED if titled else 0.0)
        yield Scored(span, _BARE + bonus + _near(parameter, text, span) * _NEARER)


def _untitled(parameter: Parameter, span: Span) -> tuple[Span, bool]:
    """Return `Chatuchak` of `Chatuchak District` for a district, and whether it was one."""
    bare, _, last = span.text.rpartition(" ")
    if bare and last.lower() != "city" and last.lower() == "".join(_title(parameter)):
        return Span(bare, span.start, span.start + len(bare)), True
    return span, False


def _title(parameter: Parameter) -> list[str]:
    return [word for word in words(parameter.path[-1]) if word not in {"name", "of", "the"}]


def _near(parameter: Parameter, text: str, span: Span) -> int:
    nouns = name_stems(parameter)
    before = stems(text[max(span.start - 80, 0) : span.start])[-4:]
    several = max(len(set(nouns) & set(before)) - 1, 0)
    return max(_REACH + 1 - _far(parameter, text, span), 0) + 2 * several


def _far(parameter: Parameter, text: str, span: Span) -> int:
    own = spans.distance(text, span, name_stems(parameter), reach=_REACH)
    described = spans.distance(text, span, list(described_stems(parameter)), reach=3)
    return min(own, described + (1 if described <= 1 else 3))


def takes_all(parameter: Parameter) -> bool:
    """Return whether the parameter takes what was said as it was said."""
    return bool(set(words(parameter.path[-1])) & _SAID)


def everything(text: str) -> Scored:
    """Return the whole request, which a quotation would outdo."""
    return Scored(Span(text.strip(), 0, len(text)), 2.9)


def mentions(parameter: Parameter, text: str) -> bool:
    """Return whether the text speaks of the parameter by the nouns of its name."""
    spoken = {stem(word) for word in words(text)}
    return bool(set(name_stems(parameter)) & spoken)
