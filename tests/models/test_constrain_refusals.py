"""Schemas that cannot be enforced: each is refused, quickly, and at its place."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.errors import ConstraintRefused
from toollama.models.constrain import compile_grammar
from toollama.models.engine import Choice, Constraint, JsonSchema, Regex

_REFUSED_WITHIN_S = 2.0


def _refused(schema: Any) -> str:
    started_s = time.process_time()
    with pytest.raises(ConstraintRefused) as caught:
        compile_grammar(JsonSchema(schema))
    assert time.process_time() - started_s < _REFUSED_WITHIN_S
    return caught.value.message.removeprefix("the output format cannot be enforced: ")


def _nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"items": schema}
    return schema


_AMBIGUOUS = {"last": {"pattern": "^(x{1,200}){1,200}$"}}


def _doubled(combined: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Return a chain of definitions, each with the next one twice."""
    definitions = {f"d{n}": combined({"$ref": f"#/$defs/d{n + 1}"}) for n in range(20)}
    return {"$ref": "#/$defs/d0", "$defs": {**definitions, "d20": {"type": "string"}}}


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "strin"}, "#/type"),
        ({"properties": {"age": {"type": "strin"}}}, "#/properties/age/type"),
        ({"anyOf": [{"type": "string"}, {"not": {}}]}, "#/anyOf/1/not"),
        ({"items": {"type": "string", "format": "colour"}}, "#/items/format"),
        ({"properties": {"a": {"$ref": "#/$defs/gone"}}}, "#/properties/a/$ref"),
        ({"properties": {"a/b~": {"not": {}}}}, "#/properties/a~1b~0/not"),
        (
            {"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"items": {"contains": {}}}}},
            "#/$defs/a/items/contains",
        ),
        ({"type": "integer", "minimum": 5, "maximum": 3}, "#/minimum"),
        ({"const": {"a": [2**70]}}, "#/const/a/0"),
        ({"enum": ["a", "\udc80"]}, "#/enum/1"),
    ],
)
def test_a_schema_that_cannot_be_enforced_is_refused_at_its_place(
    schema: dict[str, Any], place: str
) -> None:
    assert _refused(schema).startswith(f"{place}: ")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "uniqueItems": True},
        {"contains": {"type": "string"}},
        {"minContains": 1},
        {"dependentRequired": {"a": ["b"]}},
        {"dependentSchemas": {"a": {}}},
        {"dependencies": {"a": ["b"]}},
        {"propertyNames": {"pattern": "^a"}},
        {"unevaluatedProperties": False},
        {"unevaluatedItems": False},
        {"not": {"type": "string"}},
        {"$dynamicRef": "#a"},
        {"format": "idn-email", "type": "string"},
        {"pattern": "(?=a)b", "type": "string"},
        {"pattern": "(a)\\1", "type": "string"},
        {"minProperties": 2, "type": "object"},
        {"multipleOf": -1},
        {"multipleOf": 1_000_003},
        {"items": [{"type": "string"}]},
        {"exclusiveMinimum": True, "type": "number"},
        {"oneOf": [{"type": "number"}, {"type": "integer"}]},
        {"$ref": "https://example.org/other.json"},
        {"$ref": "#/components/a", "components": {"a": {}}},
    ],
    ids=lambda schema: next(iter(schema)),
)
def test_a_keyword_that_would_be_ignored_is_refused(schema: dict[str, Any]) -> None:
    keyword = next(key for key in schema if key != "type")
    assert _refused({"properties": {"x": schema}, "components": {"a": {}}}).startswith(
        f"#/properties/x/{keyword}: "
    )


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("type", "strin"),
        ("type", []),
        ("minLength", -1),
        ("maxItems", 1.5),
        ("minimum", "3"),
        ("required", "a"),
        ("properties", []),
        ("anyOf", {}),
        ("anyOf", [3]),
        ("pattern", 3),
        ("enum", 3),
        ("not", None),
    ],
)
def test_a_keyword_of_the_wrong_shape_is_refused_even_where_nothing_uses_it(
    keyword: str, value: Any
) -> None:
    schema = {"type": "null", "$defs": {"unused": {keyword: value}}}
    assert _refused(schema).startswith(f"#/$defs/unused/{keyword}: it must be ")


def test_a_condition_is_refused() -> None:
    assert _refused({"if": {"type": "string"}, "then": {"minLength": 2}}).startswith("#")


def test_a_schema_cannot_ask_for_lenience() -> None:
    schema = {"x-guidance": {"lenient": True}, "type": "array", "uniqueItems": True}
    assert _refused(schema).startswith("#/uniqueItems: ")


