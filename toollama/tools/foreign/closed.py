"""Which value of a closed set the words mean: options, legends, switches. Pure."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from toollama.tools.foreign.cues import labels, name_stems, stem, words
from toollama.tools.foreign.signature import Parameter

_ALIKE = (
    frozenset(str.split("add create new remember append insert buy")),
    frozenset(str.split("delete remove clear cancel drop erase")),
    frozenset(str.split("update change edit modify switch adjust")),
    frozenset(str.split("complete finish done mark")),
    frozenset(str.split("high strong strongest max maximum highest")),
    frozenset(str.split("low weak weakest min minimum lowest gentle")),
    frozenset(str.split("mid medium middle moderate")),
    frozenset(str.split("asc ascending")),
    frozenset(str.split("desc descending")),
    frozenset(str.split("on start enable begin activate turn")),
    frozenset(str.split("off stop disable end deactivate")),
    frozenset(str.split("en english")),
    frozenset(str.split("es spanish")),
    frozenset(str.split("de german")),
    frozenset(str.split("fr french")),
    frozenset(str.split("day daily")),
)
_SPELLED = 0.9
"""From here on a label stands in the text itself, and not a word that means it."""
_NEGATED = re.compile(
    r"\b(?:no|not|without|never|disable\w*|exclud\w*|omit\w*|skip\w*|off|don'?t|doesn'?t)\b"
    r"(?:\W+\w+){0,4}\W*$",
    re.IGNORECASE,
)


def options_meant(parameter: Parameter, text: str) -> list[Any]:
    """Return the values of a closed set that the text names, the best match first."""
    spoken = words(text)
    known = labels(parameter)
    scores = [(_score(label.split(), spoken), value) for label, value in known.items()]
    best = max((score for score, _ in scores), default=0.0)
    if not best:
        return _distinctive(known, spoken)
    if best < _SPELLED and not parameter.required and not _named(parameter, spoken):
        return []
    if turned := _turned_to(known, text):
        return turned
    found: list[Any] = []
    for score, value in sorted(scores, key=lambda one: -one[0]):
        if score >= best - 0.15 and value not in found:
            found.append(value)
    return found


def _turned_to(known: Mapping[str, Any], text: str) -> list[Any]:
    """Return the value that a change leads to: `from pizza to a burger`."""
    if not re.search(r"\b(?:change|switch|turn|instead|from)\b", text, re.IGNORECASE):
        return []
    return [
        value
        for label, value in known.items()
        if re.search(rf"\bto (?:an? |the )?{re.escape(label)}\b", text, re.IGNORECASE)
    ][:1]


def _named(parameter: Parameter, spoken: Sequence[str]) -> bool:
    """Return whether every noun of the parameter's name is spoken."""
    return {stem(word) for word in name_stems(parameter)} <= {stem(word) for word in spoken}


def _score(label: Sequence[str], spoken: Sequence[str]) -> float:
    """Return how well a label's words stand in the text: 1 for each that does, 0 if one misses."""
    best = [max((_alike(word, other) for other in spoken), default=0.0) for word in label]
    known = [score for score, word in zip(best, label, strict=True) if word != "service"]
    if not known or 0.0 in known:
        return 0.0
    return sum(known) / len(known) + 0.01 * len(known)


def _distinctive(labels_: Mapping[str, Any], spoken: Sequence[str]) -> list[Any]:
    """Return the values of which the text names a word that no other value shares."""
    counts = Counter(word for label in labels_ for word in set(label.split()))
    return [
        value
        for label, value in labels_.items()
        if any(len(w) >= 5 and counts[w] == 1 and w in spoken for w in label.split())
    ]


@lru_cache(maxsize=256)  # the same text is read for one tool after another
def _alike(word: str, other: str) -> float:
    if word == other:
        return 1.0
    if len(word) > 2 and (stem(word) == stem(other)):
        return 0.95
    if len(other) >= 4 and word.startswith(other):
        return 0.9
    if len(word) >= 4 and other.startswith(word) and len(other) - len(word) > 4:
        return 0.9
    if any(word in group and other in group for group in _ALIKE):
        return 0.8
    return 0.0


def switch_meant(parameter: Parameter, text: str) -> bool | None:
    """Return whether the text turns the parameter on or off; None where it does not speak of it."""
    nouns = name_stems(parameter)
    last = None
    for match in re.finditer(r"[^\W_]+", text):
        if stem(match[0].lower()) in nouns:
            last = match
    spoken = {stem(word) for word in words(text)}
    if last is None or not set(nouns) <= spoken:
        return None
    return not _NEGATED.search(text[: last.start()])
