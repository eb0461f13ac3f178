import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.clock import FixedClock
from toollama.tools.base import Attachment, HttpDoor, ToolContext, ToolFailure
from toollama.tools.reading import document_files, files
from toollama.tools.reading.decoding import decode
from toollama.tools.reading.requested_files import (
    READABLE_SUFFIXES,
    TABLE_SUFFIXES,
    path_candidates,
)

ARTICLE = "".join(f"<p>Paragraph {n} tells how tea is grown on the hills.</p>" for n in range(30))


def context(tmp_path: Path, *attached: Attachment) -> ToolContext:
    return ToolContext(
        clock=FixedClock(datetime(2026, 1, 1, tzinfo=UTC)),
        http=cast("HttpDoor", None),
        attachments=attached,
        output_dir=tmp_path,
    )


def pdf(*texts: str) -> bytes:
    """Build a PDF with one Helvetica line per page; an empty text gives a page without any."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in texts:
        page: Any = writer.add_blank_page(width=300, height=300)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode() if text else b"")
        page[NameObject("/Contents")] = stream
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def saved(tmp_path: Path, name: str, data: bytes | str) -> Path:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_markdown_is_measured_in_headings_and_words(tmp_path: Path) -> None:
    path = saved(tmp_path, "notes.md", "# Tea\n\nGreen tea.\n\n## Water\n\n80 degrees.\n")
    document = document_files.read(path)
    assert document.title == "Tea"
    assert document.describe() == "notes.md: 2 headings, 8 words"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_with_a_byte_order_mark_or_as_utf_16_is_decoded(encoding: str) -> None:
    text = "Grüße, plain words enough to tell\n"
    assert decode(text.encode(encoding), name="a.txt") == text


def test_bytes_that_are_not_utf_8_are_replaced_and_said_so(tmp_path: Path) -> None:
    document = document_files.read(saved(tmp_path, "old.txt", b"caf\xe9 and tea for two"))
    assert document.text == "caf\N{REPLACEMENT CHARACTER} and tea for two"
    assert document.notes == ("1 characters of old.txt could not be decoded.",)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1))
def test_utf_8_text_is_read_unchanged(text: str) -> None:
    if not text.startswith("\ufeff"):
        assert decode(text.encode(), name="a.txt") == text


@pytest.mark.parametrize("data", [b"GGUF\x03\0\0\0rest", b"\x89PNG\r\n\0\1\2", b"PK\x03\x04zip"])
def test_binary_files_are_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ToolFailure, match="binary"):
        document_files.read(saved(tmp_path, "thing.bin", data))


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    saved(tmp_path, "sales.csv", "a,b")
    with pytest.raises(ToolFailure) as caught:
        document_files.read(tmp_path / "sale.csv")
    assert caught.value.kind == "not_found"
    assert "sales.csv" in caught.value.fix


@pytest.mark.parametrize("content", [b"", b" \n\t\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ToolFailure, match="is empty"):
        document_files.read(saved(tmp_path, "void.txt", content))


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolFailure, match="is a directory"):
        document_files.read(tmp_path)


def test_a_file_over_the_cap_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    with pytest.raises(ToolFailure, match="20,000,001 bytes"):
        document_files.read(path)


def test_a_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    document = document_files.read(saved(tmp_path, "two.pdf", pdf("First words", "Second words")))
    assert document.text == "[page 1]\nFirst words\n\n[page 2]\nSecond words"
    assert document.describe() == "two.pdf: 2 pages, 4 words"


def test_only_the_pages_asked_for_are_read(tmp_path: Path) -> None:
    path = saved(tmp_path, "three.pdf", pdf("One", "Two", "Three"))
    assert document_files.read(path, pages=(2, 9)).text == "[page 2]\nTwo\n\n[page 3]\nThree"


def test_a_page_beyond_the_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolFailure, match="has 1 pages"):
        document_files.read(saved(tmp_path, "one.pdf", pdf("One")), pages=(4, 4))


def test_a_scanned_pdf_is_said_to_hold_no_text(tmp_path: Path) -> None:
    document = document_files.read(saved(tmp_path, "scan.pdf", pdf("", "")))
    assert not document.text
    assert document.notes == ("scan.pdf holds no text: it is probably a scan and needs OCR first.",)


def test_a_damaged_pdf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolFailure, match="is damaged"):
        document_files.read(saved(tmp_path, "bad.pdf", b"%PDF-1.7\nnothing more"))


def test_a_file_that_only_claims_to_be_a_pdf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolFailure, match="not a PDF"):
        document_files.read(saved(tmp_path, "fake.pdf", "hello"))


def test_a_word_document_keeps_headings_lists_and_tables_in_order(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_heading("Plan", level=1)
    document.add_paragraph("Buy tea", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "tea", "4"
    document.add_paragraph("Done.")
    document.save(str(tmp_path / "plan.docx"))
    read = document_files.read(tmp_path / "plan.docx")
    assert read.text == "# Plan\n\n- Buy tea\n\ntea | 4\n\nDone."


def test_a_word_document_that_unpacks_to_far_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(201_000_000))
    with pytest.raises(ToolFailure, match="unpacks to 201,000,000 bytes"):
        document_files.read(path)


def test_a_zip_that_is_no_word_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "text")
    with pytest.raises(ToolFailure, match="not a readable DOCX"):
        document_files.read(path)


def test_an_html_article_loses_its_navigation(tmp_path: Path) -> None:
    page = (
        "<html><head><title>Tea hills</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>Tea</h1>{ARTICLE}</article></body></html>"
    )
    document = document_files.read(saved(tmp_path, "tea.html", page))
    assert document.title == "Tea hills"
    assert "Paragraph 7 tells" in document.text
    assert "Home" not in document.text


def test_a_short_html_page_gives_all_its_text(tmp_path: Path) -> None:
    document = document_files.read(
        saved(tmp_path, "a.html", "<html><body><p>Hi you</p></body></html>")
    )
    assert document.text.split() == ["Hi", "you"]


def test_html_is_recognised_without_its_extension(tmp_path: Path) -> None:
    path = saved(tmp_path, "page.txt", "<!DOCTYPE html><html><body><p>Hi you</p></body></html>")
    assert document_files.read(path).kind == "html"


def test_a_symbolic_link_is_located_at_its_target(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    target = saved(tmp_path, "secret.txt", "x")
    (tmp_path / "inside" / "link.txt").symlink_to(target)
    found = files.locate("inside/../inside/link.txt", context(tmp_path))
    assert found == target.resolve()


@pytest.mark.parametrize("name", ["a" * 5_000, "~nobody-here/x.txt", "a\0b", "x/" * 600])
def test_impossible_paths_are_located_and_then_refused(tmp_path: Path, name: str) -> None:
    path = files.locate(name, context(tmp_path))
    with pytest.raises(ToolFailure):
        document_files.read(path)


def test_an_attachment_is_found_by_its_bare_name(tmp_path: Path) -> None:
    path = saved(tmp_path, "deep.txt", "x")
    given_file = Attachment(name="some/deep.txt", path=path)
    assert files.locate("deep.txt", context(tmp_path, given_file)) == path.resolve()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("read notes.md please", ["notes.md"]),
        ("compare ./a.txt and ~/b.csv", ["./a.txt", "~/b.csv"]),
        ('open "my plan.docx"', ["my plan.docx"]),
        ("see https://example.org/report.pdf", []),
        ("what is 3.5 percent of 20?", []),
    ],
)
def test_file_names_are_found_in_words(tmp_path: Path, text: str, expected: list[str]) -> None:
    found = path_candidates(text, context(tmp_path), suffixes=READABLE_SUFFIXES)
    assert [candidate.value for candidate in found] == expected


def test_the_only_attachment_is_certain(tmp_path: Path) -> None:
    only = Attachment(name="a.csv", path=tmp_path / "a.csv")
    (found,) = path_candidates("total?", context(tmp_path, only), suffixes=TABLE_SUFFIXES)
    assert (found.value, found.certain) == ("a.csv", True)


def test_one_of_several_attachments_is_certain_when_named(tmp_path: Path) -> None:
    files = [Attachment(name=n, path=tmp_path / n) for n in ("a.csv", "b.csv")]
    found = path_candidates("sum of b.csv", context(tmp_path, *files), suffixes=TABLE_SUFFIXES)
    assert [(c.value, c.certain) for c in found] == [("b.csv", True), ("a.csv", False)]
