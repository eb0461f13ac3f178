"""Documents: a file as plain text with its counts, whatever its type.

Owns the value and the types that are text already; `tools.document_files` reads files as documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from toollama.tools.language.words import counted
from toollama.tools.reading import markdown, web_pages

Kind = Literal["text", "markdown", "html", "csv", "tsv", "json", "jsonl", "pdf", "docx"]

KIND_BY_SUFFIX: dict[str, Kind] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".pdf": "pdf",
    ".docx": "docx",
}
"""Every other file is plain text."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file as text. `counts` hold what its type is measured in, largest unit first."""

    name: str
    kind: Kind
    title: str
    text: str
    counts: Mapping[str, int]
    notes: tuple[str, ...] = ()
    """Whole sentences about what could not be read."""

    def describe(self) -> str:
        """Return the file's name and its counts: `notes.md: 3 headings, 412 words`."""
        measures = [
            counted(count, unit.removesuffix("s"), grouped=True)
            for unit, count in self.counts.items()
        ]
        return f"{self.name}: {', '.join(measures)}"


def from_text(name: str, text: str, *, kind: Kind = "text") -> Document:
    """Return text that is already decoded as a document."""
    notes: tuple[str, ...] = ()
    if replaced := text.count("\N{REPLACEMENT CHARACTER}"):
        notes = (f"{replaced:,} characters of {name} could not be decoded.",)
    if kind == "html":
        title, text = web_pages.title_and_text(text)
        return Document(name, kind, title or name, text, {"words": len(text.split())}, notes)
    words = {"words": len(text.split())}
    if kind == "markdown":
        headings = markdown.headings(text)
        counts = {"headings": len(headings), **words}
        return Document(name, kind, headings[0] if headings else name, text, counts, notes)
    counts = {"lines": len(text.splitlines()), **words}
    return Document(name, kind, name, text, counts, notes)
