"""The tool `file_stats`: how many words, lines, sentences or characters a file has.

Owns which file and which figure a request means. Reading is `document_files`', counting is
`text_counts`': the text of a PDF or a Word file is counted, and of a web page what a reader sees.
"""

import asyncio
import re
from pathlib import Path

from pydantic import Field

from toollama.policy import Effect
from toollama.text import one_line
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.language.sentences import STATEMENT_CHARACTERS
from toollama.tools.language.text_counts import TextStats, has_words, measure
from toollama.tools.language.text_report import Figure, data, figure_asked, statements
from toollama.tools.reading import document_files, files
from toollama.tools.reading.requested_files import READABLE_SUFFIXES, path_candidates
from toollama.tools.refusal import refusal

_LONGEST_NAME = 60
_COUNTS = re.compile(
    r"\b(?:wc|(?:words?|lines?|sentences?|paragraphs?|characters?|letters?) ?counts?|"
    r"(?:how (?:long|big) (?:is|are)|length of) \S+\.\w{1,5}|frequent words|readab\w+|"
    r"reading (?:time|level|ease)|takes? to read|(?:how many|number of|count|\d+)(?: \w+){0,2}? "
    r"(?:words|lines|sentences|paragraphs|characters|letters))\b",
    re.IGNORECASE,
)


class FileStatsArguments(Arguments):
    """Which file, and which count."""

    path: str = Field(min_length=1, description="a txt, md, html, csv, json, pdf or docx file")
    figure: Figure | None = Field(
        default=None, description="The one count that is asked for; left out where all are"
    )


class FileStats(Tool[FileStatsArguments, TextStats]):
    """Counts the text of one file."""

    spec = ToolSpec(
        name="file_stats",
        summary="Counts the words, lines, sentences and characters of a named file.",
        utterances=(
            "how many words are in essay.txt",
            "word count of thesis.docx",
            "count the words in draft.md",
            "how many lines does access.log have",
            "number of lines in main.py",
            "count the lines of script.sh",
            "how many characters are in tweet.txt",
            "wc story.txt",
            "how many sentences are in speech.md",
            "how many paragraphs does chapter.docx have",
            "how long does it take to read article.pdf",
            "reading time of handbook.pdf",
            "how readable is leaflet.txt",
            "is essay.docx over 1000 words",
            "line count of data.csv",
            "how many words did I write in diary.txt",
            "charcter count of bio.txt",
            "length of novel.txt in words",
            "how many words and lines has report.txt",
            "how long is manuscript.md",
            "most frequent words in lyrics.txt",
            "wordcount abstract.tex",
            "how many lines of text are in readme.md",
            "count letters in poem.txt",
            "how big is transcript.txt in words",
            "does summary.docx have more than 300 words",
        ),
        parameters=FileStatsArguments,
        packs=("drummer.analysis", "drummer.content", "belter.document"),
        effects=frozenset({Effect.READ_PRIVATE}),
        deadline_s=60.0,
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the file that the words or the attachments mean, and the count asked for."""
        paths = path_candidates(text, context, suffixes=READABLE_SUFFIXES)
        if not paths or not _COUNTS.search(text):
            return {}
        figure = figure_asked(text)
        asked = {"figure": [Candidate(figure, "words", certain=True)]} if figure else {}
        return {"path": paths, **asked}

    def touches(
        self, args: FileStatsArguments, context: ToolContext
    ) -> tuple[list[Path], list[Path]]:
        """Return the file that is read."""
        return files.read_paths(args.path, context), []

    async def execute(self, args: FileStatsArguments, context: ToolContext) -> TextStats:
        """Read and count the file. Raises `ToolFailure`."""
        document = await asyncio.to_thread(document_files.read_named, args.path, context)
        if not has_words(document.text):
            raise refusal(f"{document.name} has no words to count", fix="name a file with text")
        return measure(document.text)

    def format(self, args: FileStatsArguments, raw: TextStats, context: ToolContext) -> ToolResult:
        """State the counts first, then reading time, readability and frequent words."""
        source = files.source_of(args.path, context)
        told = statements(raw, args.figure, name=one_line(source.title, _LONGEST_NAME))
        return ToolResult(
            statements=tuple(one_line(line, STATEMENT_CHARACTERS) for line in told),
            answer="" if args.figure is None else str(getattr(raw, args.figure)),
            data=data(raw),
            sources=(source,),
        )


TOOL = FileStats()
