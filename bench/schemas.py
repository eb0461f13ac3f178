"""Random schemas, random tokens: every output validates, or the schema is refused at its place.

A writer without preferences is the hardest to constrain: it takes every path that a grammar leaves
open. It draws evenly among the tokens that may come next, which are often several bytes or half a
character, and as the engine does: a token of its own is checked first, the mask is asked for only
when that one is refused, and forced tokens are taken. Outputs are judged by the `jsonschema`
library with its format checks, never by ourselves. Outputs that the token limit cut are counted and
not judged. The schemas are drawn here because hypothesis-jsonschema reads the meta-schemas up to
draft-07 only.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.report import Result
from toollama.errors import ConstraintRefused
from toollama.models.constrain import Matcher, Tokenizer, TokenTable, compile_grammar
from toollama.models.engine import JsonSchema

_GOAL = 1.0
_SCHEMAS = 10_000
_QUICK_S = 35.0
_MAX_TOKENS = 600
_END_CHANCE = 0.3
_SEED = 20
_DEPTH = 3
_TEXTS = ["a", "b", "ab", "name", 'say "hi"', "é🌊", "a/b~", "", "\\", "line\nline"]
_PATTERNS = ["^a+$", "b", "^[a-c]{2,4}$", "^(x|yz)*$", r"^\d{3}-\w$", "^$", "(?=a)b", r"(a)\1"]
_FORMATS = ["date", "time", "date-time", "email", "ipv4", "ipv6", "uuid", "hostname", "uri"]
_UNUSUAL: list[dict[str, Any]] = [
    {"uniqueItems": True, "type": "array"},
    {"contains": {"type": "null"}, "type": "array"},
    {"propertyNames": {"maxLength": 2}, "type": "object"},
    {"dependentRequired": {"a": ["b"]}, "type": "object"},
    {"not": {"type": "null"}},
    {"if": {"type": "null"}, "then": {}, "else": {"type": "boolean"}},
    {"unevaluatedProperties": False, "type": "object"},
    {"type": "strin"},
    {"minimum": 3, "maximum": 1, "type": "integer"},
    {"minLength": -1, "type": "string"},
    {"$ref": "#/$defs/gone"},
    {"$ref": "#"},
    {"enum": []},
    {"required": ["a"], "additionalProperties": False, "type": "object"},
]


_Draw = Callable[[int], dict[str, Any]]


class RandomSchemas:
    """Draws schemas of draft 2020-12; the same seed draws the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def draw(self) -> dict[str, Any]:
        """Return a schema with two definitions that any part of it may refer to."""
        schema = self._schema(_DEPTH)
        schema.setdefault("$defs", {name: self._schema(1) for name in ("d0", "d1")})
        return schema

    def _schema(self, depth: int) -> dict[str, Any]:
        if self._chance(0.015):
            return dict(self._random.choice(_UNUSUAL))
        leaves: list[_Draw] = [
            *(self._string, self._integer, self._number, self._values, self._plain)
        ]
        inner: list[_Draw] = [
            *(self._array, self._object, self._object, self._combined, self._reference)
        ]
        kinds = leaves if depth == 0 else inner if depth == _DEPTH else leaves + inner
        return self._random.choice(kinds)(depth - 1)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _optional(self, schema: dict[str, Any], **keywords: Any) -> dict[str, Any]:
        """Add each keyword with an even chance."""
        return schema | {name: value for name, value in keywords.items() if self._chance(0.4)}

    def _text(self) -> str:
        return self._random.choice(_TEXTS)

    def _string(self, _depth: int) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string"}
        if self._chance(0.2):
            return schema | {"pattern": self._random.choice(_PATTERNS)}
        if self._chance(0.2):
            return schema | {"format": self._random.choice(_FORMATS)}
        least = self._random.randint(0, 4)
        return self._optional(schema, minLength=least, maxLength=least + self._random.randint(0, 9))

    def _integer(self, _depth: int) -> dict[str, Any]:
        low = self._random.randint(-200, 200)
        return self._optional(
            {"type": "integer"},
            minimum=low,
            exclusiveMaximum=low + self._random.randint(2, 10**4),
            multipleOf=self._random.choice([1, 2, 5, 7]),
        )

    def _number(self, _depth: int) -> dict[str, Any]:
        low = self._random.choice([0, 0.5, -1, -2.75, round(self._random.uniform(-9, 9), 3)])
        lower = self._random.choice(["minimum", "exclusiveMinimum"])
        bounds = {lower: low, "maximum": low + self._random.choice([0.25, 1, 10, 1000])}
        return self._optional({"type": "number"}, **bounds)

    def _values(self, _depth: int) -> dict[str, Any]:
        values = [self._text(), self._random.randint(-9, 9), None, True, 0.5, [], {"a": [1]}]
        if self._chance(0.3):
            return {"const": self._random.choice(values)}
        return {"enum": self._random.sample(values, self._random.randint(1, 4))}

    def _plain(self, _depth: int) -> dict[str, Any]:
        kinds = ["boolean", "null", ["string", "null"], ["integer", "boolean"]]
        return {"type": self._random.choice(kinds)}

    def _array(self, depth: int) -> dict[str, Any]:
        least = self._random.randint(0, 2)
        first = [self._schema(depth) for _ in range(self._random.randint(1, 2))]
        schema = {"type": "array", "items": self._schema(depth)}
        more = {"minItems": least, "prefixItems": first}
        return self._optional(schema | {"maxItems": least + self._random.randint(0, 2)}, **more)

    def _object(self, depth: int) -> dict[str, Any]:
        names = self._random.sample(_TEXTS, self._random.randint(0, 4))
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {name: self._schema(depth) for name in names},
            "required": [name for name in names if self._chance(0.6)],
        }
        if self._chance(0.7):
            return schema | {"additionalProperties": False}
        return self._optional(
            schema,
            additionalProperties=self._schema(depth),
            patternProperties={"^x": self._schema(depth)},
            minProperties=self._random.randint(0, 2),
            maxProperties=self._random.randint(4, 6),
        )

    def _combined(self, depth: int) -> dict[str, Any]:
        keyword = self._random.choice(["anyOf", "anyOf", "oneOf", "allOf"])
        return {keyword: [self._schema(depth) for _ in range(self._random.randint(1, 3))]}

    def _reference(self, _depth: int) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{self._random.choice(['d0', 'd1'])}"}


