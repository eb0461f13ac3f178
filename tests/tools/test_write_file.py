import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from toollama.clock import FixedClock
from toollama.tools.base import Attachment, HttpDoor, ToolContext, ToolFailure, ToolResult
from toollama.tools.builtin.write_file import TOOL, WriteArguments
from toollama.tools.run import run

MARKDOWN = "# Plan\n\nBuy **tea** now.\n\n- green\n- black\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"


def context(tmp_path: Path, *attached: Attachment) -> ToolContext:
    return ToolContext(
        clock=FixedClock(datetime(2026, 1, 1, tzinfo=UTC)),
        http=cast("HttpDoor", None),
        attachments=attached,
        output_dir=tmp_path,
    )


def write(tmp_path: Path, **arguments: Any) -> ToolResult:
    return asyncio.run(run(TOOL, arguments, context(tmp_path)))


def test_a_relative_path_lands_in_the_output_directory(tmp_path: Path) -> None:
    result = write(tmp_path, path="deep/er/a.txt", text="hello")
    target = tmp_path / "deep" / "er" / "a.txt"
    assert target.read_text() == "hello\n"
    assert result.statements == (f"Saved {target.resolve()} (6 bytes).",)


def test_an_existing_file_is_not_replaced_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(ToolFailure, match="already exists") as caught:
        write(tmp_path, path="a.txt", text="new")
    assert (tmp_path / "a.txt").read_text() == "old"
    assert "a-2.txt" in caught.value.fix


def test_overwrite_replaces_and_keeps_the_mode(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    target.chmod(0o640)
    result = write(tmp_path, path="a.txt", text="new", overwrite=True)
    assert target.read_text() == "new\n"
    assert target.stat().st_mode & 0o777 == 0o640
    assert result.statements[0].startswith("Replaced ")


def test_a_failed_write_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ToolFailure, match="No space left"):
        write(tmp_path, path="a.txt", text="x")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_replacement_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a.txt").write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ToolFailure, match="No space left"):
        write(tmp_path, path="a.txt", text="x", overwrite=True)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_markdown_becomes_html_that_loads_nothing(tmp_path: Path) -> None:
    write(tmp_path, path="a.html", text=f"{MARKDOWN}\n<script>x</script>")
    page = (tmp_path / "a.html").read_text()
    assert "<title>Plan</title>" in page
    assert "<strong>tea</strong>" in page
    assert "<td>1</td>" in page
    assert "<script>" not in page
    assert "default-src 'none'" in page


def test_html_is_written_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, path="a.html", text="<!doctype html><p>Hi")
    assert (tmp_path / "a.html").read_text() == "<!doctype html><p>Hi\n"


def test_markdown_becomes_a_word_document(tmp_path: Path) -> None:
    import docx

    write(tmp_path, path="a.docx", text=MARKDOWN)
    document = docx.Document(str(tmp_path / "a.docx"))
    assert [(p.style.name if p.style else "", p.text) for p in document.paragraphs] == [
        ("Heading 1", "Plan"),
        ("Normal", "Buy tea now."),
        ("List Bullet", "green"),
        ("List Bullet", "black"),
    ]
    assert [run.text for run in document.paragraphs[1].runs if run.bold] == ["tea"]
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == [
        ["a", "b"],
        ["1", "2"],
    ]


def test_control_characters_do_not_break_a_word_document(tmp_path: Path) -> None:
    import docx

    write(tmp_path, path="a.docx", text="a\x1b[31mb")
    assert docx.Document(str(tmp_path / "a.docx")).paragraphs[0].text == "a␛[31mb"


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.md", "a", "a.yaml"])
def test_other_types_hold_the_text_as_it_is(tmp_path: Path, name: str) -> None:
    write(tmp_path, path=name, text='{"a": "ü"}')
    assert (tmp_path / name).read_bytes() == '{"a": "ü"}\n'.encode()


@pytest.mark.parametrize("name", ["a.pdf", "a.xlsx"])
def test_types_that_need_a_program_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ToolFailure, match="cannot be written"):
        write(tmp_path, path=name, text="x")


@pytest.mark.parametrize("name", ["x" * 300 + ".txt", "file.txt/b.txt"])
def test_impossible_names_fail_with_a_fix(tmp_path: Path, name: str) -> None:
    (tmp_path / "file.txt").write_text("x")
    with pytest.raises(ToolFailure, match="cannot be written"):
        write(tmp_path, path=name, text="x")


@pytest.mark.parametrize("name", ["../out.txt", "sub/../../out.txt", "link/out.txt"])
def test_a_path_out_of_the_output_directory_is_visible_to_the_policy(
    tmp_path: Path, name: str
) -> None:
    output = tmp_path / "output"
    output.mkdir()
    (output / "link").symlink_to(tmp_path)
    _, writes = TOOL.touches(WriteArguments(path=name, text="x"), context(output))
    assert writes == [tmp_path.resolve() / "out.txt"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("save this as notes.md", {"path": "notes.md"}),
        ('write "hello world" to hello.txt', {"path": "hello.txt", "text": "hello world"}),
        ("overwrite draft.txt with it", {"path": "draft.txt", "overwrite": True}),
        ("read a.csv and save it to out/b.docx", {"path": "out/b.docx"}),
        ("export as a word document", {"path": "answer.docx"}),
        ("get https://example.org/a.html", {}),
        ("hello", {}),
    ],
)
def test_name_text_and_leave_to_replace_are_found_in_words(
    tmp_path: Path, text: str, expected: dict[str, object]
) -> None:
    found = TOOL.propose(text, context(tmp_path))
    assert {name: candidates[0].value for name, candidates in found.items()} == expected


def test_a_name_made_from_a_type_alone_is_uncertain(tmp_path: Path) -> None:
    (path,) = TOOL.propose("save it as html", context(tmp_path))["path"]
    assert (path.value, path.certain) == ("answer.html", False)


def test_piped_text_may_be_what_is_saved(tmp_path: Path) -> None:
    piped = Attachment(name="stdin", text="hello")
    found = TOOL.propose("save it as a.txt", context(tmp_path, piped))
    assert found["text"][0].value == "hello"
