"""The tool `text_stats`: counts, reading time and readability of a text that the user gives.

Owns which text a request means; the counting is `text_counts`', the words are `text_report`'s. It
reads no files: that is `file_stats`'.
"""

import re

from pydantic import Field

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
from toollama.tools.language.text_counts import TextStats, has_words, measure
from toollama.tools.language.text_report import Figure, data, figure_asked, statements
from toollama.tools.refusal import refusal

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
        if figure := figure_asked(text.replace(found[0].value, " ")):
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
        return ToolResult(
            statements=tuple(statements(raw, args.figure)),
            answer="" if args.figure is None else str(getattr(raw, args.figure)),
            data=data(raw),
            sources=(Source(self.spec.name, self.spec.name),),
        )


TOOL = TextStatsTool()
