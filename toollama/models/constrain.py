"""Constrained decoding: what a schema, a choice or a pattern lets a model write next.

Grammars are compiled and matched by llguidance (full JSON Schema, regular expressions), whose
faults come back as text and never as a crash. What it cannot enforce is refused with its place;
nothing is ever loosened silently. One matcher serves one generation.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toollama.errors import ConstraintRefused
from toollama.models.engine import Choice, Constraint, JsonSchema, Regex
from toollama.text import one_line

_JSON_OPTIONS = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
_MAX_SCHEMA_CHARACTERS = 256_000
_MAX_LOCATED_CHARACTERS = 16_000  # locating a fault compiles the schema once for each of its parts


@dataclass(frozen=True, slots=True)
class TokenTable:
    """What matching needs to know of a vocabulary.

    `tokenize` returns tokens of UTF-8 text as if it followed other text.
    """

    pieces: Sequence[bytes]
    control_tokens: frozenset[int]
    end_tokens: tuple[int, ...]
    tokenize: Callable[[bytes], list[int]]


class Tokenizer:
    """llguidance's view of a vocabulary. Costs about a second to build: keep it per vocabulary."""

    def __init__(self, table: TokenTable) -> None:
        import llguidance

        # A leading 0xff byte tells llguidance that a token is a marker and not text.
        tokens = [
            b"\xff" + piece if token in table.control_tokens else piece
            for token, piece in enumerate(table.pieces)
        ]
        self.native = llguidance.LLTokenizer(
            llguidance.TokenizerWrapper(_Bridge(tokens, table)), eos_token=list(table.end_tokens)
        )


class _Bridge:
    """The attributes that llguidance's TokenizerWrapper reads."""

    def __init__(self, tokens: Sequence[bytes], table: TokenTable) -> None:
        self.tokens = tokens
        self.special_token_ids = sorted(table.control_tokens)
        self.eos_token_id = table.end_tokens[0]
        self.bos_token_id = None
        self._tokenize = table.tokenize

    def __call__(self, text: bytes) -> list[int]:
        return self._tokenize(text)


def compile_grammar(constraint: Constraint) -> str:
    """Return the constraint as an llguidance grammar.

    Raises `ConstraintRefused`, naming the place in the schema where there is one.
    """
    try:
        grammar = _grammar(constraint)
    except UnicodeEncodeError as error:
        raise _refusal("it has a character that no UTF-8 text can hold") from error
    if problem := _problem(grammar):
        raise _refusal(problem)
    return grammar


def _grammar(constraint: Constraint) -> str:
    import llguidance

    match constraint:
        case JsonSchema(schema):
            return _json_grammar(schema)
        case Choice(options):
            if not options:
                raise _refusal("a choice needs at least one option")
            return str(llguidance.LLMatcher.grammar_from_regex("|".join(map(_quoted, options))))
        case Regex(pattern):
            return str(llguidance.LLMatcher.grammar_from_regex(pattern))


def _problem(grammar: str) -> str:
    """Return why a grammar cannot be enforced; empty if it can."""
    import llguidance

    failed, problems = llguidance.LLMatcher.validate_grammar_with_warnings(grammar)
    if problems:
        return str(problems[0])
    return "it is not valid" if failed else ""


def _json_grammar(schema: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(schema, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise _refusal(f"it is not JSON: {error}") from error
    if len(text) > _MAX_SCHEMA_CHARACTERS:
        raise _refusal(f"it has {len(text)} characters, more than {_MAX_SCHEMA_CHARACTERS}")
    grammar, problem = _compile_json(text)
    if problem:
        place = _place(text, problem) if len(text) <= _MAX_LOCATED_CHARACTERS else ""
        raise _refusal(f"{problem}, at {place}" if place else problem)
    return grammar


def _compile_json(schema_text: str) -> tuple[str, str]:
    """Return the grammar of a schema and why it cannot be enforced; one of them is empty."""
    import llguidance

    try:
        grammar = llguidance.LLMatcher.grammar_from_json_schema(
            schema_text, overrides=_JSON_OPTIONS
        )
    except ValueError as error:
        return "", str(error)
    return str(grammar), _problem(grammar)


def _place(schema_text: str, problem: str) -> str:
    """Return where the problem lies, such as `/properties/age/type`; empty for the whole schema.

    llguidance says what it cannot enforce and not where: the place is the innermost part without
    which it no longer says so.
    """
    place: list[str | int] = []
    part = json.loads(schema_text)
    while isinstance(part, dict | list):
        for key in part if isinstance(part, dict) else range(len(part)):
            if _compile_json(_without(schema_text, [*place, key]))[1] != problem:
                break
        else:
            break
        place.append(key)
        part = part[key]
    return "".join(f"/{key}" for key in place)


def _without(schema_text: str, place: Sequence[str | int]) -> str:
    """Return the schema without one of its parts."""
    schema = part = json.loads(schema_text)
    for key in place[:-1]:
        part = part[key]
    del part[place[-1]]
    return json.dumps(schema)


def _quoted(option: str) -> str:
    return re.escape(option).replace("\\\n", r"\n")


def _refusal(problem: str) -> ConstraintRefused:
    return ConstraintRefused(
        f"the output format cannot be enforced: {one_line(problem)}",
        fix="change the schema at the place named",
    )


class Matcher:
    """Follows one generation and says what may come next."""

    def __init__(self, tokenizer: Tokenizer, grammar: str) -> None:
        import llguidance

        # Warnings would go to the terminal past the program; faults are read from the matcher.
        self._matcher = llguidance.LLMatcher(tokenizer.native, grammar, log_level=0)
        self._raise_on_error()

    def allows(self, token: int) -> bool:
        """Return whether the token may come next."""
        return bool(self._matcher.validate_tokens([token]) == 1)

    def accept(self, tokens: Sequence[int]) -> None:
        """Take tokens that were drawn or forced."""
        self._matcher.consume_tokens(list(tokens))
        self._raise_on_error()

    def forced(self) -> list[int]:
        """Return the tokens that must come next, for which no choice is left."""
        return list(self._matcher.compute_ff_tokens())

    def fill_mask(self, mask: NDArray[np.int32]) -> None:
        """Set bit k of the mask where token k may come next."""
        self._matcher.unsafe_compute_mask_ptr(mask.ctypes.data, mask.nbytes)
        self._raise_on_error()

    @property
    def finished(self) -> bool:
        """Return whether the output is complete and nothing more may follow."""
        return bool(self._matcher.is_stopped())

    def _raise_on_error(self) -> None:
        if self._matcher.is_error():
            raise _refusal(self._matcher.get_error())
