"""A stream of prose becomes whole sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.agents.prose import Piece, SentenceStream

_TEXTS = st.lists(
    st.sampled_from(
        ["Dr.", "One.", "two", "3.5", "4.", "A.", "Why?", '"Yes."', " ", "\n", "\t", "e.g."]
    )
).map("".join) | st.text(max_size=40)


def _read(*pieces: str) -> list[Piece]:
    stream = SentenceStream()
    return [found for piece in pieces for found in stream.feed(piece)] + stream.finish()


@given(_TEXTS)
def test_nothing_but_white_space_is_lost(text: str) -> None:
    out = "".join(piece.lead + piece.text for piece in _read(text))
    assert out.split() == text.split()


@given(_TEXTS)
def test_sentences_do_not_depend_on_how_the_text_was_split(text: str) -> None:
    assert _read(*text) == _read(text)


@given(_TEXTS)
def test_white_space_stands_in_the_lead_only(text: str) -> None:
    for piece in _read(text):
        assert piece.lead.strip() == ""
        assert piece.text == piece.text.strip() != ""


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It is 3.5 km. Far.", ["It is 3.5 km.", "Far."]),
        ("It is 42. Good.", ["It is 42.", "Good."]),
        ("Dr. Smith met J. Doe, e.g. here.", ["Dr. Smith met J. Doe, e.g. here."]),
        ('He said "Go." She went.', ['He said "Go."', "She went."]),
        ("1. First\n2. Second", ["1. First", "2. Second"]),
        ("- one\n- two", ["- one", "- two"]),
        (" \n ", []),
    ],
)
def test_text_is_cut_where_sentences_end(text: str, sentences: list[str]) -> None:
    assert [piece.text for piece in _read(text)] == sentences


def test_a_sentence_comes_out_as_soon_as_it_is_whole() -> None:
    stream = SentenceStream()
    assert stream.feed("One.") == []
    assert stream.feed(" T") == [Piece("", "One.")]
    assert stream.finish() == [Piece(" ", "T")]
