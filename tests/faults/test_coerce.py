"""Values in the wrong type."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.agents.coerce import coerce

JSON = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@pytest.mark.parametrize(
    ("value", "schema", "expected"),
    [
        ("42", {"type": "integer"}, 42),
        ("4,200", {"type": "integer"}, 4200),
        (42.0, {"type": "integer"}, 42),
        ("1,200.5", {"type": "number"}, 1200.5),
        ("Highest", {"enum": ["highest", "lowest"]}, "highest"),
        ("yes", {"type": "boolean"}, True),
        (7, {"type": "string"}, "7"),
        ("a", {"type": "array", "items": {"type": "string"}}, ["a"]),
        (["1"], {"type": "array", "items": {"type": "integer"}}, [1]),
        ("42", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, 42),
    ],
)
def test_a_value_that_says_the_right_thing_gets_the_right_type(
    value: Any, schema: dict[str, Any], expected: Any
) -> None:
    assert coerce(value, schema) == expected
    assert type(coerce(value, schema)) is type(expected)


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ("about 42", {"type": "integer"}),
        ("1,2", {"type": "integer"}),
        (4.5, {"type": "integer"}),
        ("maybe", {"type": "boolean"}),
        ("hot", {"enum": ["highest", "lowest"]}),
        ("hot", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
    ],
)
def test_what_would_be_a_guess_stays_as_it_is(value: Any, schema: dict[str, Any]) -> None:
    assert coerce(value, schema) == value


@given(JSON, st.sampled_from(["integer", "number", "boolean", "string"]))
def test_coercing_twice_changes_nothing_more(value: Any, wanted: str) -> None:
    once = coerce(value, {"type": wanted})
    assert coerce(once, {"type": wanted}) == once
