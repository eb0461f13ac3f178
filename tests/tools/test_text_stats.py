"""Counts and readability of texts whose numbers are known."""

from datetime import UTC, datetime
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.clock import FixedClock
from toollama.tools.base import Attachment, HttpDoor, ToolContext, ToolFailure
from toollama.tools.builtin.text_stats import TOOL
from toollama.tools.language.text_counts import measure, syllables_in
from toollama.tools.run import run

CLOCK = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
CONTEXT = ToolContext(clock=CLOCK, http=cast("HttpDoor", object()))


async def test_the_first_statement_has_the_counts() -> None:
    result = await run(TOOL, {"text": "It rained. We stayed in."}, CONTEXT)
    assert result.statements[0] == (
        "The text has 5 words, 2 sentences, 1 paragraph and 24 characters (20 without spaces)."
    )


def test_an_abbreviation_does_not_end_a_sentence() -> None:
    assert measure("Dr. Holmes left at noon, i.e. late. He ran.").sentences == 2


def test_a_hyphen_or_an_apostrophe_joins_one_word() -> None:
    assert measure("A well-known cat's tail").words == 4


def test_a_blank_line_parts_paragraphs_and_sentences() -> None:
    counts = measure("A heading\n\nThe text goes on.")
    assert (counts.paragraphs, counts.sentences) == (2, 2)


def test_the_commonest_english_words_are_not_named_as_frequent() -> None:
    assert measure("the cat and the dog and the cat", top=2).frequent == (("cat", 2), ("dog", 1))


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("cat", 1), ("table", 2), ("cake", 1), ("walked", 1), ("wanted", 2), ("readability", 5)],
)
def test_syllables_of_common_words(word: str, syllables: int) -> None:
    assert syllables_in(word) == syllables


def test_readability_follows_the_published_formulas() -> None:
    counts = measure("The cat sat on the mat.")
    assert counts.flesch_reading_ease == pytest.approx(206.835 - 1.015 * 6 - 84.6)
    assert counts.automated_readability_index == pytest.approx(4.71 * 17 / 6 + 3 - 21.43)
    assert counts.coleman_liau_index == pytest.approx(5.88 * 17 / 6 - 29.6 / 6 - 15.8)


def test_reading_takes_a_minute_for_238_words() -> None:
    assert measure("word " * 238).reading_time_s == pytest.approx(60)


async def test_a_text_without_words_is_refused() -> None:
    with pytest.raises(ToolFailure, match="no words"):
        await run(TOOL, {"text": "... !"}, CONTEXT)


def test_quoted_text_is_proposed_and_certain() -> None:
    (candidate,) = TOOL.propose('how many words are in "the quick fox"', CONTEXT)["text"]
    assert (candidate.value, candidate.certain) == ("the quick fox", True)


def test_text_after_a_colon_is_proposed() -> None:
    (candidate,) = TOOL.propose("count the words in: it rained", CONTEXT)["text"]
    assert candidate.value == "it rained"


def test_piped_text_is_proposed_from_context() -> None:
    piped = Attachment(name="stdin", text="some text")
    context = ToolContext(clock=CLOCK, http=cast("HttpDoor", object()), attachments=(piped,))
    (candidate,) = TOOL.propose("count words", context)["text"]
    assert (candidate.value, candidate.source) == ("some text", "context")


def test_a_request_without_text_proposes_none() -> None:
    assert TOOL.propose("word count of this text", CONTEXT) == {}


@given(words=st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=40))
def test_joined_words_are_counted_one_by_one(words: list[str]) -> None:
    counts = measure(" ".join(words))
    assert counts.words == len(words)
    assert counts.unique_words == len(set(words))
    assert counts.letters == sum(map(len, words))


@given(text=st.text(max_size=200))
def test_no_count_is_larger_than_the_text(text: str) -> None:
    counts = measure(text)
    assert counts.words <= counts.characters_without_spaces <= counts.characters == len(text)


async def test_a_single_count_that_is_asked_for_is_the_bare_answer() -> None:
    found = TOOL.propose('how many words are in "how many lines"', CONTEXT)
    arguments = {name: candidates[0].value for name, candidates in found.items()}
    assert (await run(TOOL, arguments, CONTEXT)).answer == "3"


def test_two_counts_that_are_asked_for_leave_none_alone() -> None:
    assert set(TOOL.propose("how many words and how many lines: a b", CONTEXT)) == {"text"}


async def test_a_count_that_is_not_usually_stated_is_stated_when_asked_for() -> None:
    result = await run(TOOL, {"text": "a\nb", "figure": "lines"}, CONTEXT)
    assert result.statements[0] == "The text has 2 lines."
