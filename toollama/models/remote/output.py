"""Whether a server's output keeps the constraint, and how to ask again where it does not. Pure.

A server may ignore a schema without a word, so nothing it wrote is trusted. JSON Schema is checked
by jsonschema, which fetches no reference; patterns by llguidance, in the dialect of the llama
engine.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from toollama.errors import ConstraintRefused
from toollama.models.engine import (
    Choice,
    Constraint,
    GenerationRequest,
    JsonSchema,
    Message,
    Regex,
)
from toollama.text import one_line, truncate

if TYPE_CHECKING:
    from toollama.models.constrain import Tokenizer

_END = 256
_QUOTED_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True)
class Checked:
    """What the output says, and what is wrong with it; no problem means that it may be used."""

    text: str
    problem: str = ""


def check(output: str, constraint: Constraint) -> Checked:
    """Return the output as the constraint means it.

    Choices and patterns travel as JSON strings and come back bare.
    """
    output = output.strip()
    if isinstance(constraint, JsonSchema):
        return Checked(output, _breach(output, constraint.schema))
    bare = _bare(output)
    if isinstance(constraint, Choice):
        listed = one_line(", ".join(constraint.options))
        return Checked(bare, "" if bare in constraint.options else f"it is none of {listed}")
    fits = _matches(bare, constraint.pattern)
    return Checked(bare, "" if fits else f"it does not match {one_line(constraint.pattern)}")


def _bare(output: str) -> str:
    """Return the text of a JSON string; what is none is the text itself."""
    try:
        document = from_json(output)
    except ValueError:
        return output
    return document if isinstance(document, str) else output


def cut_off(output: str, constraint: Constraint) -> str:
    """Return what an output that ran into `max_tokens` says so far, unchecked."""
    if isinstance(constraint, JsonSchema):
        return output
    try:
        return str(from_json(output.strip(), allow_partial="trailing-strings"))
    except ValueError:
        return ""


def ask_again(request: GenerationRequest, *, output: str, problem: str) -> GenerationRequest:
    """Return the request followed by the output and what is wrong with it."""
    told = f"That does not follow the format: {problem}. Answer again, with the JSON alone."
    turns = [Message("assistant", truncate(output, _QUOTED_CHARACTERS)), Message("user", told)]
    return replace(request, messages=[*request.messages, *turns], prefill="")


def _breach(output: str, schema: Mapping[str, Any]) -> str:
    """Return what keeps the output from being a document of the schema; empty if it is one.

    Raises `ConstraintRefused` for a pattern that only the dialect of llguidance knows.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from referencing import Registry

    try:
        document = from_json(output, allow_inf_nan=False)
    except ValueError as fault:
        return f"it is not JSON: {one_line(str(fault))}"
    # An empty registry: without one, jsonschema would fetch references from the network.
    validator = Draft202012Validator(schema, registry=Registry())
    try:
        breach = best_match(validator.iter_errors(document))
    except RecursionError:
        return "it is nested too deeply"
    except re.error as error:
        raise ConstraintRefused(
            f"a pattern of the schema cannot be checked: {error}",
            fix="write the pattern in the syntax that Python and Rust share",
        ) from error
    return "" if breach is None else one_line(f"{breach.json_path}: {breach.message}")


def _matches(text: str, pattern: str) -> bool:
    from toollama.models.constrain import Matcher, compile_grammar

    matcher = Matcher(_byte_tokenizer(), compile_grammar(Regex(pattern)))
    for byte in text.encode("utf-8", "replace"):
        if not matcher.allows(byte):
            return False
        matcher.accept([byte])
    return bool(matcher.finished or matcher.allows(_END))


@cache
def _byte_tokenizer() -> "Tokenizer":
    """Return a vocabulary of single bytes, in which every text can be spelled."""
    from toollama.models.constrain import Tokenizer, TokenTable

    return Tokenizer(
        TokenTable(
            pieces=[*(bytes([byte]) for byte in range(_END)), b"<end>"],
            control_tokens=frozenset({_END}),
            end_tokens=(_END,),
            tokenize=list,
        )
    )
