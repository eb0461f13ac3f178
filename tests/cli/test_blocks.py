"""Streamed Markdown is cut into blocks that no later text changes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.fold.blocks import Block, Blocks

MARKDOWN = st.lists(
    st.sampled_from(["- item", "1. one", "text", "", "```python", "```", "~~~~", "  more", "| a |"])
).map("\n".join)


def cut(*pieces: str) -> list[Block]:
    blocks = Blocks()
    return [block for piece in pieces for block in blocks.feed(piece)] + list(blocks.finish())


@settings(max_examples=100)
@given(MARKDOWN)
def test_the_blocks_together_are_the_text(text: str) -> None:
    assert "".join(block.text for block in cut(text)) == text


@settings(max_examples=100)
@given(MARKDOWN, st.integers(1, 7))
def test_how_the_text_comes_in_pieces_changes_nothing(text: str, size: int) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert cut(*pieces) == cut(text)


def test_an_item_is_complete_when_the_next_begins() -> None:
    blocks = Blocks()
    assert list(blocks.feed("- one\n  more\n- two")) == []
    assert list(blocks.feed("\n")) == [Block("markdown", "- one\n  more\n")]


def test_a_paragraph_is_complete_at_its_blank_line() -> None:
    assert list(Blocks().feed("one\ntwo\n\nthree")) == [Block("markdown", "one\ntwo\n\n")]


def test_each_line_of_code_is_complete_by_itself() -> None:
    kinds = [(block.kind, block.text) for block in cut("```py\na\n\n- b\n```\n")]
    assert kinds == [
        ("fence", "```py\n"),
        ("code", "a\n"),
        ("code", "\n"),
        ("code", "- b\n"),
        ("fence", "```\n"),
    ]


def test_a_longer_fence_holds_a_shorter_one() -> None:
    assert [block.kind for block in cut("````\n```\n````\n")] == ["fence", "code", "fence"]


def test_a_table_ends_where_its_rows_do() -> None:
    assert [block.text for block in cut("| a |\n| 1 |\nsaid\n")] == ["| a |\n| 1 |\n", "said\n"]


def test_backticks_that_end_in_their_line_open_no_fence() -> None:
    assert [block.kind for block in cut("```x``` is inline\n")] == ["markdown"]


@pytest.mark.parametrize("text", ["", "```", "- ", "a"])
def test_an_unfinished_text_is_given_at_the_end(text: str) -> None:
    assert "".join(block.text for block in cut(text)) == text
