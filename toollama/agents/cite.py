"""Tie every sentence of an answer to what supports it. Pure: no model, no I/O.

A number, a date or a name in a sentence must stand in a cited text or in the user's own words;
otherwise the sentence has no support. Models never write citations: code does, afterwards.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from toollama.agents.messages import CitedSentence

_DIGITS = re.compile(r"\d+(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?")
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


def numbers(text: str) -> set[Fraction]:
    """Return the values of the numbers in a text; `1,200.50` and `1200.5` are the same."""
    return {Fraction(match.replace(",", "")) for match in _DIGITS.findall(text)}


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
    known = " ".join([question, *(support.text for support in supports)])
    known_numbers, known_lower = numbers(known), known.lower()
    missing = [
        shown
        for shown in sorted(set(_DIGITS.findall(sentence)))
        if not _stands_for(shown, known_numbers)
    ]
    words = sentence.split()
    opener = words[0].strip("\"'“”*-_(") if words else ""
    missing.extend(
        name
        for name in sorted(names(sentence))
        if name.lower() not in known_lower and (check_opener or name != opener)
    )
    return missing


def _stands_for(shown: str, known: set[Fraction]) -> bool:
    """Return whether a written number is a known one, exactly or rounded to what is shown."""
    value = Fraction(shown.replace(",", ""))
    decimals = len(shown.partition(".")[2])
    return value in known or any(
        number.denominator != 1 and round(number, decimals) == value for number in known
    )


def share_of_figures(text: str, statement: str) -> float:
    """Return which share of a statement's figures is in the text, exactly or rounded, 0…1."""
    told = set(_DIGITS.findall(text))
    figures = numbers(statement)
    said = sum(any(_stands_for(shown, {figure}) for shown in told) for figure in figures)
    return said / len(figures) if figures else 1.0


def cite(sentence: str, supports: Sequence[Support], question: str) -> CitedSentence:
    """Return the sentence with the ids of the texts that support it best."""
    if unsupported(sentence, supports, question):
        return CitedSentence(text=sentence, support="none")
    wanted = {n for n in _DIGITS.findall(sentence) if not _stands_for(n, numbers(question))}
    scored = sorted(
        (
            (_count(wanted, numbers(support.text)), overlap(sentence, support.text), support.id)
            for support in supports
        ),
        key=lambda row: (-row[0], -row[1]),
    )
    best = [row for row in scored if row[:2] == scored[0][:2]] if scored else []
    covered = bool(best) and best[0][0] == len(wanted)
    strength = best[0][1] if best else 0.0
    support: Literal["supported", "weak"] = (
        "supported" if covered and strength >= _SUPPORTED_OVERLAP else "weak"
    )
    return CitedSentence(text=sentence, cites=tuple(row[2] for row in best[:2]), support=support)


def _count(shown: set[str], known: set[Fraction]) -> int:
    return sum(_stands_for(number, known) for number in shown)


def number_sources(cited: Sequence[CitedSentence]) -> Mapping[str, int]:
    """Number the cited evidence ids in the order they first support a sentence."""
    order = dict.fromkeys(_ids(cited))
    return {evidence_id: number for number, evidence_id in enumerate(order, start=1)}


def _ids(cited: Sequence[CitedSentence]) -> Iterator[str]:
    for sentence in cited:
        yield from sentence.cites
