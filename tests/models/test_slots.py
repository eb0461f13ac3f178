"""The slot engine: what a call may contain, given the words."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.test_constrain import _can_write
from toollama.models.engine import JsonSchema, Regex
from toollama.models.slots import (
    Slot,
    call_schema,
    filled,
    is_copied,
    leaves_no_choice,
    numbers_in,
    slots_of,
    span_pattern,
)

_STRING = {"type": "string", "maxLength": 120}
_INTEGER = {"type": "integer", "minimum": 1, "maximum": 7}


@dataclass(frozen=True)
class _Found:
    value: Any
    certain: bool = False


def _slot(name: str, schema: Any, *found: Any, **options: Any) -> Slot[_Found]:
    return Slot(name, tuple(map(_Found, found)), schema, required=True, **options)


def _argument(slot: Slot[_Found], text: str = "") -> Any:
    call = call_schema("tool", [slot], text=text)
    return call["properties"]["arguments"]["properties"][slot.name]


def _writes(slot: Slot[_Found], written: str, text: str = "") -> bool:
    return _can_write(
        JsonSchema(call_schema("t", [slot], text=text)),
        f'{{"tool": "t", "arguments": {{"{slot.name}": {written}}}}}',
    )


def test_slots_are_the_required_parameters_and_those_the_words_speak_of() -> None:
    parameters = {
        "properties": {"a": {"type": "string"}, "b": _INTEGER, "c": {"$ref": "#/$defs/unit"}},
        "$defs": {"unit": {"enum": ["km"], "title": "Unit"}},
        "required": ["a"],
    }
    slots = slots_of(parameters, {"c": [_Found("km")]})
    assert [(slot.name, slot.schema, slot.required) for slot in slots] == [
        ("a", _STRING, True),
        ("c", {"enum": ["km"]}, False),
    ]


def test_a_slot_with_candidates_takes_one_of_them() -> None:
    assert _argument(_slot("a", _STRING, "x", "y", "x")) == {"enum": ["x", "y"]}


def test_the_values_of_an_enum_stay_open_beside_the_candidates() -> None:
    assert _argument(_slot("a", {"enum": ["m", "km"]}, "km")) == {"enum": ["km", "m"]}


def test_a_number_is_taken_from_the_text() -> None:
    slot = _slot("days", _INTEGER)
    text = "weather for the next 3 days, not 30, and not 2.5"
    assert _argument(slot, text) == {"enum": [3]}


@pytest.mark.parametrize("text", ["no figure here", "only 99"])
def test_a_text_without_a_fitting_number_leaves_the_type(text: str) -> None:
    assert _argument(_slot("days", _INTEGER), text) == _INTEGER


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3 of 12", [3, 12]),
        ("two or Three", [2, 3]),
        ("-4.5 °C and 5km", [-4.5, 5]),
        ("1,250 people", [1250]),
        ("version 1.2.3", []),
        ("number 4111111111111111", []),
        ("3 and three", [3]),
    ],
)
def test_numbers_are_found_in_digits_and_words(text: str, numbers: list[float]) -> None:
    assert numbers_in(text) == numbers


@pytest.mark.parametrize(
    ("written", "allowed"),
    [
        ('"Frida Kahlo"', True),
        ('"Kahlo (painter)"', False),
        ('"Kahlo (painter"', True),
        ('"Kahlo"', True),
        ('"Frida Khalo"', False),
        ('"Kahl"', False),
        ('"Frida painter"', False),
        ('""', False),
    ],
)
def test_a_copied_string_is_a_span_of_the_text(written: str, allowed: bool) -> None:
    slot = _slot("title", _STRING, copied=True)
    assert _writes(slot, written, "who was Frida Kahlo (painter)?") is allowed


def test_a_span_has_at_most_eight_words() -> None:
    pattern = span_pattern("a b c d e f g h i")
    assert _can_write(Regex(pattern), "b c d e f g h i")
    assert not _can_write(Regex(pattern), "a b c d e f g h i")


@settings(max_examples=50)
@given(st.text('ab.*(\\"\n é', max_size=30), st.data())
def test_every_run_of_words_can_be_copied(text: str, data: st.DataObject) -> None:
    words = text.split(" ")
    first = data.draw(st.integers(0, len(words) - 1))
    span = " ".join(words[first : first + data.draw(st.integers(1, 4))])
    if span[:1].isalpha() and span[-1:].isalpha() and len(span.split()) <= 4:
        assert _can_write(Regex(span_pattern(text)), span)


def test_the_span_grammar_of_a_long_text_stays_small() -> None:
    text = " ".join(f"word{number}" for number in range(1000))
    assert len(span_pattern(text)) < 16_000
    assert _writes(_slot("title", _STRING, copied=True), '"word3 word4"', text)


@pytest.mark.parametrize("text", ["", "?!"])
def test_a_text_without_words_leaves_a_short_string(text: str) -> None:
    assert _argument(_slot("title", _STRING, copied=True), text) == _STRING


def test_a_string_that_is_not_copied_stays_free() -> None:
    assert _argument(_slot("note", _STRING), "some words") == _STRING


@pytest.mark.parametrize(
    ("name", "description", "copied"),
    [
        ("title", "", True),
        ("city", "Where, as the user wrote it", True),
        ("on", "A name, in ISO format", False),
        ("width", "how wide", False),
    ],
)
def test_a_parameter_says_itself_whether_it_is_copied(
    name: str, description: str, copied: bool
) -> None:
    assert is_copied(name, description) is copied


@pytest.mark.parametrize("schema", [_STRING, _INTEGER, {"enum": ["x"]}])
def test_an_omissible_slot_may_be_left_out(schema: dict[str, Any]) -> None:
    slot = _slot("a", schema, omissible=True)
    assert _writes(slot, "null", "3 words here")
    assert filled({"a": None}, [slot]) == {}


def test_a_slot_that_is_not_omissible_may_not_be_left_out() -> None:
    slot = _slot("a", _STRING)
    assert not _writes(slot, "null")
    assert filled({"a": None}, [slot]) == {"a": None}


@pytest.mark.parametrize(("found", "settled"), [(("x",), True), (("x", "y"), False), ((), False)])
def test_one_candidate_for_every_slot_leaves_no_choice(
    found: tuple[str, ...], settled: bool
) -> None:
    assert leaves_no_choice([_slot("a", _STRING, *found)]) is settled


@pytest.mark.parametrize(
    ("required", "found", "omissible"),
    [
        ([], [_Found("x"), _Found("y")], True),
        ([], [_Found("x")], False),
        ([], [_Found("x", certain=True), _Found("y")], False),
        (["a"], [_Found("x"), _Found("y")], False),
    ],
    ids=["several values", "one value", "certain", "required"],
)
def test_an_optional_parameter_with_several_possible_values_may_be_left_out(
    required: list[str], found: list[_Found], omissible: bool
) -> None:
    parameters = {"properties": {"a": _STRING}, "required": required}
    (slot,) = slots_of(parameters, {"a": found})
    assert slot.omissible is omissible
