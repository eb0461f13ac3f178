"""The sentences of a text that tell most, in its own words. Pure, no model.

A sentence counts by how often its words occur in the whole text (Luhn, "The Automatic Creation of
Literature Abstracts", 1958), or, for a question, by how many of the question's rarer words it has.
Used where no model may write.
"""

import re
from collections import Counter

from toollama.agents.cite import sentences

_WORD = re.compile(r"[^\W\d_]{4,}")
_MIN_CHARACTERS, _MAX_CHARACTERS = 25, 300
_UNFINISHED = (",", "{", "[")
"""What a line of data ends in, or half a sentence."""
_LEAD_BONUS = 1.25
_STEM_CHARACTERS = 5


def telling_sentences(text: str, question: str, *, count: int) -> list[str]:
    """Return up to `count` whole sentences of the text, in its own order.

    An empty question asks for what the text is about; a question with none of the text's words
    gets the same.
    """
    candidates = [
        sentence
        for sentence in sentences(text)
        if _MIN_CHARACTERS <= len(sentence) <= _MAX_CHARACTERS
        and not sentence.endswith(_UNFINISHED)
    ]
    frequency = Counter(_stems(text))
    wanted = {stem for stem in _stems(question) if stem in frequency}
    scores = [
        _answering(sentence, wanted, frequency) if wanted else _central(sentence, frequency)
        for sentence in candidates
    ]
    if scores and not wanted:
        scores[0] *= _LEAD_BONUS
    ranked = sorted(range(len(candidates)), key=lambda at: (-scores[at], at))[:count]
    return [candidates[at] for at in sorted(ranked) if scores[at] > 0]


def _stems(text: str) -> list[str]:
    return [word.lower()[:_STEM_CHARACTERS] for word in _WORD.findall(text)]


def _central(sentence: str, frequency: Counter[str]) -> float:
    stems = _stems(sentence)
    return sum(frequency[stem] for stem in set(stems)) / (len(stems) + 3)


def _answering(sentence: str, wanted: set[str], frequency: Counter[str]) -> float:
    return sum(1 / frequency[stem] for stem in wanted & set(_stems(sentence)))
