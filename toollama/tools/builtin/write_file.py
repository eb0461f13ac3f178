"""The tool `write_file`: text becomes a file of the type that its name says, all of it or nothing.

Owns the atomic write, and never replaces a file unless told to. HTML is made by `tools.web_pages`,
DOCX by `tools.word_documents`.
"""

import asyncio
import contextlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import Field

from toollama.policy import Effect
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
from toollama.tools.language.sentences import STATEMENT_CHARACTERS
from toollama.tools.reading.files import resolved
from toollama.tools.reading.web_pages import page_from_markdown
from toollama.tools.reading.word_documents import docx_from_markdown
from toollama.tools.refusal import refusal

_MAX_CHARACTERS = 5_000_000
_UNSUPPORTED = frozenset({".pdf", ".doc", ".odt", ".rtf", ".xls", ".xlsx", ".ppt", ".pptx", ".zip"})
_SUFFIX_BY_WORDS = (
    (r"\b(?:word|docx)\b", ".docx"),
    (r"\b(?:html|web ?page)\b", ".html"),
    (r"\bmarkdown\b", ".md"),
    (r"\bcsv\b", ".csv"),
    (r"\bjson\b", ".json"),
    (r"\b(?:text file|txt|plain text)\b", ".txt"),
)


class WriteArguments(Arguments):
    """What to write, and where."""

    path: str = Field(min_length=1, description="file name ending in .txt .md .html .docx .csv …")
    text: str = Field(
        min_length=1, max_length=_MAX_CHARACTERS, description="the content; Markdown for documents"
    )
    overwrite: bool = Field(default=False, description="replace the file if it exists")


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is safely on disk."""

    path: Path
    bytes: int
    replaced: bool


class WriteFile(Tool[WriteArguments, Written]):
    """Writes text to a file."""

    spec = ToolSpec(
        name="write_file",
        summary="Save text as a file: plain text, Markdown, HTML, Word (docx), CSV or JSON.",
        utterances=(
            "save this as notes.md",
            "write it to summary.txt",
            "save the answer to a file",
            "export as word document",
            "make a docx out of this",
            "put the result into report.html",
            "create a file todo.txt with milk and bread",
            "store that in results.csv",
            "write 'hello world' to hello.txt",
            "save to disk",
            "dump it as json",
            "and save it pls",
            "turn this into a web page file",
            "keep a copy in minutes.md",
            "overwrite draft.txt with the new version",
            "replace plan.md with this",
            "svae as notes.txt",
            "i need this as a word file",
            "can you write that down in a file",
            "output to out/report.docx",
            "generate a markdown report of it",
            "download the table as csv",
            "write up the findings in findings.md",
            "make me a text file of the list",
            "append bread to shopping.txt",
            "jot this down in log.txt",
            "I'd like to keep this, write it in diary.md",
            "produce report.docx from this",
            "create a new file hello.py containing print(1)",
            "make an html page out of the notes",
            "store it as data.json",
            "put that in a file for me",
            "save a copy to backup.md",
            "file this under ideas.txt",
            "export the list to groceries.csv",
            "save the following text to letter.docx: Dear Sir",
            "add this line to the end of todo.md",
            "turn the answer into a docx",
            "start a file named plan.txt",
            "writte this to result.txt",
            "note this down in todo.txt: buy stamps",
            "keep my notes in call.md",
            "I want this on my disk as handout.docx",
            "record the minutes in minutes.txt",
            "put it into a document for me",
            "log this to diary.txt",
            "make that a file i can print",
        ),
        parameters=WriteArguments,
        packs=("drummer.content", "belter.document"),
        effects=frozenset({Effect.WRITE_LOCAL}),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the file name, the quoted or piped text and the leave to replace, if named."""
        found: dict[str, list[Candidate]] = {}
        if path := _path_candidate(text):
            found["path"] = [path]
        content = next((quote for quote in quotations(text) if len(quote) > 1), "")
        if content and not (path and path.value == content):
            found["text"] = [Candidate(content, "words", certain=True)]
        elif given := [item.text for item in context.attachments if item.text]:
            found["text"] = [Candidate(text, "context") for text in given]
        if re.search(r"\b(?:overwrite|replace)\b", text, re.IGNORECASE):
            found["overwrite"] = [Candidate(value=True, source="words", certain=True)]
        return found

    def touches(self, args: WriteArguments, context: ToolContext) -> tuple[list[Path], list[Path]]:
        """Return the file that is written, with every symbolic link resolved."""
        return [], [_target(args.path, context)]

    async def execute(self, args: WriteArguments, context: ToolContext) -> Written:
        """Render the text and write it in one step. Raises `ToolFailure`."""
        target = _target(args.path, context)
        return await asyncio.to_thread(
            _write, target, render(args.text, target), overwrite=args.overwrite
        )

    async def recover(self, args: WriteArguments, context: ToolContext) -> Written:
        """Return the file if it has the text already, else write it. Raises `ToolFailure`.

        A claimed name without content is what a process leaves that dies before the text is there.
        """
        target = _target(args.path, context)
        content = render(args.text, target)
        if await asyncio.to_thread(_holds, target, content):
            return Written(target, len(content), replaced=args.overwrite)
        claimed = await asyncio.to_thread(_holds, target, b"")
        overwrite = args.overwrite or claimed
        written = await asyncio.to_thread(_write, target, content, overwrite=overwrite)
        return replace(written, replaced=args.overwrite and written.replaced)

    def format(self, args: WriteArguments, raw: Written, context: ToolContext) -> ToolResult:
        """Return where the file is and its size."""
        verb = "Replaced" if raw.replaced else "Saved"
        sentence = f"{verb} {raw.path} ({raw.bytes:,} bytes)."
        return ToolResult(
            statements=(one_line(sentence, STATEMENT_CHARACTERS),),
            data={"path": str(raw.path), "bytes": raw.bytes, "replaced": raw.replaced},
            sources=(Source(title=raw.path.name, locator=str(raw.path), private=True),),
        )


