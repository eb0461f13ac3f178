"""Constrained decoding over a vocabulary of single bytes, so that every text can be spelled."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from toollama.errors import ConstraintRefused, ExitCode
from toollama.models.constrain import Matcher, Tokenizer, TokenTable, compile_grammar
from toollama.models.engine import Choice, Constraint, JsonSchema, Regex

_END, _MARKER = 256, 257
_SIZE = 258
_TABLE = TokenTable(
    pieces=[*(bytes([byte]) for byte in range(256)), b"<end>", b"<user>"],
    control_tokens=frozenset({_END, _MARKER}),
    end_tokens=(_END,),
    tokenize=list,
)
_TOKENIZER = Tokenizer(_TABLE)
_PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 5}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


def _matcher(constraint: Constraint) -> Matcher:
    return Matcher(_TOKENIZER, compile_grammar(constraint))


def _can_write(constraint: Constraint, text: str) -> bool:
    """Return whether the whole text may be written and the output may end there."""
    matcher = _matcher(constraint)
    for byte in text.encode():
        if not matcher.allows(byte):
            return False
        matcher.accept([byte])
    return matcher.finished or matcher.allows(_END)


def _allowed(matcher: Matcher) -> set[int]:
    mask = np.zeros((_SIZE + 31) // 32, dtype=np.int32)
    matcher.fill_mask(mask)
    bits = np.unpackbits(mask.view(np.uint8), bitorder="little")
    return {int(token) for token in np.flatnonzero(bits)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"name": "Ada", "age": 36}', True),
        ('{"name": "Ada", "age": 36.5}', False),
        ('{"name": "Adelina", "age": 36}', False),
        ('{"name": "Ada"}', False),
        ('{"name": "Ada", "age": 36, "x": 1}', False),
    ],
)
def test_only_a_document_of_the_schema_can_be_written(text: str, expected: bool) -> None:
    assert _can_write(JsonSchema(_PERSON), text) is expected


_ABOVE_ZERO = {"type": "number", "exclusiveMinimum": 0, "maximum": 0.5}
_BELOW_ZERO = {"type": "number", "exclusiveMaximum": 0, "minimum": -0.5}
_HOST = {"type": "string", "format": "hostname"}
_OPEN = {"type": "object", "properties": {"a": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("schema", "text", "expected"),
    [
        pytest.param(_OPEN, '{"a": 1, "b": "x"}', True, id="another name"),
        pytest.param(_OPEN, '{"a": 1, "a": "x"}', False, id="a name twice"),
        pytest.param(_OPEN, r'{"a": 1, "\u0061": "x"}', False, id="a name twice, in disguise"),
        pytest.param(_ABOVE_ZERO, "0", False, id="zero"),
        pytest.param(_ABOVE_ZERO, "0.25", True, id="above zero"),
        pytest.param(_BELOW_ZERO, "-0", False, id="minus zero"),
        pytest.param({"type": "string", "format": "time"}, '"13:31:60Z"', False, id="leap second"),
        pytest.param({"type": "string", "format": "time"}, '"13:31:59Z"', True, id="time"),
        pytest.param(
            {"type": "string", "format": "date-time"}, '"2026-01-02T13:31:60Z"', False, id="leap"
        ),
        pytest.param(_HOST, f'"{"a." * 126}com"', False, id="long host name"),
        pytest.param(_HOST, f'"{"a." * 125}com"', True, id="host name"),
        pytest.param({"const": {"a": [1, {"b": None}]}}, '{"a": [1, {"b": null}]}', True, id="c"),
        pytest.param({"type": "integer", "multipleOf": 7}, "22", False, id="no multiple"),
    ],
)
def test_what_llguidance_lets_through_is_not_written(
    schema: dict[str, Any], text: str, expected: bool
) -> None:
    assert _can_write(JsonSchema(schema), text) is expected


def _tagged(*tags: str) -> dict[str, Any]:
    definitions = {
        tag: {
            "type": "object",
            "properties": {"kind": {"const": tag}, tag: {"type": "integer"}},
            "required": ["kind", tag],
            "additionalProperties": False,
        }
        for tag in tags
    }
    return {"oneOf": [{"$ref": f"#/$defs/{tag}"} for tag in tags], "$defs": definitions}


@pytest.mark.parametrize(
    ("text", "expected"),
    [('{"kind": "b", "b": 1}', True), ('{"kind": "a", "b": 1}', False)],
)
def test_a_tagged_union_is_enforced(text: str, expected: bool) -> None:
    assert _can_write(JsonSchema(_tagged("a", "b")), text) is expected


def test_alternatives_with_a_tag_in_common_are_refused() -> None:
    schema = _tagged("a", "b")
    schema["$defs"]["b"]["properties"]["kind"] = {"enum": ["b", "a"]}
    with pytest.raises(ConstraintRefused, match="#/oneOf: "):
        compile_grammar(JsonSchema(schema))


def test_a_string_without_a_length_gets_one_from_the_token_budget() -> None:
    grammar = compile_grammar(JsonSchema({"type": "string"}), max_tokens=20)
    matcher = Matcher(_TOKENIZER, grammar)
    matcher.accept(b'"' + b"x" * 20)
    assert bytes(matcher.forced()) == b'"'


def test_a_default_bound_that_the_schema_cannot_meet_is_left_out() -> None:
    schema = {"allOf": [{"type": "string"}, {"minLength": 40}]}
    assert compile_grammar(JsonSchema(schema), max_tokens=20)


_AWKWARD = [
    'say "hi"',
    "it's",
    r"C:\new\table",
    "one\ntwo",
    "\\\n",
    "\t",
    "a|b",
    "(x)*",
    "50 %",
    "é🌊",
]


@pytest.mark.parametrize("option", _AWKWARD)
def test_an_option_is_taken_literally(option: str) -> None:
    assert _can_write(Choice(("other", option)), option)


@given(st.lists(st.text('ab\\"\n.*', min_size=1, max_size=4), min_size=1, max_size=4))
def test_every_option_can_be_written_and_nothing_else(options: list[str]) -> None:
    choice = Choice(tuple(options))
    assert all(_can_write(choice, option) for option in options)
    assert not _can_write(choice, "".join(options) + "!")


def test_a_choice_without_options_is_refused() -> None:
    with pytest.raises(ConstraintRefused, match="at least one option"):
        compile_grammar(Choice(()))


@pytest.mark.parametrize(("text", "expected"), [("A12", True), ("A1", False), ("A123", False)])
def test_a_pattern_matches_as_a_whole(text: str, expected: bool) -> None:
    assert _can_write(Regex(r"[A-Z]\d{2}"), text) is expected


def test_a_faulty_pattern_is_refused_and_blames_the_user() -> None:
    with pytest.raises(ConstraintRefused, match="unclosed group") as caught:
        compile_grammar(Regex("(a"))
    assert caught.value.exit_code is ExitCode.USAGE


def test_tokens_without_an_alternative_are_forced() -> None:
    assert bytes(_matcher(JsonSchema(_PERSON)).forced()) == b'{"name": "'
    assert bytes(_matcher(Choice(("helmet", "help"))).forced()) == b"hel"


def test_nothing_is_forced_where_a_choice_is_left() -> None:
    assert _matcher(Choice(("yes", "no"))).forced() == []


def test_forced_tokens_are_accepted() -> None:
    matcher = _matcher(Choice(("only",)))
    matcher.accept(matcher.forced())
    assert matcher.finished
    assert matcher.forced() == []


@pytest.mark.parametrize(
    "constraint", [JsonSchema(_PERSON), Choice(("yes", "no")), Regex("[a-f]{2}")]
)
def test_the_mask_allows_exactly_what_single_tokens_are_allowed(constraint: Constraint) -> None:
    matcher = _matcher(constraint)
    matcher.accept(matcher.forced())
    assert _allowed(matcher) == {token for token in range(_SIZE) if matcher.allows(token)}


def test_a_marker_is_no_text() -> None:
    matcher = _matcher(Regex("<user>|.*"))
    assert matcher.allows(ord("<"))
    assert not matcher.allows(_MARKER)


def test_the_end_is_allowed_only_where_the_output_is_whole() -> None:
    matcher = _matcher(Regex("ab?"))
    assert not matcher.allows(_END)
    matcher.accept(b"a")
    assert matcher.allows(_END)


def test_a_token_that_is_not_allowed_is_refused_and_nothing_is_printed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    matcher = _matcher(Choice(("yes", "no")))
    with pytest.raises(ConstraintRefused):
        matcher.accept(b"x")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "schema",
    [
        _PERSON,
        {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2, "maxItems": 2},
        {"const": {"path": 'C:\\"x"'}},
    ],
)
def test_following_the_mask_ends_in_a_document(schema: dict[str, Any]) -> None:
    """A model that always takes the highest token short of a letter still writes JSON."""
    matcher, out = _matcher(JsonSchema(schema)), bytearray()
    while not matcher.finished and len(out) < 200:
        allowed = _allowed(matcher)
        token = _END if _END in allowed else max(t for t in allowed if t < 128)
        matcher.accept([token])
        if token == _END:
            break
        out.append(token)
    assert from_json(bytes(out)) is not None
