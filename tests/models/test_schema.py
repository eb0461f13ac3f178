"""Walking, locating and bounding JSON Schemas."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.models.constrain.enforce import tightened
from toollama.models.schema import (
    bounded,
    children,
    excess,
    part_at,
    pointer,
    referred,
    rewritten,
    subschemas,
)

_TREE = {
    "properties": {"a": {"items": {"type": "null"}}, "b": True},
    "prefixItems": [{"type": "string"}],
    "additionalProperties": False,
    "const": {"properties": {"no": {"type": "schema"}}},
    "default": {"items": {}},
}
_KEYS = st.text("a/~0 é", max_size=4)
_DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(-9, 9) | st.text("a~/", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)


def test_only_schemas_are_walked_and_no_values() -> None:
    assert [pointer(place) for place, _ in subschemas(_TREE)] == [
        "#",
        "#/properties/a",
        "#/properties/a/items",
        "#/prefixItems/0",
    ]


def test_children_are_the_schemas_directly_inside() -> None:
    assert [pointer(place) for place, _ in children(_TREE)] == [
        "#/properties/a",
        "#/properties/b",
        "#/prefixItems/0",
        "#/additionalProperties",
    ]


@given(_DOCUMENTS)
def test_a_pointer_leads_back_to_its_place(document: Any) -> None:
    waiting: list[tuple[Any, ...]] = [()]
    while waiting:
        place = waiting.pop()
        part = part_at(document, place)
        assert referred(document, pointer(place)) == place
        keys = part if isinstance(part, dict) else range(len(part) if type(part) is list else 0)
        waiting += [(*place, key) for key in keys]


@pytest.mark.parametrize(
    "reference",
    ["#/gone", "other.json#/a", "#a", 3, None, "#/const/x", "#/prefixItems/x", "#/prefixItems/1"],
)
def test_a_reference_to_no_place_here_is_none(reference: Any) -> None:
    assert referred(_TREE, reference) is None


def test_rewriting_changes_inner_schemas_first_and_leaves_the_original() -> None:
    seen: list[object] = []
    rewritten(_TREE, lambda part: seen.append(part.get("type")) or part)  # type: ignore[func-returns-value]
    assert seen == ["null", None, "string", None]
    assert rewritten(_TREE, lambda part: part) == _TREE


@pytest.mark.parametrize(
    ("depth", "allowed"), [(64, True), (65, False)], ids=["at the limit", "beyond"]
)
def test_depth_has_a_limit(depth: int, allowed: bool) -> None:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"items": schema}
    assert (excess(schema) is None) is allowed


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": ["x" * 300_000]},
        {"enum": ["x"] * 10_001},
        {"anyOf": [{"enum": [1] * 9_000}] * 3},
        {"properties": {"x" * 300_000: {}}},
    ],
)
def test_a_schema_beyond_its_limits_is_in_excess(schema: dict[str, Any]) -> None:
    fault = excess(schema)
    assert fault is not None
    assert "more than" in fault.problem


def test_strings_share_the_token_budget() -> None:
    schema = {"properties": {"a": {"type": "string"}, "b": {"type": ["string", "null"]}}}
    assert bounded(schema, max_tokens=300) == {
        "properties": {
            "a": {"type": "string", "maxLength": 150},
            "b": {"type": ["string", "null"], "maxLength": 150},
        }
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "maxLength": 9000},
        {"type": "string", "enum": ["x"]},
        {"type": "string", "pattern": "^a"},
        {"type": "string", "format": "date"},
        {"type": "integer", "minimum": 0, "exclusiveMaximum": 9},
        {"type": "integer", "const": 3},
        {"type": "number"},
        {},
    ],
)
def test_what_is_bounded_already_is_left_alone(schema: dict[str, Any]) -> None:
    assert bounded(schema, max_tokens=100) == schema


def test_an_integer_stays_where_every_reader_keeps_it_exact() -> None:
    assert bounded({"type": "integer", "minimum": 1}, max_tokens=9) == {
        "type": "integer",
        "minimum": 1,
        "maximum": 2**53 - 1,
    }


@pytest.mark.parametrize(("tokens", "least", "expected"), [(4, 0, 16), (100, 200, 200)])
def test_a_bound_is_never_below_what_the_string_needs(
    tokens: int, least: int, expected: int
) -> None:
    schema = {"type": "string", "minLength": least}
    assert bounded(schema, max_tokens=tokens)["maxLength"] == expected


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
        {"type": "object", "additionalProperties": {"type": "null"}},
        {"type": "integer", "exclusiveMinimum": 0},
        {"type": "string", "format": "date"},
        {"const": {"properties": {"exclusiveMinimum": 0}}},
    ],
)
def test_what_can_be_held_to_is_not_narrowed(schema: dict[str, Any]) -> None:
    assert tightened(schema) == schema