@pytest.mark.parametrize(
    "schema",
    [
        _nested(5000),
        {"const": _nested(200)},
        {"enum": ["x" * 1_000_000]},
        {"enum": list(range(10_001))},
        {"properties": {f"p{n}": {"type": "string"} for n in range(5000)}},
        {"patternProperties": {f"^a{n}$": {} for n in range(300)}},
        {"anyOf": [{"const": n} for n in range(2000)]},
        {"type": "array", "minItems": 10**9},
        {"allOf": [{"multipleOf": n} for n in (97, 89, 83)]},
        {"pattern": "(" * 20_000 + ")" * 20_000},
        {"type": "array", "prefixItems": [{"enum": ["x" * 20_000]}] * 13},
        {"anyOf": [{"const": n} for n in range(10_000)]},
        {"pattern": "a{1000000000}"},
        {"pattern": "^((a{1,100}){1,100}){1,100}$"},
        {"properties": {f"p{n}": {"pattern": f"b{{{9000 + n}}}"} for n in range(400)} | _AMBIGUOUS},
        _doubled(lambda again: {"allOf": [{"anyOf": [again, {"maxLength": 5}]}] * 2}),
        _doubled(lambda again: {"oneOf": [again, again]}),
        {"allOf": [{"anyOf": [{"minLength": n * m} for n in range(9)]} for m in range(9)]},
    ],
    ids=[
        "depth",
        "deep const",
        "1 MB value",
        "values",
        "properties",
        "patterns",
        "branches",
        "items",
        "multiples",
        "groups",
        "characters",
        "10,000 branches",
        "repetitions",
        "nested repetitions",
        "many repetitions",
        "references to alternatives",
        "exclusive references",
        "products of alternatives",
    ],
)
def test_a_schema_bomb_is_refused_at_its_place(schema: dict[str, Any]) -> None:
    assert _refused(schema).startswith("#/")


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"$ref": "#"}, "#"),
        ({"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"$ref": "#/$defs/a"}}}, "#/items"),
        (
            {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]},
            "#",
        ),
        ({"type": "array", "minItems": 1, "items": {"$ref": "#"}}, "#"),
        ({"anyOf": [{"$ref": "#"}, {"allOf": [{"$ref": "#"}]}]}, "#"),
    ],
)
def test_a_reference_without_an_end_is_refused(schema: dict[str, Any], place: str) -> None:
    assert _refused(schema).startswith(f"{place}: every document")


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#"}, "minItems": 1}]},
        {
            "type": "object",
            "properties": {"next": {"$ref": "#"}},
            "additionalProperties": False,
        },
    ],
)
def test_a_reference_that_may_end_is_enforced(schema: dict[str, Any]) -> None:
    assert compile_grammar(JsonSchema(schema))


def test_references_that_double_at_each_step_compile_at_once() -> None:
    definitions: dict[str, Any] = {
        f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)
    }
    definitions["d40"] = {"type": "null"}
    started_s = time.process_time()
    compile_grammar(JsonSchema({"$ref": "#/$defs/d0", "$defs": definitions}))
    assert time.process_time() - started_s < _REFUSED_WITHIN_S


_SEARCHES = [{"pattern": f"a.{{{n}}}b"} for n in range(30)]


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"type": "string", "allOf": _SEARCHES}, "#"),
        ({"allOf": [{"properties": {"a": search}} for search in _SEARCHES]}, "#"),
        (
            {
                "items": {"$ref": "#/$defs/d0"},
                "$defs": {f"d{n}": {**_SEARCHES[n], "$ref": f"#/$defs/d{n + 1}"} for n in range(29)}
                | {"d29": {"type": "string"}},
            },
            "#/$defs/d16",
        ),
    ],
    ids=["branches", "properties", "references"],
)
def test_many_patterns_for_one_text_are_refused(schema: dict[str, Any], place: str) -> None:
    assert _refused(schema).startswith(f"{place}: more than 12 patterns")


def test_many_patterns_for_texts_of_their_own_are_enforced() -> None:
    properties = {f"p{n}": search for n, search in enumerate(_SEARCHES)}
    schema = {"allOf": [{"properties": properties}, {"anyOf": _SEARCHES}]}
    assert compile_grammar(JsonSchema(schema))


@pytest.mark.parametrize(
    "constraint",
    [
        Choice(("x" * 1_000_000,)),
        Choice(tuple(f"option {n}" for n in range(100_000))),
        Regex("a" * 1_000_000),
        Regex("a{1000000000}"),
        Regex("((a{1,100}){1,100}){1,100}"),
    ],
    ids=["one option", "options", "pattern", "repetitions", "nested repetitions"],
)
def test_a_choice_or_pattern_of_any_size_is_refused_at_once(constraint: Constraint) -> None:
    started_s = time.process_time()
    with pytest.raises(ConstraintRefused):
        compile_grammar(constraint)
    assert time.process_time() - started_s < _REFUSED_WITHIN_S


def test_a_pattern_that_is_ambiguous_without_repeating_itself_is_enforced() -> None:
    assert compile_grammar(Regex(r"(a+)+(\w{1,100}\s){1,100}"))


@pytest.mark.parametrize("keyword", ["minLength", "maxLength", "maxItems", "maxProperties"])
def test_a_huge_bound_compiles_at_once(keyword: str) -> None:
    started_s = time.process_time()
    assert compile_grammar(JsonSchema({keyword: 10**9}))
    assert time.process_time() - started_s < _REFUSED_WITHIN_S


def test_a_schema_that_contains_itself_is_refused() -> None:
    schema: dict[str, Any] = {}
    schema["items"] = schema
    assert "nested more than 64 deep" in _refused(schema)


def test_a_fault_at_the_end_of_a_large_schema_is_found() -> None:
    inner = {"type": "object", "properties": {f"q{n}": {"type": "string"} for n in range(20)}}
    properties: dict[str, Any] = {f"p{n}": inner for n in range(200)}
    properties["last"] = {"type": "array", "uniqueItems": True}
    assert _refused({"properties": properties}).startswith("#/properties/last/uniqueItems: ")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, {1: 2}, object()])
def test_a_schema_that_is_not_json_is_refused(value: Any) -> None:
    assert _refused({"const": value}).startswith("#/const: it is not JSON")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["string", "#", "x", "^a"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    *("type", "properties", "items", "anyOf", "allOf", "$ref", "required"),
                    *("additionalProperties", "multipleOf", "$defs", "enum", "pattern", "minItems"),
                ]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["properties", "items", "type", "anyOf"]), _JSON))
def test_any_json_is_compiled_or_refused_at_a_place(schema: dict[str, Any]) -> None:
    outcome = ""
    try:
        compile_grammar(JsonSchema(schema))
    except ConstraintRefused as error:
        outcome = error.message
    assert not outcome or "enforced: #" in outcome
