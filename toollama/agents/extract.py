"""The sentences of a text that say most of what it is about. Pure, no model.

A sentence counts by how often its words occur in the whole text, per word (Luhn, "The Automatic
Creation of Literature Abstracts", 1958). Used where no model may write.
"""

import re
from collections import Counter

from toollama.agents.cite import sentences

_WORD = re.compile(r"[^\W\d_]{4,}")
_MIN_CHARACTERS, _MAX_CHARACTERS = 25, 300
_LEAD_BONUS = 1.25


def leading_sentences(text: str, *, count: int) -> list[str]:
    """Return up to `count` whole sentences of the text, in its own order and words."""
    candidates = [
        sentence
        for sentence in sentences(text)
        if _MIN_CHARACTERS <= len(sentence) <= _MAX_CHARACTERS
    ]
    frequency = Counter(word.lower() for word in _WORD.findall(text))
    scored = sorted(
        (
            (_score(sentence, frequency) * (_LEAD_BONUS if at == 0 else 1), at)
            for at, sentence in enumerate(candidates)
        ),
        key=lambda pair: (-pair[0], pair[1]),
    )
    return [candidates[at] for at in sorted(at for _, at in scored[:count])]


def _score(sentence: str, frequency: Counter[str]) -> float:
    found = [word.lower() for word in _WORD.findall(sentence)]
    return sum(frequency[word] for word in set(found)) / (len(found) + 3)
