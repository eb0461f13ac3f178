"""Tie every sentence of an answer to what supports it. Pure: no model, no I/O.

A number, a date or a name in a sentence must stand in a cited text or in the user's own words;
otherwise the sentence has no support. Models never write citations: code does, afterwards.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from toollama.agents.figures import Figure, figures, known, stands_for
from toollama.agents.messages import CitedSentence

_NAME_WORD = re.compile(r"\b\w[\w'’-]*\w")
_WORD = re.compile(r"[^\W\d_]{4,}")
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”)\]]*\s+(?=[\"'“(\[]?[A-Z0-9])")
_OPENERS = frozenset(
    [
        "The",
        "This",
        "That",
        "These",
        "Those",
        "It",
        "Its",
        "They",
        "Their",
        "He",
        "She",
        "His",
        "Her",
        "We",
        "You",
        "Your",
        "There",
        "Here",
        "In",
        "On",
        "At",
        "By",
        "For",
        "From",
        "With",
        "And",
        "But",
        "Or",
        "So",
        "As",
        "If",
        "When",
        "While",
        "Then",
        "However",
        "Also",
        "Based",
        "According",
        "Therefore",
        "Thus",
        "Yes",
        "No",
        "A",
        "An",
        "Of",
        "To",
        "What",
        "Which",
        "Who",
        "How",
        "Among",
        "Overall",
        "Both",
        "Each",
        "Every",
        "All",
        "Some",
        "Answer",
        "Note",
        "Additionally",
        "Finally",
        "First",
        "Second",
        "Third",
    ]
)
_SUPPORTED_OVERLAP = 0.5


@dataclass(frozen=True, slots=True)
class Support:
    """A text that sentences may rest on."""

    id: str
    text: str


def sentences(text: str) -> list[str]:
    """Return the sentences and list lines of a text, without empty ones."""
    found: list[str] = []
    for line in text.splitlines():
        found += [part.strip() for part in _SENTENCE_END.split(line) if part.strip()]
    return found


def names(sentence: str) -> set[str]:
    """Return the capitalised words that are names: not common openers of a sentence."""
    found = {word for word in _NAME_WORD.findall(sentence) if word[0].isupper()}
    return {word.removesuffix("'s").removesuffix("’s") for word in found} - _OPENERS


def overlap(sentence: str, text: str) -> float:
    """Return which share of the sentence's longer words stands in the text, 0…1."""
    wanted = {word.lower() for word in _WORD.findall(sentence)}
    if not wanted:
        return 1.0
    present = {word.lower() for word in _WORD.findall(text)}
    return sum(_stands_in(word, present) for word in wanted) / len(wanted)


def _stands_in(word: str, present: set[str]) -> bool:
    if word in present:
        return True
    stem = word[: max(4, len(word) - 3)]
    return any(other.startswith(stem) for other in present)


def unsupported(
    sentence: str, supports: Sequence[Support], question: str, *, check_opener: bool = False
) -> list[str]:
    """Return the numbers and names of a sentence that stand in no support and not in the words.

    A capitalised first word may be a name or just the first word; `check_opener` takes it for a
    name.
    """
    texts = [question, *(support.text for support in supports)]
    known_figures = frozenset[Figure]().union(*map(known, texts))
    known_text = " ".join(texts)
    missing = sorted(
        shown
        for shown, figure in figures(sentence).items()
        if not stands_for(figure, known_figures)
    )
    words = sentence.split()
    opener = words[0].strip("\"'“”*-_(") if words else ""
    missing.extend(
        name
        for name in sorted(names(sentence))
        if (check_opener or name != opener) and not _begins_a_word(name, known_text)
    )
    return missing


def _begins_a_word(name: str, text: str) -> bool:
    return bool(re.search(rf"\b{re.escape(name)}", text, re.IGNORECASE))


def share_of_figures(text: str, statement: str) -> float:
    """Return which share of a statement's figures is in the text, exactly or rounded, 0…1."""
    told = figures(text).values()
    wanted = set(figures(statement).values())
    said = sum(any(stands_for(shown, {figure}) for shown in told) for figure in wanted)
    return said / len(wanted) if wanted else 1.0


def cite(sentence: str, supports: Sequence[Support], question: str) -> CitedSentence:
    """Return the sentence with the ids of the texts that support it best."""
    if unsupported(sentence, supports, question):
        return CitedSentence(text=sentence, support="none")
    claims = _claims(sentence, question)
    chosen = _fewest(claims, sentence, supports)
    told = "\n".join(support.text for support in chosen)
    covered = bool(chosen) and all(isinstance(c, str) for c in claims - _held(claims, told))
    support: Literal["supported", "weak"] = (
        "supported" if covered and overlap(sentence, told) >= _SUPPORTED_OVERLAP else "weak"
    )
    return CitedSentence(text=sentence, cites=tuple(one.id for one in chosen), support=support)


def _claims(sentence: str, question: str) -> set[Figure | str]:
    """Return the figures and names that a sentence adds to the question."""
    asked = known(question)
    added = {figure for figure in figures(sentence).values() if not stands_for(figure, asked)}
    return added | {name for name in names(sentence) if not _begins_a_word(name, question)}


def _held(claims: Iterable[Figure | str], text: str) -> set[Figure | str]:
    """Return the claims that stand in a text."""
    present = known(text)
    return {
        claim
        for claim in claims
        if (_begins_a_word(claim, text) if isinstance(claim, str) else stands_for(claim, present))
    }


def _fewest(claims: set[Figure | str], sentence: str, supports: Sequence[Support]) -> list[Support]:
    """Return few texts that hold all claims together, and one that is as good as the best."""

    def rank(support: Support, claims: set[Figure | str]) -> tuple[int, float]:
        return len(_held(claims, support.text)), overlap(sentence, support.text)

    if not supports:
        return []
    best = max(rank(support, claims) for support in supports)
    chosen = [support for support in supports if rank(support, claims) == best][:2]
    while left := claims - _held(claims, "\n".join(support.text for support in chosen)):
        further = max(supports, key=lambda support: rank(support, left))
        if not _held(left, further.text):
            break
        chosen.append(further)
    return chosen


def number_sources(cited: Sequence[CitedSentence]) -> Mapping[str, int]:
    """Number the cited evidence ids in the order they first support a sentence."""
    order = dict.fromkeys(_ids(cited))
    return {evidence_id: number for number, evidence_id in enumerate(order, start=1)}


def _ids(cited: Sequence[CitedSentence]) -> Iterator[str]:
    for sentence in cited:
        yield from sentence.cites
