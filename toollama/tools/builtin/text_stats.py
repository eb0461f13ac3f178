"""Counts of a text: words, sentences, characters, paragraphs, reading time, readability.

Owns what counts as a word, a sentence and a syllable. Readability formulas are for English prose;
the syllable count is a heuristic over vowel groups, so scores are estimates. It reads no files.
"""

import re
from collections import Counter
from dataclasses import dataclass

from pydantic import Field

from toollama.text import one_line
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.words import counted, listed, quotations

WORDS_PER_MINUTE = 238
"""Silent reading of English non-fiction (Brysbaert 2019, doi:10.1016/j.jml.2019.104047)."""

_WORD = re.compile(r"[^\W_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}-][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?\N{HORIZONTAL ELLIPSIS}]+[\"')\]]*(?:\s+|$)|\n\s*\n")
_ABBREVIATION = re.compile(r"\b(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e)\.", re.IGNORECASE)
_AFTER_COLON = re.compile(r":\s+(\S.*)$", re.DOTALL)
_COMMON = frozenset(
    str.split(
        "a about all also an and are as at be been but by can do for from had has have he her his "
        "i if in into is it its me my no not of on or our she so than that the their them then "
        "there they this to up us was we were what when which who will with would you your"
    )
)


class TextStatsArguments(Arguments):
    """What to measure."""

    text: str = Field(
        min_length=1,
        max_length=1_000_000,
        description="The text itself; white space around it does not count",
    )
    top: int = Field(default=5, ge=0, le=50, description="How many frequent words to name")


@dataclass(frozen=True, slots=True)
class TextStats:
    """The counts of one text."""

    words: int
    unique_words: int
    sentences: int
    paragraphs: int
    lines: int
    characters: int
    characters_without_spaces: int
    letters: int
    """Letters and digits inside words."""
    syllables: int
    frequent: tuple[tuple[str, int], ...]
    """Words other than the commonest English ones, most frequent first."""

    @property
    def reading_time_s(self) -> float:
        """Seconds that silent reading takes."""
        return 60 * self.words / WORDS_PER_MINUTE

    @property
    def flesch_reading_ease(self) -> float:
        """Flesch (1948): 100 is very easy, 0 very hard."""
        return 206.835 - 1.015 * self._words_per_sentence - 84.6 * self.syllables / self.words

    @property
    def automated_readability_index(self) -> float:
        """Automated readability index (Senter and Smith 1967), a US school grade."""
        return 4.71 * self.letters / self.words + 0.5 * self._words_per_sentence - 21.43

    @property
    def coleman_liau_index(self) -> float:
        """Coleman-Liau index (1975), a US school grade."""
        letters, sentences = self.letters / self.words, self.sentences / self.words
        return 5.88 * letters - 29.6 * sentences - 15.8

    @property
    def _words_per_sentence(self) -> float:
        return self.words / self.sentences


def syllables_in(word: str) -> int:
    """Estimate the syllables of an English word: vowel groups without a silent final e."""
    folded = word.lower()
    groups = len(re.findall(r"[aeiouy]+", folded))
    silent = re.search(r"[^aeiouyl]e$|[^aeiouydt]ed$|[^aeiouyscxz]es$", folded) is not None
    return max(groups - silent, 1)


def measure(text: str, *, top: int = 5) -> TextStats:
    """Count the text, which must contain a word."""
    words = [match.group() for match in _WORD.finditer(text)]
    folded = Counter(word.lower() for word in words)
    sentences = _SENTENCE_END.split(_ABBREVIATION.sub("x", text))
    ranked = sorted(folded.items(), key=lambda item: (-item[1], item[0]))
    return TextStats(
        words=len(words),
        unique_words=len(folded),
        sentences=sum(_WORD.search(sentence) is not None for sentence in sentences),
        paragraphs=sum(bool(part.strip()) for part in re.split(r"\n\s*\n", text)),
        lines=len(text.splitlines()),
        characters=len(text),
        characters_without_spaces=sum(not character.isspace() for character in text),
        letters=sum(character.isalnum() for word in words for character in word),
        syllables=sum(map(syllables_in, words)),
        frequent=tuple(item for item in ranked if item[0] not in _COMMON)[:top],
    )


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
        return {"text": found} if found else {}

    async def execute(self, args: TextStatsArguments, context: ToolContext) -> TextStats:
        """Count the text."""
        if _WORD.search(args.text) is None:
            raise ToolFailure(
                "the text has no words to count",
                kind="invalid_input",
                fix="give a text with at least one word",
            )
        return measure(args.text, top=args.top)

    def format(self, args: TextStatsArguments, raw: TextStats, context: ToolContext) -> ToolResult:
        """State the counts first, then reading time, readability and frequent words."""
        without = raw.characters_without_spaces
        grades = (raw.automated_readability_index, raw.coleman_liau_index)
        size = (
            f"{counted(raw.words, 'word')}, {counted(raw.sentences, 'sentence')}, "
            f"{counted(raw.paragraphs, 'paragraph')} and {counted(raw.characters, 'character')}"
        )
        ease = (
            f"Its Flesch reading ease is about {raw.flesch_reading_ease:.0f} (100 is very easy); "
            f"its US school grade is {grades[0]:.1f} by the automated readability index and "
            f"{grades[1]:.1f} by Coleman-Liau, if it is English."
        )
        duration = f"{_duration(raw.reading_time_s)} at {WORDS_PER_MINUTE} words per minute"
        statements = [
            f"The text has {size} ({without} without spaces).",
            f"Reading it takes about {duration}.",
            ease,
        ]
        if raw.frequent:
            named = [f"{one_line(word, 20)} ({count})" for word, count in raw.frequent[:8]]
            statements.append(f"Its most frequent words are {listed(named)}.")
        return ToolResult(
            statements=tuple(statements),
            data={
                "words": raw.words,
                "unique_words": raw.unique_words,
                "sentences": raw.sentences,
                "paragraphs": raw.paragraphs,
                "lines": raw.lines,
                "characters": raw.characters,
                "characters_without_spaces": without,
                "reading_time_s": round(raw.reading_time_s, 1),
                "flesch_reading_ease": round(raw.flesch_reading_ease, 1),
                "automated_readability_index": round(grades[0], 1),
                "coleman_liau_index": round(grades[1], 1),
                "frequent_words": dict(raw.frequent),
            },
            sources=(Source(self.spec.name, self.spec.name),),
        )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


TOOL = TextStatsTool()
