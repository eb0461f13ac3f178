"""German and Spanish questions in the words of the tools."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.agents.in_english import in_english


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("wieviel Wörter hat notes.txt?", "how many words has notes.txt?"),
        (
            "wie viele Tage sind es bis zum 1. Mai 2027?",
            "how many days are there until 1 May 2027?",
        ),
        ("Wie spät ist es in Lima?", "what time is it in Lima?"),
        ("¿cuánto es 15 por ciento de 80?", "what is 15 percent of 80?"),
        ("¿cuántas líneas tiene app.log?", "how many lines has app.log?"),
        ("¿cuántos días faltan para Navidad?", "how many days until christmas?"),
    ],
)
def test_what_asks_is_put_into_english(text: str, english: str) -> None:
    assert in_english(text) == english


def test_quotations_and_file_names_stay() -> None:
    text = 'wie viele Wörter hat "die Tage im Mai" und tage.txt?'
    assert in_english(text) == 'how many words has "die Tage im Mai" and tage.txt?'


@pytest.mark.parametrize(
    "text", ["how many hats are in die.txt", "who has a son es", "Übersetze das", "war is over", ""]
)
def test_a_request_that_opens_otherwise_is_left_alone(text: str) -> None:
    assert in_english(text) == text


@given(st.text(max_size=80))
@settings(max_examples=60)
def test_any_figure_stays_as_it_is(text: str) -> None:
    asked = f"wie viele Tage {text} 123"
    assert in_english(asked).endswith("123")
