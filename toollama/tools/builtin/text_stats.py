"""The tool `text_stats`: counts, reading time and readability of a text that the user gives.

Owns which text and which figure a request means; the counting is `tools.text_counts`'. It reads no
files.
"""

import re
from collections.abc import Iterator
from typing import Literal, get_args

from pydantic import Field

from toollama.text import one_line
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.language.phrases import quotations
from toollama.tools.language.text_counts import WORDS_PER_MINUTE, TextStats, has_words, measure
from toollama.tools.language.words import counted, listed
from toollama.tools.refusal import refusal

Figure = Literal["words", "sentences", "paragraphs", "lines", "characters", "letters"]

_FIGURES: tuple[Figure, ...] = get_args(Figure)
_OWN_SENTENCE = frozenset({"lines", "letters"})
"""Counts that are only stated where they are asked for."""
_AFTER_COLON = re.compile(r":\s+(\S.*)$", re.DOTALL)


class TextStatsArguments(Arguments):
    """What to measure."""

    text: str = Field(
        min_length=1,
        max_length=1_000_000,
        description="The text itself; white space around it does not count",
    )
    figure: Figure | None = Field(
        default=None, description="The one count that is asked for; left out where all are"
    )
    top: int = Field(default=5, ge=0, le=50, description="How many frequent words to name")


class TextStatsTool(Tool[TextStatsArguments, TextStats]):
    """Counts one text."""

    spec = ToolSpec(
        name="text_stats",
        summary="Counts words, sentences and characters of a text, its reading time and ease.",
        utterances=(
            'how many words are in "the quick brown fox"',
            "word count of this text",
            "count the characters in 'hello world'",
            "how long does this take to read",
            "reading time of the piped text",
            "how readable is this paragraph",
            "flesch score please",
            "most frequent words in this text",
            "number of sentences in: It rained. We stayed in.",
            "wc",
            "letter count for this tweet",
            "is my essay over 500 words",
            "how many paragraphs does this have",
            "count words",
            "charcter count",
            "text statistics",
            "what grade level is this text written at",
            "how many lines are there in this",
            "which words do I use most in this letter",
            "coleman-liau index of this abstract",
            "analyse the length of this text",
            "how many letters has the word banana",
            "length of 'good morning everyone' in characters",
            "is this text difficult to read",
            "how often does each word occur here",
            "does my abstract fit in 300 words",
            "will the talk take longer than ten minutes to speak",
            "number of words and lines in this",
            "how long is my cover letter",
            "readability of the passage",
            "average sentence length of my draft",
            "which word is repeated most",
            "am i under 280 characters",
            "wordcount pls",
            "how many syllables in this poem",
            "how many charachters are in this string",
            "reading level of this article",
            "how many words did i type",
            "count the vowels and letters of this line",
            "how long would this take to say out loud",
            "longest word in this sentence",
            "is this short enough for a 300 word limit",
            "how many words are in the following: it was late",
            "check the length of my paragraph",
        ),
        parameters=TextStatsArguments,
        packs=("drummer.analysis", "drummer.content", "belter.document", "belter.knowledge"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the text given along, else what is quoted, else what follows a colon."""
        attached = [each.text for each in context.attachments if each.text and each.text.strip()]
        quoted = quotations(text)
        colon = _AFTER_COLON.search(text)
        certain = len(attached) + len(quoted) == 1
        found = [Candidate(value, "context", certain=certain) for value in attached]
        found += [Candidate(value, "words", certain=certain) for value in quoted]
        if not found and colon:
            found = [Candidate(colon[1], "words", certain=True)]
        if not found:
            return {}
        proposal = {"text": found}
        if figure := _figure_asked(text.replace(found[0].value, " ")):
            proposal["figure"] = [Candidate(figure, "words", certain=True)]
        return proposal

    async def execute(self, args: TextStatsArguments, context: ToolContext) -> TextStats:
        """Count the text."""
        if not has_words(args.text):
            raise refusal(
                "the text has no words to count", fix="give a text with at least one word"
            )
        return measure(args.text, top=args.top)

    def format(self, args: TextStatsArguments, raw: TextStats, context: ToolContext) -> ToolResult:
        """State the counts first, then reading time, readability and frequent words."""
        answer = "" if args.figure is None else str(getattr(raw, args.figure))
        grades = (raw.automated_readability_index, raw.coleman_liau_index)
        return ToolResult(
            statements=tuple(_statements(raw, args.figure)),
            answer=answer,
            data={
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
                "automated_readability_index": round(grades[0], 1),
                "coleman_liau_index": round(grades[1], 1),
                "frequent_words": dict(raw.frequent),
            },
            sources=(Source(self.spec.name, self.spec.name),),
        )


def _figure_asked(request: str) -> Figure | None:
    """Return the count that the request names, if it names one alone."""
    named: list[Figure] = [
        figure
        for figure in _FIGURES
        if re.search(
            rf"\b(?:how many|number of|count(?: of)?) (?:the )?{figure}\b|\b{figure[:-1]} count\b",
            request,
            re.IGNORECASE,
        )
    ]
    return named[0] if len(named) == 1 else None


def _statements(raw: TextStats, figure: Figure | None) -> Iterator[str]:
    if figure in _OWN_SENTENCE:
        yield f"The text has {counted(getattr(raw, figure), figure[:-1])}."
    yield (
        f"The text has {counted(raw.words, 'word')}, {counted(raw.sentences, 'sentence')}, "
        f"{counted(raw.paragraphs, 'paragraph')} and {counted(raw.characters, 'character')} "
        f"({raw.characters_without_spaces} without spaces)."
    )
    duration = _duration(raw.reading_time_s)
    yield f"Reading it takes about {duration} at {WORDS_PER_MINUTE} words per minute."
    yield (
        f"Its Flesch reading ease is about {raw.flesch_reading_ease:.0f} (100 is very easy); "
        f"its US school grade is {raw.automated_readability_index:.1f} by the automated "
        f"readability index and {raw.coleman_liau_index:.1f} by Coleman-Liau, if it is English."
    )
    if raw.frequent:
        named = [f"{one_line(word, 20)} ({count})" for word, count in raw.frequent[:8]]
        yield f"Its most frequent words are {listed(named)}."


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


TOOL = TextStatsTool()
