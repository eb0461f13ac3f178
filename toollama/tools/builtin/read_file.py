"""The tool `read_file`: the text of a file that the user names, whole or by pages or lines.

Owns what a request says about the file and its parts. Reading
is `tools.document_files`'.
"""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

from pydantic import Field

from toollama.policy import Effect
from toollama.text import one_line, truncate
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
from toollama.tools.reading import document_files, files
from toollama.tools.reading.documents import Document
from toollama.tools.reading.requested_files import READABLE_SUFFIXES, path_candidates
from toollama.tools.refusal import refusal

_RANGE = r"^(?:[1-9]\d{0,6}(?:-[1-9]\d{0,6})?)?$"


class ReadArguments(Arguments):
    """Which file, and which part of it."""

    path: str = Field(min_length=1, description="a txt, md, html, csv, json, pdf or docx file")
    pages: str = Field(default="", pattern=_RANGE, description="of a PDF: 3 or 2-5; empty for all")
    lines: str = Field(default="", pattern=_RANGE, description="7 or 10-40; empty for all")
    max_characters: int = Field(default=40_000, ge=100, le=1_000_000)


class ReadFile(Tool[ReadArguments, Document]):
    """Reads a file as text."""

    spec = ToolSpec(
        name="read_file",
        summary="Read a text, Markdown, HTML, CSV, JSON, PDF or Word file from this machine.",
        utterances=(
            "read notes.md",
            "open report.pdf",
            "whats in this file",
            "show me the contents of todo.txt",
            "summarize the attached document",
            "summarise contract.docx",
            "what does page 3 of the pdf say",
            "read pages 2-5 of thesis.pdf",
            "first 20 lines of server.log",
            "print lines 10 to 40 of config.yaml",
            "cat readme.md",
            "tl;dr of the attachment",
            "what is this document about",
            "explain the attached file to me",
            "does the contract mention a notice period",
            "find the deadline in brief.docx",
            "extract the text from scan.pdf",
            "who is named in the letter i attached",
            "load the json file",
            "raed my notes",
            "what did i write in journal.txt",
            "key points of the paper",
            "have a look at index.html",
            "display settings.toml",
            "view main.py",
            "what is written in offer.txt",
            "lines 3-8 of script.sh",
            "last lines of error.log",
            "go through the attached contract",
            "gist of minutes.docx",
            "is there a mention of fees in terms.html",
            "page 7 of manual.pdf",
            "what does my letter say",
            "check what the pdf says about insurance",
            "give me the text of scan.docx",
            "quote the second paragraph of essay.md",
            "tell me what's inside config.json",
            "review the document proposal.docx",
            "show file todo.md",
            "pull the names out of guestlist.txt",
            "what are the main points in report.pdf",
            "what does lease.pdf say about pets",
            "look into the contract i attached and tell me the rent",
            "shorten memo.md to two sentences",
        ),
        parameters=ReadArguments,
        packs=("drummer.content", "belter.document"),
        effects=frozenset({Effect.READ_PRIVATE}),
        deadline_s=60.0,
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the files that the words or attachments name, and the pages or lines asked for."""
        paths = path_candidates(text, context, suffixes=READABLE_SUFFIXES)
        parts = {"pages": _part(text, "page"), "lines": _part(text, "line")}
        found = {
            name: [Candidate(part, "words", certain=True)] for name, part in parts.items() if part
        }
        return {"path": paths, **found} if paths else found

    def touches(self, args: ReadArguments, context: ToolContext) -> tuple[list[Path], list[Path]]:
        """Return the file that is read."""
        return files.read_paths(args.path, context), []

    async def execute(self, args: ReadArguments, context: ToolContext) -> Document:
        """Read and decode the file. Raises `ToolFailure`."""
        pages = _bounds(args.pages) if args.pages else None
        document = await asyncio.to_thread(
            document_files.read_named, args.path, context, pages=pages
        )
        return _lines(document, args.lines) if args.lines else document

    def format(self, args: ReadArguments, raw: Document, context: ToolContext) -> ToolResult:
        """Return the text as evidence, and one sentence of what it is."""
        size = f"{raw.describe()}."
        if raw.title != raw.name:
            size = f'{raw.describe()}, titled "{raw.title}".'
        truncated = len(raw.text) > args.max_characters
        cut = f"Only the first {args.max_characters:,} of {len(raw.text):,} characters were read."
        sentences = [size, *raw.notes, *([cut] if truncated else [])]
        return ToolResult(
            statements=tuple(one_line(line, STATEMENT_CHARACTERS) for line in sentences),
            text=truncate(raw.text, args.max_characters),
            data={"kind": raw.kind, "title": raw.title, **raw.counts},
            sources=(files.source_of(args.path, context),),
            status="ok" if raw.text.strip() else "empty",
            truncated=truncated,
        )


def _part(text: str, unit: str) -> str:
    """Return the pages or lines that a request names, as `3` or `2-5`; empty where it names none.

    `first 20 lines` is `1-20`.
    """
    between = r"\s*(?:-|–|to|until|through|and)\s*"
    numbered = rf"\b{unit}s?\s+(\d{{1,7}})(?:{between}(\d{{1,7}}))?\b"
    if found := re.search(numbered, text, re.IGNORECASE):
        ends = [number for number in found.groups() if number]
    elif found := re.search(rf"\bfirst\s+(\d{{1,7}})\s+{unit}s?\b", text, re.IGNORECASE):
        ends = ["1", found[1]]
    elif re.search(rf"\bfirst\s+{unit}\b", text, re.IGNORECASE):
        ends = ["1"]
    else:
        return ""
    return "-".join(ends) if all(int(end) for end in ends) else ""


def _bounds(part: str) -> tuple[int, int]:
    """Return the first and the last of `2-5`, the smaller first."""
    ends = sorted(int(end) for end in part.split("-"))
    return ends[0], ends[-1]


def _lines(document: Document, part: str) -> Document:
    """Return the document cut to some of its lines. Raises `ToolFailure` where it is shorter."""
    first, last = _bounds(part)
    lines = document.text.splitlines()
    if first > len(lines):
        raise refusal(
            f"{document.name} has {len(lines):,} lines",
            fix=f"ask for lines 1-{len(lines)}",
        )
    kept = lines[first - 1 : last]
    end = first + len(kept) - 1
    note = f"Lines {first:,} to {end:,} of {len(lines):,} were read."
    return replace(document, text="\n".join(kept), notes=(*document.notes, note))


TOOL = ReadFile()
