"""Follow-ups become whole requests, or stay as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.agents.followups import PreviousTurn, refers_back, resolve

WEATHER = PreviousTurn("What is the weather in London?", ("London",))
MILES = PreviousTurn("How many miles are 42 km?", ("42 km", "miles"), "26.1 mi")
SHARE = PreviousTurn("What is 15% of 240?", ("15% of 240",), "36")
ROUTE = PreviousTurn("How far is it from Paris to Rome?", ("Paris", "Rome"))
REVENUE = PreviousTurn("What was the revenue in 2019?")


@pytest.mark.parametrize(
    ("previous", "text", "whole"),
    [
        (WEATHER, "and in Paris?", "What is the weather in Paris?"),
        (WEATHER, "and in paris?", "What is the weather in paris?"),
        (WEATHER, "also the population", "What is the population of London?"),
        (WEATHER, "What about New York then?", "What is the weather in New York?"),
        (WEATHER, "and tomorrow?", "What is the weather in London tomorrow?"),
        (WEATHER, "in German please", "What is the weather in London in German?"),
        (MILES, "and 50 km?", "How many miles are 50 km?"),
        (MILES, "and 50?", "How many miles are 50 km?"),
        (MILES, "and in feet?", "How many feet are 42 km?"),
        (MILES, "how many yards is that?", "how many yards is 26.1 mi?"),
        (SHARE, "and 20%?", "What is 20% of 240?"),
        (SHARE, "and of 300?", "What is 15% of 300?"),
        (SHARE, "and 20% of 300?", "What is 20% of 300?"),
        (SHARE, "multiply it by 3", "multiply 36 by 3"),
        (ROUTE, "and to Berlin?", "How far is it from Paris to Berlin?"),
        (REVENUE, "what about last year?", "What was the revenue last year?"),
        (REVENUE, "and in 2020?", "What was the revenue in 2020?"),
        (
            PreviousTurn("What is 25 C in Fahrenheit?", ("25 C", "Fahrenheit")),
            "and of 30 C?",
            "What is 30 C in Fahrenheit?",
        ),
        (
            PreviousTurn("define serendipity", ("serendipity",)),
            "and ephemeral?",
            "define ephemeral",
        ),
        (PreviousTurn("Summarise notes.md"), "and todo.txt?", "Summarise todo.txt"),
        (
            PreviousTurn("how much did I spend on travel according to costs.csv?", ("costs.csv",)),
            "and on rent?",
            "how much did I spend on rent according to costs.csv?",
        ),
    ],
)
def test_a_follow_up_says_the_request_before_with_one_span_replaced(
    previous: PreviousTurn, text: str, whole: str
) -> None:
    assert resolve(previous, text) == whole


@pytest.mark.parametrize(
    ("previous", "text"),
    [
        (ROUTE, "and Berlin?"),
        (WEATHER, "How many miles are 3 km?"),
        (WEATHER, "thanks"),
        (WEATHER, "in detail please"),
        (WEATHER, "answer in metric"),
        (WEATHER, "and 30 C?"),
        (SHARE, "What time is it in Tokyo?"),
        (SHARE, "and todo.txt?"),
        (WEATHER, "multiply it by 3"),
        (WEATHER, ""),
    ],
)
def test_what_the_words_do_not_settle_is_left_alone(previous: PreviousTurn, text: str) -> None:
    assert resolve(previous, text) is None


@given(previous=st.text(max_size=60), text=st.text(max_size=60), answer=st.text(max_size=10))
def test_no_text_breaks_the_resolution(previous: str, text: str, answer: str) -> None:
    whole = resolve(PreviousTurn(previous, (previous[:5],), answer), text)
    assert whole is None or whole.strip()


@given(place=st.from_regex(r"[A-Z][a-z]{3,9}ville", fullmatch=True))
def test_any_place_takes_the_place_of_the_one_before(place: str) -> None:
    assert resolve(WEATHER, f"and in {place}?") == f"What is the weather in {place}?"


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("save it as notes.md", True),
        ("translate your answer", True),
        ("What time is it in Tokyo?", False),
        ("Take 15% of 240 and double it", False),
    ],
)
def test_a_request_that_points_to_the_answer_before_is_told(text: str, *, back: bool) -> None:
    assert refers_back(text) is back
