"""Turns a constraint into an llguidance grammar, or says where it cannot be enforced."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from toollama.models.constrain.cost import (
    MAX_CHOICE_CHARACTERS,
    too_costly,
    too_long,
    worth_a_trial,
)
from toollama.models.constrain.enforce import tightened, unenforced
from toollama.models.constrain.exclusive import with_tags_resolved
from toollama.models.constrain.locate import locate
from toollama.models.constrain.matcher import Tokenizer, TokenTable
from toollama.models.constrain.progress import endless
from toollama.models.constrain.refusal import refusal
from toollama.models.constrain.shape import misshapen
from toollama.models.engine import Choice, Constraint, JsonSchema, Regex
from toollama.models.schema import Fault, bounded, excess, literal_pattern

_JSON_OPTIONS = {
    "whitespace_flexible": False,
    "item_separator": ", ",
    "key_separator": ": ",
    # A schema may carry options of its own (`x-guidance`), which these override.
    "coerce_one_of": False,
    "lenient": False,
}
_BYTES = 256
_ASCII = 128
_TRIAL_STEPS = 128


def compile_grammar(constraint: Constraint, *, max_tokens: int | None = None) -> str:
    """Return the constraint as an llguidance grammar.

    With a token budget, strings without a length get one (`schema.bounded`). A schema may admit
    documents that the grammar does not (`enforce.tightened`), never the other way round.
    Raises `ConstraintRefused`; for a schema its message names the place as `#/properties/a/not`.
    """
    match constraint:
        case JsonSchema(schema):
            return _json_grammar(schema, max_tokens=max_tokens)
        case Choice(options):
            if not options:
                raise refusal("a choice needs at least one option")
            if sum(map(len, options)) > MAX_CHOICE_CHARACTERS:
                raise refusal(f"the options have more than {MAX_CHOICE_CHARACTERS} characters")
            return _regex_grammar("|".join(map(literal_pattern, options)))
        case Regex(pattern):
            if problem := too_long(pattern):
                raise refusal(f"the pattern has {problem}")
            grammar = _regex_grammar(pattern)
            if problem := _trial_problem(grammar):
                raise refusal(problem)
            return grammar


def _regex_grammar(pattern: str) -> str:
    import llguidance

    try:
        grammar = str(llguidance.LLMatcher.grammar_from_regex(pattern))
    except UnicodeEncodeError as error:
        raise refusal("it has a character that no UTF-8 text can hold") from error
    if problem := _problem(grammar):
        raise refusal(problem)
    return grammar


def _json_grammar(schema: Mapping[str, Any], *, max_tokens: int | None) -> str:
    if fault := excess(schema) or misshapen(schema) or too_costly(schema):
        raise refusal(str(fault))
    if fault := unenforced(schema) or endless(schema):
        raise refusal(str(fault))
    if problem := _compiled(schema)[1]:
        raise refusal(str(locate(schema, problem, problem_of=_json_problem)))
    for place, pattern in worth_a_trial(schema):
        if problem := _trial_problem(_compiled({"type": "string", "pattern": pattern})[0]):
            raise refusal(str(Fault(place, problem)))
    narrow = tightened(schema)
    if max_tokens is not None:
        grammar, problem = _compiled(bounded(narrow, max_tokens=max_tokens))
        if not problem:
            return grammar
    grammar, problem = _compiled(narrow)
    if problem:
        raise refusal(str(locate(narrow, problem, problem_of=_json_problem)))
    return grammar


def _compiled(schema: Mapping[str, Any]) -> tuple[str, str]:
    """Return the grammar of a schema and why it cannot be enforced; one of them is empty."""
    import llguidance

    try:
        grammar = str(
            llguidance.LLMatcher.grammar_from_json_schema(
                json.dumps(with_tags_resolved(schema)), overrides=_JSON_OPTIONS
            )
        )
    except ValueError as error:
        return "", str(error)
    problem = _problem(grammar)
    return ("", problem) if problem else (grammar, "")


def _json_problem(schema: Mapping[str, Any]) -> str:
    return _compiled(schema)[1]


def _problem(grammar: str) -> str:
    """Return why a grammar cannot be enforced; empty if it can.

    Some faults show only when the first token is asked for, so a matcher is tried as well.
    """
    import llguidance

    failed, problems = llguidance.LLMatcher.validate_grammar_with_warnings(grammar)
    if problems:
        return str(problems[0])
    if failed:
        return "it is not valid"
    trial = llguidance.LLMatcher(_byte_tokenizer().native, grammar, log_level=0)
    trial.compute_bitmask()
    return str(trial.get_error()).partition("\n")[0] if trial.is_error() else ""


def _trial_problem(grammar: str) -> str:
    """Return the fault that shows while text is matched; empty if none does.

    The text repeats one character where it may, which is what nested repetitions cannot bear.
    """
    import llguidance

    trial = llguidance.LLMatcher(_byte_tokenizer().native, grammar, log_level=0)
    last = -1
    for _ in range(_TRIAL_STEPS):
        mask = trial.compute_bitmask()
        if trial.is_error():
            return str(trial.get_error()).partition("\n")[0]
        allowed = [byte for byte in range(_ASCII) if mask[byte // 8] >> byte % 8 & 1]
        if not allowed:
            return ""
        last = last if last in allowed else max(allowed)
        trial.consume_tokens([last])
    return ""


@cache
def _byte_tokenizer() -> Tokenizer:
    pieces = [*(bytes([byte]) for byte in range(_BYTES)), b"<end>"]
    return Tokenizer(
        TokenTable(
            pieces=pieces,
            control_tokens=frozenset({_BYTES}),
            end_tokens=(_BYTES,),
            tokenize=list,
        )
    )
