"""The sentences of a text that tell most."""

from hypothesis import given
from hypothesis import strategies as st

from toollama.agents.cite import sentences
from toollama.agents.extract import telling_sentences

_TEXT = (
    "The harbour bridge carries trains across the harbour. It rained on Tuesday, they say. "
    "The harbour bridge was opened in 1932 by the premier. Short one. "
    "Painting the harbour bridge takes many years of work."
)
_SENTENCES = st.lists(
    st.sampled_from([*sentences(_TEXT), "No.", "9 8 7 6 5 4 3 2 1 0 9 8 7 6 5 4 3 2 1."]),
    max_size=8,
).map(" ".join)
_QUESTIONS = st.sampled_from(["", "Who opened the bridge?", "What about zebras?"])


@given(_SENTENCES, _QUESTIONS, st.integers(0, 5))
def test_only_whole_sentences_of_the_text_come_out_in_its_order(
    text: str, question: str, count: int
) -> None:
    told = telling_sentences(text, question, count=count)
    remaining = iter(sentences(text))
    assert len(told) <= count
    assert all(sentence in remaining for sentence in told)


def test_what_the_text_is_about_is_told_before_an_aside() -> None:
    told = telling_sentences(_TEXT, "", count=3)
    assert not any("Tuesday" in sentence for sentence in told)


def test_a_question_chooses_the_sentence_with_its_rarer_words() -> None:
    assert telling_sentences(_TEXT, "How long is painting the bridge?", count=1) == [
        "Painting the harbour bridge takes many years of work."
    ]


def test_a_question_about_something_else_gets_what_the_text_is_about() -> None:
    assert telling_sentences(_TEXT, "zebras?", count=2) == telling_sentences(_TEXT, "", count=2)


def test_a_scrap_is_no_telling_sentence() -> None:
    assert "Short one." not in telling_sentences(_TEXT, "", count=9)


def test_an_empty_text_tells_nothing() -> None:
    assert telling_sentences("", "", count=3) == []


def test_a_field_of_data_is_no_sentence() -> None:
    assert (
        telling_sentences('{\n"name": "Museum of Old Salt",\n"town": "Varde"\n}', "", count=3) == []
    )
