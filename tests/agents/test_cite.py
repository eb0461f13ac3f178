"""Sentences are tied to what supports them, and to nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.agents import cite
from toollama.agents.cite import Support
from toollama.agents.messages import CitedSentence

_DISTANCE = Support("E1", "42 km = 26.0976 mi")
_LIFE = Support("E2", "Ada Lovelace was born in London in 1815. She wrote about the Engine.")
_BOTH = [_DISTANCE, _LIFE]


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("Ada Lovelace's friend met Charles.", {"Ada", "Lovelace", "Charles"}),
        ("The NASA report is here.", {"NASA"}),
        ("Österreich and Ägypten were there.", {"Österreich", "Ägypten"}),
        ("However, this is all.", set()),
        ("Jean-Paul O'Brien said so.", {"Jean-Paul", "O'Brien"}),
    ],
)
def test_names_are_the_capitalised_words_but_openers(sentence: str, names: set[str]) -> None:
    assert cite.names(sentence) == names


def test_sentences_and_list_lines_are_told_apart() -> None:
    text = 'It is 3.5 km. Far! "Is it?" Yes.\n- one\n\n- two'
    assert cite.sentences(text) == ["It is 3.5 km.", "Far!", '"Is it?', "Yes.", "- one", "- two"]


def test_an_exact_figure_is_supported_by_its_evidence() -> None:
    cited = cite.cite("Ada Lovelace was born in London in 1815.", _BOTH, "")
    assert (cited.cites, cited.support) == (("E2",), "supported")


@pytest.mark.parametrize(("shown", "missing"), [("26.1", []), ("26", []), ("26.2", ["26.2"])])
def test_a_figure_may_be_rounded_and_never_wrong(shown: str, missing: list[str]) -> None:
    assert cite.unsupported(f"it is {shown} miles", _BOTH, "") == missing


def test_a_whole_number_is_not_rounded() -> None:
    assert cite.unsupported("about 1800", _BOTH, "") == ["1800"]


def test_a_figure_of_the_question_needs_no_source() -> None:
    assert cite.unsupported("it is 99 km", [], "how far is 99 km") == []


@pytest.mark.parametrize("sentence", ["She was born in Paris.", "It happened in 1816."])
def test_an_invented_name_or_figure_leaves_a_sentence_without_support(sentence: str) -> None:
    cited = cite.cite(sentence, _BOTH, "")
    assert (cited.cites, cited.support) == ((), "none")


def test_a_name_inside_another_word_is_no_support_for_it() -> None:
    assert cite.unsupported("It was Don.", [Support("E1", "They were in London.")], "") == ["Don"]


def test_the_first_word_may_be_a_name_or_just_the_first_word() -> None:
    assert cite.unsupported("Poets wrote.", _BOTH, "") == []
    assert cite.unsupported("Poets wrote.", _BOTH, "", check_opener=True) == ["Poets"]


def test_a_sentence_of_two_facts_cites_both_sources() -> None:
    sources = [
        Support("E1", "15% of 860 = 129"),
        Support("E2", "1 May 2000 was a Monday."),
        Support("E3", "Oslo is in Norway."),
    ]
    question = "What is 15% of 860, and what weekday was 1 May 2000?"
    cited = cite.cite("15% of 860 is 129, and 1 May 2000 was a Monday.", sources, question)
    assert (set(cited.cites), cited.support) == ({"E1", "E2"}, "supported")


def test_a_sentence_without_words_of_its_evidence_is_weak() -> None:
    assert cite.cite("The weather stays pleasant.", _BOTH, "").support == "weak"


def test_without_evidence_nothing_is_supported() -> None:
    assert cite.cite("All is well.", [], "") == CitedSentence(text="All is well.", support="weak")


@given(st.text(max_size=30), st.lists(st.builds(Support, st.just("E1"), st.text(max_size=30))))
def test_a_sentence_with_unsupported_parts_never_cites(
    sentence: str, supports: list[Support]
) -> None:
    cited = cite.cite(sentence, supports, "")
    if cite.unsupported(sentence, supports, ""):
        assert (cited.cites, cited.support) == ((), "none")


@given(st.text(max_size=40), st.text(max_size=40))
def test_overlap_is_a_share(sentence: str, text: str) -> None:
    assert 0 <= cite.overlap(sentence, text) <= 1
    assert cite.overlap(sentence, sentence) == 1


def test_overlap_counts_words_of_one_stem() -> None:
    assert cite.overlap("bridging rivers", "a bridge over the river") == 1


@pytest.mark.parametrize(("text", "says"), [("26.1 mi for 42 km", True), ("26.2 mi for 42", False)])
def test_an_answer_says_a_statements_figures_exactly_or_rounded(text: str, says: bool) -> None:
    assert (cite.share_of_figures(text, _DISTANCE.text) == 1) is says


def test_sources_are_numbered_in_the_order_they_are_used() -> None:
    cited = [
        CitedSentence(text="one", cites=("E3",)),
        CitedSentence(text="two", cites=("E1", "E3")),
    ]
    assert cite.number_sources(cited) == {"E3": 1, "E1": 2}
