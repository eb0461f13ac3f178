"""PDF files as documents, page by page. Pictures of text are not read."""

import io

from toollama.tools.reading.documents import Document
from toollama.tools.refusal import refusal


def from_pdf(name: str, data: bytes, *, pages: tuple[int, int] | None = None) -> Document:
    """Return a PDF as a document; `pages` (first and last, from 1) limits it.

    Raises `ToolFailure` where it is damaged, locked with a password, or has no such page.
    """
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
