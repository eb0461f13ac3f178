"""Word documents: a DOCX file as a document, and Markdown as a DOCX file.

Refuses archives that unpack to far more than they weigh.
"""

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from toollama.text import visible
from toollama.tools.reading import markdown
from toollama.tools.reading.documents import Document
from toollama.tools.refusal import refusal

if TYPE_CHECKING:
    from markdown_it.token import Token

_MAX_UNPACKED_BYTES = 200_000_000


def from_docx(name: str, data: bytes) -> Document:
    """Return a DOCX file as a document. Raises `ToolFailure` where it is damaged."""
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
    return Document(name, "docx", title, text, {"headings": headings, "words": len(text.split())})


def _docx_line(text: str, *, style: str | None) -> str:
    if heading := re.fullmatch(r"Heading (\d)", style or ""):
        return f"{'#' * min(int(heading[1]), 6)} {text}"
    if style == "Title":
        return f"# {text}"
    return f"- {text}" if (style or "").startswith("List") else text


def docx_from_markdown(text: str) -> bytes:
    """Return Markdown as a DOCX file: headings, lists, paragraphs, code and tables."""
    import docx

    document = docx.Document()
    # XML cannot hold control characters; `visible` leaves none.
    _Composer(document).compose(markdown.parser().parse(visible(text)))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


class _Composer:
    """Puts Markdown tokens into a Word document: headings, lists, paragraphs, code, tables."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.style: str | None = None
        self.lists: list[str] = []
        self.cells: list[list[str]] = []

    def compose(self, tokens: "list[Token]") -> None:
        """Add every token to the document, in order."""
        for token in tokens:
            if token.type == "inline":
                self._inline(token)
            elif token.type in {"fence", "code_block"}:
                self.document.add_paragraph(token.content.rstrip(), style="No Spacing")
            elif token.type == "heading_open":
                self.style = f"Heading {token.tag[1]}"
            elif token.type in {"bullet_list_open", "ordered_list_open"}:
                self.lists.append("List Bullet" if token.type[0] == "b" else "List Number")
            elif token.type in {"bullet_list_close", "ordered_list_close"}:
                self.lists.pop()
            elif token.type == "heading_close":
                self.style = None
            elif token.type == "tr_open":
                self.cells.append([])
            elif token.type == "table_close":
                self._table()

    def _inline(self, token: "Token") -> None:
        if self.cells:
            self.cells[-1].append(token.content)
            return
        depth = min(len(self.lists), 3)
        listed = f"{self.lists[-1]} {depth}".removesuffix(" 1") if self.lists else None
        paragraph = self.document.add_paragraph(style=self.style or listed)
        bold = italic = False
        for child in token.children or []:
            bold = child.type == "strong_open" or (bold and child.type != "strong_close")
            italic = child.type == "em_open" or (italic and child.type != "em_close")
            words = " " if child.type == "softbreak" else child.content
            if words:
                run = paragraph.add_run(words)
                run.bold, run.italic = bold, italic

    def _table(self) -> None:
        table = self.document.add_table(rows=0, cols=len(self.cells[0]), style="Table Grid")
        for cells in self.cells:
            for place, cell in zip(table.add_row().cells, cells, strict=True):
                place.text = cell
        self.cells = []
