from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.evaluation.marking import Call, fault

WEATHER = {
    "name": "weather.get",
    "parameters": {
        "type": "dict",
        "required": ["city"],
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer"},
            "warm": {"type": "float"},
            "when": {"type": "dict", "properties": {"day": {"type": "string"}}},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    },
}
ANSWER = {
    "weather.get": {
        "city": ["New York, NY"],
        "days": [3, ""],
        "warm": [20.0, ""],
        "when": [{"day": ["Monday"], "hour": ["", 9]}, ""],
        "tags": [["a", "b"], ""],
    }
}


def marked(arguments: dict[str, Any], name: str = "weather.get") -> str:
    return fault([Call(name, arguments)], [ANSWER], [WEATHER])


@pytest.mark.parametrize(
    "arguments",
    [
        {"city": "New York, NY"},
        {"city": "new york ny"},
        {"city": "New York, NY", "warm": 20},
        {"city": "New York, NY", "when": {"day": "monday"}},
        {"city": "New York, NY", "tags": ["A", "b"]},
    ],
)
def test_a_call_is_right_whatever_its_case_and_punctuation(arguments: dict[str, Any]) -> None:
    assert marked(arguments) == ""


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({}, "city is missing"),
        ({"city": "Boston"}, "city has the wrong value"),
        ({"city": "New York, NY", "days": "3"}, "days is str, not int"),
        ({"city": "New York, NY", "days": True}, "days is bool, not int"),
        ({"city": "New York, NY", "mood": 1}, "mood is too much"),
        ({"city": "New York, NY", "when": {}}, "when has the wrong value"),
        ({"city": "New York, NY", "when": {"day": "Monday", "x": 1}}, "when has the wrong value"),
        ({"city": "New York, NY", "tags": ["b", "a"]}, "tags has the wrong value"),
        ({"city": "New York, NY", "tags": [1]}, "tags has items of the wrong type"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(arguments: dict[str, Any], problem: str) -> None:
    assert marked(arguments) == problem


def test_a_dot_in_a_name_may_be_an_underscore() -> None:
    assert marked({"city": "New York, NY"}, name="weather_get") == ""
    assert marked({"city": "New York, NY"}, name="weather") != ""


def test_an_optional_parameter_is_demanded_where_the_answer_does_not_leave_it_out() -> None:
    answer = {"weather.get": {"city": ["Oslo"], "days": [2]}}
    assert fault([Call("weather.get", {"city": "Oslo"})], [answer], [WEATHER]) == "days is missing"


def test_several_calls_may_stand_in_any_order() -> None:
    answers = [{"weather.get": {"city": [city]}} for city in ("Oslo", "Rome")]
    calls = [Call("weather.get", {"city": city}) for city in ("Rome", "Oslo")]
    assert fault(calls, answers, [WEATHER]) == ""
    assert fault(calls[:1], answers, [WEATHER]) == "1 calls, not 2"
    assert fault([calls[0], calls[0]], answers, [WEATHER]) == "city has the wrong value"


def test_no_answer_means_that_nothing_may_be_called() -> None:
    assert fault([], [], [WEATHER]) == ""
    assert fault([Call("weather.get", {"city": "Oslo"})], [], [WEATHER]) == "1 calls, not 0"


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c"]),
        st.one_of(st.integers(), st.text(min_size=1), st.booleans()),
        min_size=1,
    )
)
def test_a_call_that_is_the_answer_is_right(values: dict[str, Any]) -> None:
    kinds = {int: "integer", str: "string", bool: "boolean"}
    properties = {name: {"type": kinds[type(value)]} for name, value in values.items()}
    function = {"name": "f", "parameters": {"type": "dict", "properties": properties}}
    answer = {"f": {name: [value] for name, value in values.items()}}
    assert fault([Call("f", values)], [answer], [function]) == ""
    for name in values:
        fewer = {other: value for other, value in values.items() if other != name}
        assert fault([Call("f", fewer)], [answer], [function]) == f"{name} is missing"