def run(*, quick: bool) -> Result:
    """Run random schemas until their number or, if quick, the time is spent."""
    outcomes, refusals = _outcomes(time.monotonic() + _QUICK_S if quick else None)
    for outcome, count in outcomes.most_common():
        print(f"{outcome:32} {count:6}  {count / outcomes.total():.1%}")
    for problem, count in refusals.most_common(10):
        print(f"  refused {count:5}  {problem}")
    kept = outcomes["validated"] + outcomes["refused at a place"]
    judged = outcomes.total() - outcomes["cut by the token limit"]
    return Result("schemas", kept / max(judged, 1), _GOAL)


def _outcomes(until_s: float | None) -> tuple[Counter[str], Counter[str]]:
    """Return how many schemas came to which end, and how many were refused for which reason."""
    outcomes: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    schemas = RandomSchemas(_SEED)
    writer = _Writer(_SEED)
    for _ in range(_SCHEMAS):
        if until_s is not None and time.monotonic() > until_s:
            break
        schema = schemas.draw()
        try:
            outcome = _outcome(writer, schema)
        except ConstraintRefused as error:
            place, _, problem = error.message.partition("enforced: ")[2].partition(": ")
            outcome = "refused at a place" if place.startswith("#") else "refused nowhere"
            refusals[f"{place.rpartition('/')[2]}: {problem[:60]}"] += 1
        if outcome in {"invalid", "refused nowhere"}:
            print(f"{outcome}: {schema}")
        outcomes[outcome] += 1
    return outcomes, refusals


class _Writer:
    """Writes under a grammar, token by token, without a model."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._pieces = [*(bytes([byte]) for byte in range(256)), *_LONG_PIECES, b"<end>"]
        self._end = len(self._pieces) - 1
        self._closing = {self._pieces.index(piece) for piece in (b'"', b"]", b"}")} | {self._end}
        self._mask = np.zeros((len(self._pieces) + 31) // 32, dtype=np.int32)
        self._tokenizer = Tokenizer(
            TokenTable(
                pieces=self._pieces,
                control_tokens=frozenset({self._end}),
                end_tokens=(self._end,),
                tokenize=list,
            )
        )

    def write(self, grammar: str) -> str | None:
        """Return a text that the grammar allows, or None where the token limit cut it."""
        matcher = Matcher(self._tokenizer, grammar)
        written: list[int] = []
        while len(written) < _MAX_TOKENS:
            if not matcher.finished:
                forced = matcher.forced()
                matcher.accept(forced)
                written += forced
            if matcher.finished:
                return b"".join(self._pieces[token] for token in written).decode()
            token = self._drawn(matcher)
            if token == self._end:
                return b"".join(self._pieces[token] for token in written).decode()
            matcher.accept([token])
            written.append(token)
        return None

    def _drawn(self, matcher: Matcher) -> int:
        own = self._random.randrange(len(self._pieces))
        if self._random.random() > _END_CHANCE and matcher.allows(own):
            return own
        matcher.fill_mask(self._mask)
        bits = np.unpackbits(self._mask.view(np.uint8), bitorder="little")
        allowed = [int(token) for token in np.flatnonzero(bits[: len(self._pieces)])]
        closing = [token for token in allowed if token in self._closing]
        # Half of all outputs would be cut if an open string ended only by an even chance.
        ends = closing and self._random.random() < _END_CHANCE
        return self._random.choice(closing if ends else allowed)


_LONG_PIECES = [
    *(b'": ', b'", "', b"], ", b'"}', b"}}", b"[]", b"{}", b'\\"', b"\\u00", b"null", b"true"),
    *(b"000", b"-1", b".5", b"e9", b"20", b"12", b":0", b"T1", b"aaa", b"name", b"\xf0\x9f"),
]


def _outcome(writer: _Writer, schema: dict[str, Any]) -> str:
    written = writer.write(compile_grammar(JsonSchema(schema), max_tokens=_MAX_TOKENS // 4))
    if written is None:
        return "cut by the token limit"
    return "validated" if _validates(written, schema) else "invalid"


def _validates(text: str, schema: dict[str, Any]) -> bool:
    from jsonschema import Draft202012Validator, SchemaError, ValidationError
    from pydantic_core import from_json

    try:
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
            from_json(text)
        )
    except (ValueError, ValidationError, SchemaError) as error:
        print(f"{text[:120]!r}: {str(error).splitlines()[0]}")
        return False
    return True
