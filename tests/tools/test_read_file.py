import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from toollama.clock import FixedClock
from toollama.tools.base import Attachment, HttpDoor, ToolContext, ToolFailure, ToolResult
from toollama.tools.builtin.read_file import TOOL, ReadArguments
from toollama.tools.run import run


def context(tmp_path: Path, *attached: Attachment) -> ToolContext:
    return ToolContext(
        clock=FixedClock(datetime(2026, 1, 1, tzinfo=UTC)),
        http=cast("HttpDoor", None),
        attachments=attached,
        output_dir=tmp_path,
    )


def read(context: ToolContext, **arguments: Any) -> ToolResult:
    return asyncio.run(run(TOOL, arguments, context))


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.md"
    path.write_text("# Tea\n\nGreen tea.\n## Water\n80 degrees.\n")
    return path


def test_the_text_is_evidence_and_the_statement_describes_it(notes: Path) -> None:
    result = read(context(notes.parent), path=str(notes))
    assert result.text == notes.read_text()
    assert result.statements == ('notes.md: 2 headings, 8 words, titled "Tea".',)


def test_the_source_is_private_and_names_the_path(notes: Path) -> None:
    (source,) = (read(context(notes.parent), path=str(notes))).sources
    assert (source.title, source.locator, source.private) == (
        "notes.md",
        str(notes.resolve()),
        True,
    )


def test_a_range_of_lines_is_cut_and_said_so(notes: Path) -> None:
    result = read(context(notes.parent), path=str(notes), lines="3-4")
    assert result.text == "Green tea.\n## Water"
    assert "Lines 3 to 4 of 5 were read." in result.statements


def test_lines_beyond_the_end_fail_with_the_length(notes: Path) -> None:
    with pytest.raises(ToolFailure, match="has 5 lines"):
        read(context(notes.parent), path=str(notes), lines="9")


def test_pages_of_a_text_file_are_refused(notes: Path) -> None:
    with pytest.raises(ToolFailure, match="has no pages"):
        read(context(notes.parent), path=str(notes), pages="2")


def test_a_long_text_is_cut_and_marked(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("word " * 100)
    result = read(context(tmp_path), path=str(tmp_path / "long.txt"), max_characters=100)
    assert result.truncated
    assert len(result.text) == 100


def test_standard_input_is_read_without_a_path(tmp_path: Path) -> None:
    piped = Attachment(name="stdin", text="hello there")
    result = read(context(tmp_path, piped), path="stdin")
    assert result.text == "hello there"
    assert TOOL.touches(ReadArguments(path="stdin"), context(tmp_path, piped)) == ([], [])


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ToolFailure) as caught:
        read(context(tmp_path), path=str(tmp_path / "none.txt"))
    assert caught.value.kind == "not_found"


def test_an_unreadable_file_fails_with_the_reason(
    notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(ToolFailure, match="Permission denied"):
        read(context(notes.parent), path=str(notes))


def test_a_link_out_of_the_roots_is_visible_to_the_policy(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.txt").write_text("x")
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    arguments = ReadArguments(path=str(inside / "link.txt"))
    reads, writes = TOOL.touches(arguments, context(inside))
    assert reads == [(tmp_path / "secret.txt").resolve()]
    assert writes == []


def test_a_loop_of_links_does_not_break_the_policy(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    reads, _ = TOOL.touches(ReadArguments(path=str(tmp_path / "a")), context(tmp_path))
    assert len(reads) == 1


@pytest.mark.parametrize(
    ("text", "pages", "lines"),
    [
        ("what does page 3 of x.pdf say", "3", None),
        ("read pages 2 to 5 of x.pdf", "2-5", None),
        ("first 20 lines of x.log", None, "1-20"),
        ("lines 10-40 of x.log", None, "10-40"),
        ("the first page of x.pdf", "1", None),
        ("read page 0 of x.pdf", None, None),
        ("read x.pdf", None, None),
    ],
)
def test_pages_and_lines_are_found_in_words(
    tmp_path: Path, text: str, pages: str | None, lines: str | None
) -> None:
    found = TOOL.propose(text, context(tmp_path))
    values = {name: candidates[0].value for name, candidates in found.items()}
    assert (values.get("pages"), values.get("lines")) == (pages, lines)


def test_nothing_is_proposed_without_a_file(tmp_path: Path) -> None:
    assert TOOL.propose("how are you", context(tmp_path)) == {}
