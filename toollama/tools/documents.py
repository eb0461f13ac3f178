"""Documents: a file that the user names becomes plain text with its counts.

Owns finding the file that a name means, telling its type by extension and content, and decoding
it. Refuses binary files, files over 20 MB and archives that unpack to far more than they weigh.
Whether a file may be read is policy's decision, made on the resolved paths that `locate` returns.
"""

import difflib
import io
import os
import re
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from toollama.tools.base import Attachment, Candidate, Source, ToolContext, ToolFailure

Kind = Literal["text", "markdown", "html", "csv", "tsv", "json", "jsonl", "pdf", "docx"]

MAX_BYTES = 20_000_000
_MAX_UNPACKED_BYTES = 200_000_000
_SNIFFED_BYTES = 8_192

_KIND_BY_SUFFIX: dict[str, Kind] = {
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
TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson"})
READABLE_SUFFIXES = frozenset(_KIND_BY_SUFFIX) | {
    *(".txt", ".text", ".rst", ".log", ".xml", ".yaml", ".yml", ".toml"),
    *(".ini", ".cfg", ".py", ".js", ".ts", ".sh", ".sql", ".tex"),
}
STDIN = "stdin"

_ENCODING_BY_MARK = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


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
            f"{count:,} {unit if count != 1 else unit.removesuffix('s')}"
            for unit, count in self.counts.items()
        ]
        return f"{self.name}: {', '.join(measures)}"


def locate(name: str, context: ToolContext) -> Path:
    """Return the absolute path that `name` means, with every symbolic link resolved.

    Attachments come first, then the working directory, the readable roots and the output directory.
    The path need not exist.
    """
    for attachment in context.attachments:
        if attachment.path and name in {attachment.name, attachment.path.name}:
            return resolved(str(attachment.path), place=Path.cwd())
    places = [Path.cwd(), *context.read_roots, context.output_dir]
    options = [resolved(name, place=place) for place in places]
    return next((option for option in options if os.access(option, os.F_OK)), options[0])


def resolved(name: str, *, place: Path) -> Path:
    """Return `name` as an absolute path without symbolic links; relative ones start at `place`.

    Never raises: the path may be impossible, which opening it then tells.
    """
    try:
        asked = Path(name.replace("\0", "\N{REPLACEMENT CHARACTER}")).expanduser()
    except RuntimeError:  # `~name` of a user who does not exist is a plain name
        asked = Path(name)
    return Path(os.path.realpath(place / asked))


def given_text(name: str, context: ToolContext) -> str | None:
    """Return the text of the attachment called `name`, where it came without a file."""
    for attachment in context.attachments:
        if attachment.text is not None and name == attachment.name:
            return attachment.text
    return None


def read_paths(name: str, context: ToolContext) -> list[Path]:
    """Return what reading `name` touches: its file, or nothing for text given without one."""
    return [] if given_text(name, context) is not None else [locate(name, context)]


def source_of(name: str, context: ToolContext) -> Source:
    """Return where `name` came from, as a reader would cite it."""
    if given_text(name, context) is not None:
        return Source(title=name, locator=name, private=True)
    path = locate(name, context)
    return Source(title=path.name, locator=str(path), private=True)


def refusal(message: str, *, fix: str) -> ToolFailure:
    """Return the failure of a call that asked for something that cannot be had."""
    return ToolFailure(message, kind="invalid_input", fix=fix)