def render(text: str, target: Path) -> bytes:
    """Return text as the content of a file of the target's type.

    Markdown becomes HTML or DOCX; every other type holds the text as it is. Raises `ToolFailure`
    for a type that needs a program of its own.
    """
    suffix = target.suffix.lower()
    if suffix in _UNSUPPORTED:
        raise refusal(
            f"{target.name}: files of type {suffix[1:]} cannot be written",
            fix=f"write {target.stem}.docx, {target.stem}.html or {target.stem}.csv",
        )
    if suffix in {".html", ".htm"}:
        return page_from_markdown(text, title=target.stem)
    if suffix == ".docx":
        return docx_from_markdown(text)
    return f"{text}\n".encode(errors="replace")


def _path_candidate(text: str) -> Candidate | None:
    """Return the file that a request names; a type alone gives a name that may be changed."""
    text = re.sub(r"\w+://\S+", " ", text)
    name = r"[^\s\"'“”`<>|]+\.[A-Za-z]{2,5}"
    marked = rf"(?:\b(?:to|as|in|into|called|named|file|overwrite|replace)\s+[\"'“`]?)({name})"
    found = re.search(marked, text, re.IGNORECASE) or re.search(rf"(?<!\S)({name})\b", text)
    if found:
        return Candidate(found[1], "words", certain=True)
    for words, suffix in _SUFFIX_BY_WORDS:
        if re.search(words, text, re.IGNORECASE):
            return Candidate(f"answer{suffix}", "default")
    return None


def _target(name: str, context: ToolContext) -> Path:
    return resolved(name, place=context.output_dir)


def _holds(target: Path, content: bytes) -> bool:
    """Return whether the file's whole content is this."""
    try:
        return target.stat().st_size == len(content) and target.read_bytes() == content
    except OSError:
        return False


def _write(target: Path, content: bytes, *, overwrite: bool) -> Written:
    """Write through a temporary file beside the target, so that no half of it is ever seen."""
    try:
        replaced = target.exists()
        target.parent.mkdir(parents=True, exist_ok=True)
        # Claiming the name first makes "never replaces" true against other programs as well.
        target.touch(exist_ok=overwrite)
        try:
            _replace(target, content)
        except BaseException:
            if not replaced:
                target.unlink(missing_ok=True)
            raise
    except OSError as error:
        if isinstance(error, FileExistsError) and target.exists():
            raise refusal(
                f"{target} already exists",
                fix=f"ask to overwrite it, or save as {target.stem}-2{target.suffix}",
            ) from error
        raise refusal(
            f"{target} cannot be written: {error.strerror}",
            fix=f"check it with: ls -ld {target.parent}",
        ) from error
    return Written(target, len(content), replaced)


def _replace(target: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, name)
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise


TOOL = WriteFile()
