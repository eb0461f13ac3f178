"""Files read as documents: the type of a file, and the reader that suits it.

What the first bytes say outweighs the extension.
"""

import re
from pathlib import Path

from toollama.tools.base import ToolContext
from toollama.tools.reading.decoding import decode
from toollama.tools.reading.documents import KIND_BY_SUFFIX, Document, Kind, from_text
from toollama.tools.reading.files import given_text, locate, read_bytes
from toollama.tools.reading.pdf_files import from_pdf
from toollama.tools.reading.word_documents import from_docx
from toollama.tools.refusal import refusal

_SNIFFED_BYTES = 8_192


def read(path: Path, *, pages: tuple[int, int] | None = None) -> Document:
    """Read a file as a document; `pages` (first and last, from 1) limits a PDF.

    Raises `ToolFailure` where the file is missing, empty, too large, binary or damaged.
    """
    data = read_bytes(path)
    kind = _kind_of(path.name, data)
    if kind == "pdf":
        return from_pdf(path.name, data, pages=pages)
    if pages:
        raise refusal(f"{path.name} has no pages", fix="ask for lines instead")
    if kind == "docx":
        return from_docx(path.name, data)
    return from_text(path.name, decode(data, name=path.name), kind=kind)


def read_named(
    name: str, context: ToolContext, *, pages: tuple[int, int] | None = None
) -> Document:
    """Return what `name` means as a document: text that came without a file, or a file.

    Raises `ToolFailure` as `read` does.
    """
    if (given := given_text(name, context)) is not None:
        return from_text(name, given)
    return read(locate(name, context), pages=pages)


def _kind_of(name: str, data: bytes) -> Kind:
    """Return the type of a file. Raises `ToolFailure` where its name promises another."""
    head = data[:_SNIFFED_BYTES].lstrip()
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04") and Path(name).suffix.lower() == ".docx":
        return "docx"
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)\b", head, re.IGNORECASE):
        return "html"
    kind = KIND_BY_SUFFIX.get(Path(name).suffix.lower(), "text")
    if kind in {"pdf", "docx"}:
        raise refusal(
            f"{name} is not a {kind.upper()} file, whatever its name says",
            fix=f"check what it is with: file {name}",
        )
    return kind
