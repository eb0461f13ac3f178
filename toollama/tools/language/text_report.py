"""The counts of a text in words: which one a request means, and sentences that state it. Pure.

The counting is `text_counts`'.
"""

import re
from collections.abc import Iterator
from typing import Any, Literal, get_args

from toollama.text import one_line
from toollama.tools.language.text_counts import WORDS_PER_MINUTE, TextStats
from toollama.tools.language.words import counted, listed

Figure = Literal["words", "sentences", "paragraphs", "lines", "characters", "letters"]

_FIGURES: tuple[Figure, ...] = get_args(Figure)
_OWN_SENTENCE = frozenset({"lines", "letters"})
"""Counts that are only stated where they are asked for."""


def figure_asked(request: str) -> Figure | None:
    """Return the count that the request names, if it names one alone."""
    named: list[Figure] = [
        figure
        for figure in _FIGURES
        if re.search(
            rf"\b(?:how many|number of|count(?: of)?)\W+(?:the |all )?(?:\w+ )?{figure[:-1]}s?\b"
            rf"|\b{figure[:-1]} ?counts?\b",
            request,
            re.IGNORECASE,
        )
    ]
    return named[0] if len(named) == 1 else None


def statements(raw: TextStats, figure: Figure | None, *, name: str = "The text") -> Iterator[str]:
    """Return whole sentences about the counts of the text called `name`.

    With a figure they are about the counts alone, the one that is asked for first.
    """
    if figure in _OWN_SENTENCE:
        yield f"{name} has {counted(getattr(raw, figure), figure[:-1])}."
    yield (
        f"{name} has {counted(raw.words, 'word')}, {counted(raw.sentences, 'sentence')}, "
        f"{counted(raw.paragraphs, 'paragraph')} and {counted(raw.characters, 'character')} "
        f"({raw.characters_without_spaces} without spaces)."
    )
    if figure is not None:
        return
    duration = _duration(raw.reading_time_s)
    yield f"Reading it takes about {duration} at {WORDS_PER_MINUTE} words per minute."
    yield (
        f"Its Flesch reading ease is about {raw.flesch_reading_ease:.0f} (100 is very easy); "
        f"its US school grade is {raw.automated_readability_index:.1f} by the automated "
        f"readability index and {raw.coleman_liau_index:.1f} by Coleman-Liau, if it is English."
    )
    if raw.frequent:
        frequent = [f"{one_line(word, 20)} ({count})" for word, count in raw.frequent[:8]]
        yield f"Its most frequent words are {listed(frequent)}."


def data(raw: TextStats) -> dict[str, Any]:
    """Return every count as JSON-ready data; times in seconds."""
    return {
        "words": raw.words,
        "unique_words": raw.unique_words,
        "sentences": raw.sentences,
        "paragraphs": raw.paragraphs,
        "lines": raw.lines,
        "characters": raw.characters,
        "characters_without_spaces": raw.characters_without_spaces,
        "letters": raw.letters,
        "reading_time_s": round(raw.reading_time_s, 1),
        "flesch_reading_ease": round(raw.flesch_reading_ease, 1),
        "automated_readability_index": round(raw.automated_readability_index, 1),
        "coleman_liau_index": round(raw.coleman_liau_index, 1),
        "frequent_words": dict(raw.frequent),
    }


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