def read_bytes(path: Path) -> bytes:
    """Return the content of a regular file of 1 to 20 million bytes. Raises `ToolFailure`."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a directory" if path.is_dir() else "not a regular file"
            raise refusal(f"{path} is {what}", fix=f"name a file, such as one from: ls {path}")
        if status.st_size > MAX_BYTES:
            raise refusal(
                f"{path.name} has {status.st_size:,} bytes; the most that is read is {MAX_BYTES:,}",
                fix=f"split it first: split -C 19M {path.name}",
            )
        with path.open("rb") as file:
            data = file.read(MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _missing(path) from error
    except OSError as error:
        raise refusal(
            f"{path} cannot be read: {error.strerror}", fix=f"check it with: ls -l {path}"
        ) from error
    if not data.strip(b" \t\r\n\0"):
        raise refusal(f"{path.name} is empty", fix="name a file with content")
    return data


def decode(data: bytes, *, name: str) -> str:
    """Return the bytes as text with line feeds: by byte order mark, as UTF-16 or as UTF-8.

    Bytes that are not UTF-8 become U+FFFD. Raises `ToolFailure` for binary content.
    """
    encoding = _encoding(data)
    sample = data[:_SNIFFED_BYTES]
    if encoding == "utf-8" and _looks_binary(sample):
        raise refusal(
            f"{name} is a binary file, not text",
            fix="convert it to one of: txt, md, html, csv, json, pdf, docx",
        )
    text = data.decode(encoding, errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def kind_of(name: str, data: bytes) -> Kind:
    """Return the type of a file; what its first bytes say outweighs its extension."""
    head = data[:_SNIFFED_BYTES].lstrip()
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04") and Path(name).suffix.lower() == ".docx":
        return "docx"
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)\b", head, re.IGNORECASE):
        return "html"
    kind = _KIND_BY_SUFFIX.get(Path(name).suffix.lower(), "text")
    if kind in {"pdf", "docx"}:
        raise refusal(
            f"{name} is not a {kind.upper()} file, whatever its name says",
            fix=f"check what it is with: file {name}",
        )
    return kind


def read(path: Path, *, pages: tuple[int, int] | None = None) -> Document:
    """Read a file as a document; `pages` (first and last, from 1) limits a PDF.

    Raises `ToolFailure` where the file is missing, empty, too large, binary or damaged.
    """
    data = read_bytes(path)
    kind = kind_of(path.name, data)
    if kind == "pdf":
        return _from_pdf(path.name, data, pages=pages)
    if pages:
        raise refusal(f"{path.name} has no pages", fix="ask for lines instead")
    if kind == "docx":
        return _from_docx(path.name, data)
    return from_text(path.name, decode(data, name=path.name), kind=kind)


def from_text(name: str, text: str, *, kind: Kind = "text") -> Document:
    """Return text that is already decoded as a document."""
    notes: tuple[str, ...] = ()
    if replaced := text.count("\N{REPLACEMENT CHARACTER}"):
        notes = (f"{replaced:,} characters of {name} could not be decoded.",)
    if kind == "html":
        title, text = _html_text(text)
        return Document(name, kind, title or name, text, _word_counts(text), notes)
    if kind == "markdown":
        headings = re.findall(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", text, re.MULTILINE)
        counts = {"headings": len(headings), **_word_counts(text)}
        return Document(name, kind, headings[0] if headings else name, text, counts, notes)
    counts = {"lines": len(text.splitlines()), **_word_counts(text)}
    return Document(name, kind, name, text, counts, notes)


def path_candidates(
    text: str, context: ToolContext, *, suffixes: frozenset[str]
) -> tuple[Candidate, ...]:
    """Return the files that a request may mean, best first: named ones, then attached ones.

    One file alone, or one named among several attached, is certain. Text that came without a file
    counts as a file of any type.
    """
    attached = [given for given in context.attachments if _has_suffix(given, suffixes)]
    words = _named_files(text, suffixes)
    named = [given for given in attached if _is_named(given, text)]
    attached_names = {given.name for given in attached} | {
        given.path.name for given in attached if given.path
    }
    loose = [word for word in words if word not in attached_names]
    if loose and not named:
        return tuple(Candidate(word, "words", certain=len(loose) == 1) for word in loose)
    ranked = named + [given for given in attached if given not in named]
    certain = len(named) == 1 or len(ranked) == 1
    return tuple(
        Candidate(given.name, "context", certain=certain and place == 0)
        for place, given in enumerate(ranked)
    )


def _missing(path: Path) -> ToolFailure:
    siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, siblings, n=3, cutoff=0.6)
    fix = f"did you mean: {', '.join(near)}" if near else f"see what is there: ls {path.parent}"
    return ToolFailure(f"{path} does not exist", kind="not_found", fix=fix)


def _encoding(data: bytes) -> str:
    for mark, encoding in _ENCODING_BY_MARK:
        if data.startswith(mark):
            return encoding
    sample = data[:_SNIFFED_BYTES]
    # Latin text in UTF-16 without a mark has a zero in nearly every second byte.
    half = max(len(sample) // 2, 1)
    if sample[1::2].count(0) > 0.7 * half and sample[::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[::2].count(0) > 0.7 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return "utf-8"


def _looks_binary(sample: bytes) -> bool:
    if b"\0" in sample or sample.startswith((b"PK\x03\x04", b"\x1f\x8b", b"GGUF")):
        return True
    decoded = sample.decode("utf-8", errors="replace")
    odd = sum(char == "\N{REPLACEMENT CHARACTER}" or char < "\t" for char in decoded)
    return odd > 0.3 * len(decoded)


def _word_counts(text: str) -> dict[str, int]:
    return {"words": len(text.split())}


def _html_text(html: str) -> tuple[str, str]:
    """Return the title and the main text; a page too short for extraction gives all its text."""
    import trafilatura

    found = re.search(r"<title[^>]*>(.*?)</title>", html, re.IGNORECASE | re.DOTALL)
    title = " ".join(found[1].split()) if found else ""
    main = trafilatura.extract(html, output_format="markdown", include_tables=True)
    return title, main or trafilatura.html2txt(html)


def _from_pdf(name: str, data: bytes, *, pages: tuple[int, int] | None) -> Document:
    import pypdf
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise refusal(
                f"{name} is locked with a password",
                fix=f"unlock a copy: qpdf --decrypt --password=… {name} open.pdf",
            )
        total = len(reader.pages)
        first, last = pages or (1, total)
        if first > total:
            raise refusal(f"{name} has {total} pages", fix=f"ask for pages 1-{total}")
        numbers = range(first, min(last, total) + 1)
        texts = [(number, reader.pages[number - 1].extract_text()) for number in numbers]
        title = str(reader.metadata.title or "") if reader.metadata else ""
    except (PyPdfError, DependencyError) as error:
        raise refusal(
            f"{name} is damaged: {error}", fix=f"repair a copy: qpdf {name} repaired.pdf"
        ) from error
    blank = [number for number, text in texts if not text.strip()]
    text = "\n\n".join(f"[page {number}]\n{text.strip()}" for number, text in texts if text.strip())
    counts = {"pages": total, "words": sum(len(text.split()) for _, text in texts)}
    notes = _blank_pages(name, blank, read=len(texts))
    return Document(name, "pdf", title.strip() or name, text, counts, notes)


def _blank_pages(name: str, blank: list[int], *, read: int) -> tuple[str, ...]:
    if not blank:
        return ()
    if len(blank) == read:
        return (f"{name} holds no text: it is probably a scan and needs OCR first.",)
    return (f"{len(blank)} of {read} pages of {name} hold no text (pictures or scans).",)


def _from_docx(name: str, data: bytes) -> Document:
    import docx
    from docx.opc.exceptions import OpcError
    from docx.table import Table

    try:
        # zipfile never yields more than the size an entry declares, so the sum is a true bound.
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked_bytes = sum(entry.file_size for entry in archive.infolist())
        if unpacked_bytes > _MAX_UNPACKED_BYTES:
            raise refusal(
                f"{name} unpacks to {unpacked_bytes:,} bytes", fix="save the document afresh"
            )
        document = docx.Document(io.BytesIO(data))
    except (zipfile.BadZipFile, OpcError, KeyError, ValueError) as error:
        raise refusal(
            f"{name} is not a readable DOCX file: {error}", fix="open it and save it again"
        ) from error
    blocks: list[str] = []
    headings = 0
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            blocks.extend(" | ".join(cell.text for cell in row.cells) for row in block.rows)
            continue
        line = _docx_line(block.text, style=block.style.name if block.style else "")
        headings += line.startswith("#")
        blocks.append(line)
    text = "\n\n".join(block for block in blocks if block.strip())
    title = document.core_properties.title or name
    return Document(name, "docx", title, text, {"headings": headings, **_word_counts(text)})


def _docx_line(text: str, *, style: str | None) -> str:
    if heading := re.fullmatch(r"Heading (\d)", style or ""):
        return f"{'#' * min(int(heading[1]), 6)} {text}"
    if style == "Title":
        return f"# {text}"
    return f"- {text}" if (style or "").startswith("List") else text


def _has_suffix(given: Attachment, suffixes: frozenset[str]) -> bool:
    return given.path is None or given.path.suffix.lower() in suffixes


def _is_named(given: Attachment, text: str) -> bool:
    path = given.path
    if path is None:
        return False
    whole = rf"(?<![\w.]){re.escape(path.name)}(?!\w)"
    stem = rf"(?<!\w){re.escape(path.stem)}(?: (?:file|table|document|data))\b"
    return bool(re.search(rf"{whole}|{stem}", text, re.IGNORECASE))


def _named_files(text: str, suffixes: frozenset[str]) -> list[str]:
    """Return the file names in a request, in order; a web address is not a file name."""
    endings = "|".join(sorted((suffix[1:] for suffix in suffixes), key=len, reverse=True))
    local = re.sub(r"\w+://\S+", " ", text)
    quoted = rf"[\"'`]([^\"'`\n]+\.(?:{endings}))[\"'`]"
    bare = rf"(?<![\w./~])((?:[~./]+/?)?[\w][\w./+-]*\.(?:{endings}))(?![\w/])"
    found = re.findall(rf"{quoted}|{bare}", local, re.IGNORECASE)
    return list(dict.fromkeys(first or second for first, second in found))
