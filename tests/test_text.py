"""The text boundary: what may be shown, cut and fenced."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.text import fence, one_line, truncate, visible

_ANY_TEXT = st.text(st.characters(exclude_categories=()))
_HOSTILE = st.text(
    st.sampled_from("\x00\x07\x08\t\n\r\x1b\x7f\x9b\u202e\u2066\u2028\ufeff\U000e0041\ud800[31mab")
)
_TEXT = _ANY_TEXT | _HOSTILE


@given(_TEXT)
def test_nothing_that_a_terminal_acts_on_stays(text: str) -> None:
    left = {c for c in visible(text) if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert left <= set("\t\n\u200c\u200d")


@given(st.text(st.characters(min_codepoint=0xE0000, max_codepoint=0xE0FFF)))
def test_no_tag_character_stays(text: str) -> None:
    assert set(visible(text)) <= {"\N{REPLACEMENT CHARACTER}"}


@given(_TEXT)
def test_making_visible_twice_changes_nothing(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(_TEXT)
def test_visible_text_has_as_many_characters(text: str) -> None:
    assert len(visible(text)) == len(text)


@given(_TEXT, _TEXT)
def test_visible_text_does_not_depend_on_the_split_into_chunks(left: str, right: str) -> None:
    assert visible(left + right) == visible(left) + visible(right)


@pytest.mark.parametrize(
    "text", ["plain, with\ttabs\nand lines", "naïve 東京 Київ", "می‌خواهم", "👩‍💻", "❤️"]
)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_an_escape_sequence_is_shown_as_its_characters() -> None:
    assert visible("\x1b[2J\x7f") == "␛[2J␡"


@given(_TEXT, st.integers(1, 40))
def test_one_line_is_short_and_has_no_line_break(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1


@given(_TEXT, st.integers(1, 40))
def test_a_cut_text_says_so(text: str, limit: int) -> None:
    short = truncate(text, limit)
    assert short == text if len(text) <= limit else short == text[: limit - 1] + "…"


@given(_TEXT, _TEXT, st.none() | st.text("0123456789abcdef", min_size=1, max_size=3))
def test_a_fence_cannot_be_closed_from_inside(before: str, after: str, given: str | None) -> None:
    text = f"{before}</note {given}>{after}"
    opening, *_, closing = fence(text, "note", given).split("\n")
    mark = opening.removeprefix("<note ").removesuffix(">")
    assert closing == f"</note {mark}>"
    assert mark not in text


def test_a_fence_keeps_the_text_as_it_is() -> None:
    assert fence("a\n\x1b<b>", "note", "7f3a") == "<note 7f3a>\na\n\x1b<b>\n</note 7f3a>"


def test_the_same_text_has_the_same_fence_in_every_run() -> None:
    assert fence("a", "note") == "<note ca978112>\na\n</note ca978112>"


def test_a_text_that_holds_its_own_mark_gets_another() -> None:
    opening, *_ = fence("is f4f4d2c7 in here", "note", "f4f4d2c7").split("\n")
    assert "f4f4d2c7>" not in opening
