"""The tool `find_lines`: the lines of a file that contain a text, and how often it stands there.

Owns which file and which text a request means, and the search: to the letter, whatever the case.
Reading is `document_files`'.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
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
from toollama.tools.language.asks import compile_asks, proposed_query
from toollama.tools.language.sentences import STATEMENT_CHARACTERS
from toollama.tools.language.words import counted, listed
from toollama.tools.reading import document_files, files
from toollama.tools.reading.requested_files import READABLE_SUFFIXES, path_candidates

_SHOWN_LINES = 7
_NAMED_NUMBERS = 12
_LONGEST_QUOTATION = 60
_THE_WORD = r"(?:the |an? )?(?:(?:word|text|string|phrase|term|name|pattern)s? )?"
_WANTED = r"(?P<containing>\S[^?]*?)"
_FILE = r"\S*\.[a-z][a-z0-9]{1,7}"
_IN_FILE = rf"(?:in|of|from|inside|within) (?:the )?(?:file )?{_FILE}"
_HOLD = r"(?:contain(?:s|ing)?|mention(?:s|ing)?|includ(?:e|es|ing)|with|have|has|having|say)"
_STANDS = r"(?:appear|occur|stand|come up|turn up|mentioned|used|named|found|there)\b"
_ASKS = compile_asks(
    rf"\blines?\b.*? {_HOLD} {_THE_WORD}{_WANTED}(?: {_IN_FILE})?[?.!]*$",
    rf"\bhow (?:often|many times) (?:is|does|do|are|did) {_THE_WORD}{_WANTED} "
    rf"{_STANDS}",
    rf"\b(?:lines?|where) (?:of|in) {_FILE} (?:is|are|does|do) {_THE_WORD}{_WANTED} {_STANDS}",
    rf"\boccurrences? of {_THE_WORD}{_WANTED} {_IN_FILE}",
    rf"^\W*grep (?:-\w+ )*(?:for )?{_THE_WORD}{_WANTED} (?:(?:in|from) )?{_FILE}",
    rf"\bsearch (?:the )?(?:file )?{_FILE} for {_THE_WORD}{_WANTED}[?.!]*$",
    rf"\b(?:find|search(?: for)?|look for|look up) {_THE_WORD}{_WANTED} {_IN_FILE}",
    rf"\bdoes {_FILE} (?:contain|mention|include) {_THE_WORD}{_WANTED}[?.!]*$",
    rf"\b(?:does|is) {_THE_WORD}{_WANTED} (?:appear|occur|mentioned|stand|found) {_IN_FILE}",
)


class FindLinesArguments(Arguments):
    """Where to look, and for what."""

    path: str = Field(min_length=1, description="a txt, md, html, csv, json, pdf or docx file")
    containing: str = Field(
        min_length=1, max_length=200, description="the text to find, in any case; no pattern"
    )


@dataclass(frozen=True, slots=True)
class LinesFound:
    """The lines that contain the text."""

    lines: tuple[tuple[int, str], ...]
    """Their numbers from 1, and what they say."""
    of_lines: int
    occurrences: int


def find(text: str, wanted: str) -> LinesFound:
    """Return the lines of the text that contain the wanted one in any case."""
    pattern = re.compile(re.escape(wanted), re.IGNORECASE)
    lines = text.splitlines()
    counts = [len(pattern.findall(line)) for line in lines]
    found = [(at, line) for at, line in enumerate(lines, start=1) if counts[at - 1]]
    return LinesFound(tuple(found), len(lines), sum(counts))


class FindLines(Tool[FindLinesArguments, LinesFound]):
    """Finds a text in one file."""

    spec = ToolSpec(
        name="find_lines",
        summary="Finds the lines of a file that contain a word, and how often it occurs there.",
        utterances=(
            "which lines of access.log contain timeout",
            "show the lines with WARNING in app.log",
            "how many lines of error.log contain failed",
            "how often does the word love appear in poem.txt",
            "how many times is 'budget' mentioned in report.md",
            "grep TODO main.py",
            "search diary.txt for holiday",
            'find "invoice" in mail.txt',
            "does contract.txt contain the word penalty",
            "find all lines in hosts.txt that mention localhost",
            "count the occurrences of error in build.log",
            "lines containing import in app.py",
            "in which lines of story.txt is the name Emma mentioned",
            "every line of words.txt that contains ing",
            "look for the phrase net income in annual.pdf",
            "on which line of config.ini does port stand",
            "list the lines of journal.md that mention Rome",
            "number of lines in list.txt containing an at sign",
            "how many times does the string null occur in dump.json",
            "where in chapter.txt does the word storm occur",
            "serch notes.md for passport",
            "filter server.log for lines with 404",
            "give me all error lines of system.log",
            "is the word deposit found in lease.docx",
            "look for salary in offer.md",
            "search the file letter.txt for the word rent",
            "on which lines of novel.txt is a name found",
        ),
        parameters=FindLinesArguments,
        packs=("drummer.analysis", "drummer.content", "belter.document"),
        effects=frozenset({Effect.READ_PRIVATE}),
        deadline_s=60.0,
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the file that is meant, and the text that is to be found in it.

        A question that names no text to find is one for a reader of the file.
        """
        paths = path_candidates(text, context, suffixes=READABLE_SUFFIXES)
        if not paths:
            return {}
        wanted = [
            Candidate(_without_file(str(each.value)), each.source, certain=each.certain)
            for each in proposed_query(text, _ASKS, name="containing").get("containing", ())
        ]
        named = [each for each in wanted if each.value]
        return {"path": paths, "containing": named} if named else {}

    def touches(
        self, args: FindLinesArguments, context: ToolContext
    ) -> tuple[list[Path], list[Path]]:
        """Return the file that is read."""
        return files.read_paths(args.path, context), []

    async def execute(self, args: FindLinesArguments, context: ToolContext) -> LinesFound:
        """Read the file and look through it. Raises `ToolFailure`."""
        document = await asyncio.to_thread(document_files.read_named, args.path, context)
        return find(document.text, args.containing)

    def format(self, args: FindLinesArguments, raw: LinesFound, context: ToolContext) -> ToolResult:
        """State how many lines and which, then the first of them."""
        source = files.source_of(args.path, context)
        told = _statements(raw, one_line(args.containing, _LONGEST_QUOTATION), source.title)
        return ToolResult(
            statements=tuple(one_line(line, STATEMENT_CHARACTERS) for line in told),
            answer=str(len(raw.lines)),
            text="\n".join(f"{number}: {line}" for number, line in raw.lines),
            data={
                "lines": [{"number": number, "text": line} for number, line in raw.lines],
                "of_lines": raw.of_lines,
                "occurrences": raw.occurrences,
            },
            sources=(source,),
        )


def _statements(raw: LinesFound, wanted: str, name: str) -> Iterator[str]:
    total = counted(raw.of_lines, "line", grouped=True)
    if not raw.lines:
        yield f"None of the {total} of {name} contains “{wanted}”."
        return
    numbers = [f"{number:,}" for number, _ in raw.lines[:_NAMED_NUMBERS]]
    if more := len(raw.lines) - len(numbers):
        numbers.append(f"{more:,} more")
    verb = "contains" if len(raw.lines) == 1 else "contain"
    where = f"line {numbers[0]}" if len(raw.lines) == 1 else f"lines {listed(numbers)}"
    yield f"{len(raw.lines):,} of the {total} of {name} {verb} “{wanted}”: {where}."
    if raw.occurrences > len(raw.lines):
        yield f"“{wanted}” occurs {raw.occurrences:,} times in {name}."
    for number, line in raw.lines[:_SHOWN_LINES]:
        yield f"Line {number:,}: {line.strip()}"


def _without_file(wanted: str) -> str:
    """Return the wanted text without a file name that was read along with it."""
    return re.sub(rf"\s*\b(?:{_IN_FILE}|{_FILE})\W*$", "", wanted, flags=re.IGNORECASE).strip()


TOOL = FindLines()
