"""Requests split into parts that can be routed by themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.agents import clauses
from toollama.agents.clauses import asks, follows, is_bare, replace_reference, split

_WORDS = st.lists(
    st.sampled_from(
        [
            "what",
            "is",
            "it",
            "and",
            "then",
            "convert",
            "5.",
            "Dr.",
            '"a; b"',
            ";",
            "?",
            "\x00",
            "\n",
        ]
    ),
    max_size=12,
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("What is 15% of 80?", ["What is 15% of 80?"]),
        (
            "What is 3 + 4 and what is the capital of France?",
            ["What is 3 + 4", "what is the capital of France?"],
        ),
        ("Convert 5 miles to km, then add 3 to it", ["Convert 5 miles to km", "add 3 to it"]),
        ("Define axiom; define lemma", ["Define axiom", "define lemma"]),
        ("Who was Bach? When did he die?", ["Who was Bach?", "When did he die?"]),
        ("read notes.txt and also count its words", ["read notes.txt", "count its words"]),
    ],
)
def test_a_compound_request_splits_at_its_parts(text: str, parts: list[str]) -> None:
    assert split(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "weather in Oslo and Bergen",
        "What is 3.5 km in miles?",
        "Who is Dr. Smith of St. Louis?",
        "What is the U.S. population?",
        'count the words in "Stop. Then look and find; what now?"',
        "count the words in “Stop. Then look”",
    ],
)
def test_a_single_request_stays_whole(text: str) -> None:
    assert split(text) == [text]


@given(_WORDS)
def test_no_word_is_lost_but_the_joints(text: str) -> None:
    joints = {"and", "then", "also", "plus", ";"}
    left = " ".join(split(text)).replace(";", " ; ").replace(",", " ").split()
    words = text.replace("\x00", " ").replace(";", " ; ").split()
    assert [w for w in left if w not in joints] == [w for w in words if w not in joints]


@given(st.text(max_size=40))
def test_any_text_splits_into_at_least_one_part(text: str) -> None:
    assert split(text)


@pytest.mark.parametrize("part", ["add 3 to it", "multiply the result by 2", "count its words"])
def test_a_part_with_a_pointing_word_follows(part: str) -> None:
    assert follows(part)


@pytest.mark.parametrize("part", ["add 3 to 4", 'count the words in "it is"'])
def test_a_part_that_stands_by_itself_does_not_follow(part: str) -> None:
    assert not follows(part)


def test_the_first_pointing_word_is_replaced_by_the_answer() -> None:
    assert replace_reference("add it to its half", r"\1 km") == r"add \1 km to its half"


@pytest.mark.parametrize(
    "part",
    [
        "What is it?",
        "convert 5 miles",
        "Could you please check this",
        "He was old?",
        "Then write 'buy milk and bread' to list.txt",
        "and finally, tell me the time",
    ],
)
def test_a_question_or_an_order_asks(part: str) -> None:
    assert asks(part)


@pytest.mark.parametrize("part", ["Hello!", "I have 3 apples.", "Thanks for that", ""])
def test_a_greeting_or_a_statement_does_not_ask(part: str) -> None:
    assert not asks(part)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("how much was it?", True),
        ("and what is that", True),
        ("How many were they?", True),
        ("what is 8% of it?", False),
        ("what weekday is that?", False),
        ("how much was the rent?", False),
    ],
)
def test_a_bare_part_asks_on_and_names_nothing(part: str, expected: bool) -> None:
    assert is_bare(part) is expected


def test_an_order_may_open_with_then() -> None:
    assert asks("Then write 'buy milk' to list.txt")
    assert asks("Finally, save it")


@pytest.mark.parametrize(
    ("part", "pieces"),
    [
        (
            "how many words are in a.txt and b.md",
            ["how many words are in a.txt", "how many words are in b.md"],
        ),
        ("12 km in miles and 30 C in F", ["12 km in miles", "30 C in F"]),
    ],
)
def test_a_bare_file_name_is_asked_what_was_asked_of_the_one_before(
    part: str, pieces: list[str]
) -> None:
    assert clauses.pieces(part) == pieces


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("tell me who signed it", "tell me who signed notes.txt"),
        ("how many rows does it have?", "how many rows does notes.txt have?"),
        ("multiply it by 3", "multiply it by 3"),
        ("who signed it in b.txt", "who signed it in b.txt"),
    ],
)
def test_a_part_may_ask_on_about_the_file_before(part: str, whole: str) -> None:
    assert clauses.with_file(part, "notes.txt") == whole


def test_a_share_of_it_is_of_the_figure_before_and_not_of_the_file() -> None:
    assert clauses.with_file("what is 8% of it?", "orders.csv") == "what is 8% of it?"


@pytest.mark.parametrize(
    ("text", "file"),
    [("open notes.txt", "notes.txt"), ("a.txt or b.txt", ""), ('find "a.txt"', ""), ("hello", "")],
)
def test_a_file_is_named_where_there_is_one_alone(text: str, file: str) -> None:
    assert clauses.file_named(text) == file


@pytest.mark.parametrize(
    ("text", "lately"),
    [
        ("who won the match last night?", True),
        ("what was our electricity bill last month?", True),
        ("what should I cook tonight?", False),
        ("write a poem about today", False),
        ("who wrote the oldest novel?", False),
    ],
)
def test_a_fact_of_these_days_is_told_from_advice_and_orders(text: str, lately: bool) -> None:
    assert clauses.asks_of_lately(text) is lately
