"""The gate: which sentences may go to the user."""

import pytest

from toollama.agents.cite import Support
from toollama.agents.gate import covers, judge_sentence, verdict
from toollama.agents.messages import Finding

_SUPPORTS = [
    Support(
        "E1",
        "Ada Lovelace was born in London in 1815. She wrote a program. "
        "Charles Babbage designed the engine. He died in 1871.",
    )
]


def _fault(sentence: str, *, in_one_passage: bool = False, check_opener: bool = False) -> str:
    return judge_sentence(
        sentence,
        _SUPPORTS,
        "Who was she?",
        in_one_passage=in_one_passage,
        check_opener=check_opener,
    ).fault


def test_a_sentence_of_the_sources_passes_with_its_source() -> None:
    judged = judge_sentence("Ada Lovelace was born in London.", _SUPPORTS, "")
    assert (judged.fault, judged.sentence.cites) == ("", ("E1",))


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("She was born in 1816.", "not in the sources: 1816"),
        ("She lived in Paris.", "not in the sources: Paris"),
        ("As an AI, she cannot say.", "not in the sources: AI"),
        ("I'm sorry, she was a poet.", "speaks of itself"),
        ("She wrote a program, she wrote a program, she wrote a program.", "repeats itself"),
    ],
)
def test_a_fault_is_named(sentence: str, fault: str) -> None:
    assert _fault(sentence) == fault


def test_saying_the_same_again_is_a_fault_whatever_the_punctuation() -> None:
    judged = judge_sentence("She wrote a program!", _SUPPORTS, "", before=["she wrote, a program"])
    assert judged.fault == "repeats what was said"


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("She was born in London in 1815.", ""),
        ("She was born in London in 1871.", "no passage of the sources says it"),
    ],
)
def test_one_passage_must_say_it_all_where_the_model_is_weak(sentence: str, fault: str) -> None:
    assert _fault(sentence) == ""
    assert _fault(sentence, in_one_passage=True) == fault


def test_an_unknown_first_word_is_a_fault_where_it_is_checked() -> None:
    assert _fault("Poets wrote a program.") == ""
    assert _fault("Poets wrote a program.", check_opener=True) == "not in the sources: Poets"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Oslo has 2 degrees.", True),
        ("Oslo is cold.", False),
        ("It has 2 degrees.", False),
    ],
)
def test_an_answer_covers_findings_when_it_says_every_figure_and_name(
    text: str, expected: bool
) -> None:
    assert covers(text, [Finding(statement="In Oslo it is 2 °C")]) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("North leads with 48.9% of 6,755.75.", True),
        ("North leads with 3,300.4.", False),
        ("The leader has 48.9% of 6,755.75.", False),
    ],
)
def test_an_answer_with_the_bare_answer_may_leave_out_half_of_the_figures(
    text: str, expected: bool
) -> None:
    statement = "North has the highest total: 3,300.4 (48.9% of the whole 6,755.75)."
    assert covers(text, [Finding(statement=statement, answer="North")]) is expected


@pytest.mark.parametrize(
    ("faults", "kept", "expected"),
    [([], 2, "pass"), (["invented"], 2, "warn"), ([], 0, "fail"), (["invented"], 0, "fail")],
)
def test_the_verdict_needs_at_least_one_sentence(
    faults: list[str], kept: int, expected: str
) -> None:
    assert verdict(faults, kept) == expected


def test_a_decade_made_of_a_year_is_a_fault() -> None:
    text = [Support("E1", "In 1940 a bomb damaged the reading room.")]
    assert judge_sentence("1940s: 1940's", text, "summarise", in_one_passage=True).fault == (
        "not in the sources: 1940's, 1940s"
    )


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("The best product is not specified.", "no source says 'not specified'"),
        ("12 kg are 26.46 lb.", ""),
        ("The tide is unknown.", ""),
    ],
)
def test_beside_findings_nothing_is_unknown_that_no_source_says_is(
    sentence: str, fault: str
) -> None:
    statements = ["12 kg = 26.46 lb", "The tide at that place is unknown."]
    supports = [Support("E1", statement) for statement in statements]
    judged = judge_sentence(sentence, supports, "the best product?", statements=statements)
    assert judged.fault == fault
