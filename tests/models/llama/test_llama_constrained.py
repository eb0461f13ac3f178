"""Constrained output of a model with random weights: whatever it prefers, the format holds."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json

from tests.models.llama.harness import Output, ask, complete, load_here, output_of, spec_of
from tests.tiny_gguf import write_tiny_gguf
from toollama.errors import ConstraintRefused
from toollama.models.constrain import Matcher, compile_grammar
from toollama.models.engine import Choice, Constraint, Delta, JsonSchema, Regex
from toollama.models.llama.batcher import Batcher
from toollama.models.llama.decoder import Generation
from toollama.models.llama.engine import LlamaEngine
from toollama.models.llama.model import LoadedModel
from toollama.models.llama.thread import CancelFlag
from toollama.models.llama.tokenizers import TokenizerCache

_ENOUGH_TOKENS = 1900
_AWKWARD = st.text(alphabet='ab "\\\n/é🙂{}', min_size=1, max_size=6)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadedModel]:
    path = write_tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf", context=2048)
    loaded = load_here(spec_of(path), context_tokens=2048)
    yield loaded
    loaded.close()


@pytest.fixture(scope="module")
def tokenizers() -> TokenizerCache:
    return TokenizerCache()


def _write(model: LoadedModel, tokenizers: TokenizerCache, constraint: Constraint) -> Output:
    deltas: list[Delta] = []
    matcher = Matcher(tokenizers.get(model), compile_grammar(constraint))
    request = ask(constraint=constraint, max_tokens=_ENOUGH_TOKENS)
    batcher = Batcher(model, CancelFlag())
    done: Future[None] = Future()
    batcher.add(
        Generation(
            model,
            request,
            matcher,
            deliver=deltas.append,
            cancel=CancelFlag(),
            done=done,
            started_s=time.monotonic(),
        )
    )
    while batcher.busy:
        batcher.step()
    done.result()
    return output_of(deltas)


def _conforms(value: Any, schema: Any) -> bool:
    """Return whether the value is what the schema asks for, as far as these tests use JSON Schema.

    Written from the specification, so that llguidance is not judged by itself.
    """
    match schema:
        case {"anyOf": options}:
            return any(_conforms(value, option) for option in options)
        case {"enum": options}:
            return value in options
        case {"type": "integer", "minimum": low, "maximum": high}:
            return type(value) is int and low <= value <= high
        case {"type": "boolean"}:
            return type(value) is bool
        case {"type": "string", "maxLength": length}:
            return isinstance(value, str) and len(value) <= length
        case {"type": "array", "items": items, "minItems": low, "maxItems": high}:
            return (
                isinstance(value, list)
                and low <= len(value) <= high
                and all(_conforms(item, items) for item in value)
            )
        case {"type": "object", "properties": properties}:
            return (
                isinstance(value, dict)
                and value.keys() == properties.keys()
                and all(_conforms(value[name], part) for name, part in properties.items())
            )
    raise AssertionError(f"no rule for {schema}")


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _nested(parts: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        st.builds(
            lambda items, low, more: {
                "type": "array",
                "items": items,
                "minItems": low,
                "maxItems": low + more,
            },
            parts,
            st.integers(0, 2),
            st.integers(0, 2),
        ),
        st.builds(_object, st.dictionaries(_AWKWARD, parts, min_size=1, max_size=3)),
        st.builds(lambda options: {"anyOf": options}, st.lists(parts, min_size=1, max_size=3)),
    )


_SCHEMAS = st.recursive(
    st.one_of(
        st.builds(
            lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
            st.integers(-1000, 1000),
            st.integers(0, 10**6),
        ),
        st.builds(
            lambda options: {"enum": options},
            st.lists(_AWKWARD, min_size=1, max_size=4, unique=True),
        ),
        st.just({"type": "boolean"}),
        st.builds(lambda length: {"type": "string", "maxLength": length}, st.integers(0, 12)),
    ),
    _nested,
    max_leaves=6,
)


@settings(max_examples=40)
@given(schema=_SCHEMAS)
def test_output_always_validates_against_its_schema(
    model: LoadedModel, tokenizers: TokenizerCache, schema: dict[str, Any]
) -> None:
    output = _write(model, tokenizers, JsonSchema(schema))
    assert output.finish_reason == "stop"
    assert _conforms(from_json(output.text), schema)


@settings(max_examples=25)
@given(options=st.lists(_AWKWARD, min_size=1, max_size=5, unique=True))
def test_a_choice_gives_exactly_one_of_its_options(
    model: LoadedModel, tokenizers: TokenizerCache, options: list[str]
) -> None:
    output = _write(model, tokenizers, Choice(tuple(options)))
    assert output.finish_reason == "stop"
    assert output.text in options


@pytest.mark.parametrize(
    "pattern", [r"[0-9]{3}-[a-f]{2}", r"(ab|cd){2,4}x", r"\+[1-9] [0-9]{4}", r'"\\n?"', "[ä-ü]{3}"]
)
def test_output_matches_its_pattern_as_a_whole(
    model: LoadedModel, tokenizers: TokenizerCache, pattern: str
) -> None:
    output = _write(model, tokenizers, Regex(pattern))
    assert output.finish_reason == "stop"
    assert re.fullmatch(pattern, output.text)


def test_a_referenced_definition_is_enforced(
    model: LoadedModel, tokenizers: TokenizerCache
) -> None:
    city = _object({"city": {"enum": ["Oslo", "Lima"]}})
    schema = {
        "type": "array",
        "items": {"$ref": "#/$defs/city"},
        "minItems": 2,
        "maxItems": 2,
        "$defs": {"city": city},
    }
    written = from_json(_write(model, tokenizers, JsonSchema(schema)).text)
    assert len(written) == 2
    assert all(_conforms(item, city) for item in written)


def test_tokens_without_an_alternative_are_counted_as_forced(
    model: LoadedModel, tokenizers: TokenizerCache
) -> None:
    usage = _write(model, tokenizers, JsonSchema({"const": "always this"})).usage
    assert usage.forced_tokens == usage.output_tokens > 0


def test_tokens_with_an_alternative_are_not_counted_as_forced(
    model: LoadedModel, tokenizers: TokenizerCache
) -> None:
    usage = _write(model, tokenizers, Regex("[x-z]{9}")).usage
    assert (usage.forced_tokens, usage.output_tokens) == (0, 9)


def test_forced_tokens_spell_text_as_the_vocabulary_would(
    model: LoadedModel, tokenizers: TokenizerCache
) -> None:
    """Text in other tokens than the model was trained on makes it write worse."""
    output = _write(model, tokenizers, Choice((" and the",)))
    assert output.usage.output_tokens == len(model.vocabulary.tokenize_inside(b" and the")) == 2


async def test_the_engine_writes_the_same_as_its_decoder(
    engine: LlamaEngine, model: LoadedModel, tokenizers: TokenizerCache, tiny: Path
) -> None:
    constraint = JsonSchema(_object({"n": {"type": "integer", "minimum": 0, "maximum": 99}}))
    output = await complete(engine, ask(constraint=constraint))
    assert output.text == _write(model, tokenizers, constraint).text


@pytest.mark.parametrize(
    "constraint",
    [
        JsonSchema({"type": "string", "pattern": "(?=a)b"}),
        JsonSchema({"type": "nonsense"}),
        Choice(()),
        Choice(("\udc80",)),
        Regex("(unclosed"),
        Regex("\udc80"),
    ],
)
async def test_a_constraint_that_cannot_be_enforced_is_refused_and_the_engine_goes_on(
    engine: LlamaEngine, constraint: Constraint
) -> None:
    with pytest.raises(ConstraintRefused):
        await complete(engine, ask(constraint=constraint))
    assert (await complete(engine, ask(constraint=Choice(("yes", "no"))))).text in {"yes", "no"}
