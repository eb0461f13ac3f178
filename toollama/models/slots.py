"""The slot engine: a grammar made for one request, in which a weak model chooses values only.

Code writes the call; the model may take a candidate that was found in the words, a number or a span
of words that occurs in the text, or, where nothing else is left, a short string. Pure: schemas go
in and a schema comes out, for `models.constrain` to enforce.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, Protocol, TypeVar

from pydantic_core import to_jsonable_python

from toollama.models.schema import literal_pattern

_MAX_STRING_CHARACTERS = 120
_MAX_SPAN_WORDS = 8
_MAX_TEXT_WORDS = 120
_MAX_TEXT_CHARACTERS = 2_000
"""A span grammar has eight literals for each word of the text."""
_MAX_NUMBER_CHARACTERS = 15
"""More digits than a double holds are an identifier."""

_NUMBER = re.compile(r"(?<![\w.,])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![.,]?\d)", re.ASCII)
_WORD = re.compile(r"[^\W_](?:\S*[^\W_])?")
_NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_COPIED = re.compile(r"\b(name|title|place|city|location|query|word|phrase|id)s?\b", re.IGNORECASE)
_NORMALISED = re.compile(
    r"\b(format|iso|code|date|time|pattern|language|expression)\b", re.IGNORECASE
)


class Proposed(Protocol):
    """A value that code found in the request."""

    @property
    def value(self) -> Any:
        """Return the value, as the tool's parameter takes it."""

    @property
    def certain(self) -> bool:
        """Return whether the words can mean nothing else."""


ProposedT = TypeVar("ProposedT", bound=Proposed)


@dataclass(frozen=True, slots=True)
class Slot(Generic[ProposedT]):
    """One open or settled argument of a call."""

    name: str
    candidates: tuple[ProposedT, ...]
    schema: Mapping[str, Any]
    required: bool
    copied: bool = False
    """A string that stands in the text as it is meant: a name, a title, words to look up."""
    free: bool = False
    """Its candidates are guesses, and the model may write another value."""
    omissible: bool = False
    """The model may leave it out by writing `null`; `filled` drops it then."""

    @property
    def certain(self) -> bool:
        """Return whether the words can mean only one value."""
        return bool(self.candidates) and self.candidates[0].certain


def slots_of(
    parameters: Mapping[str, Any],
    proposal: Mapping[str, Sequence[ProposedT]],
    *,
    free: bool = False,
) -> list[Slot[ProposedT]]:
    """Return the slots worth filling: required ones, and optional ones the words speak of.

    An optional one for which they offer several values may be left out: they may mean none of them.
    `parameters` is the JSON Schema of a tool's arguments, `proposal` the candidates by name, which
    bind the model where they are not `free`.
    """
    properties = parameters.get("properties", {})
    definitions = parameters.get("$defs", {})
    required = set(parameters.get("required", []))
    return [
        Slot(
            name,
            tuple(proposal.get(name, ())),
            _inline(schema, definitions),
            name in required,
            copied=is_copied(name, str(schema.get("description", ""))),
            free=free and schema.get("type") == "string" and "enum" not in schema,
            omissible=name not in required and _is_open(proposal[name]),
        )
        for name, schema in properties.items()
        if name in required or proposal.get(name)
    ]


def _is_open(candidates: Sequence[Proposed]) -> bool:
    return len(candidates) > 1 and not candidates[0].certain


def is_copied(name: str, description: str) -> bool:
    """Return whether a parameter's own words say that its value stands in the request as it is."""
    words = f"{name.replace('_', ' ')} {description}"
    return bool(_COPIED.search(words)) and not _NORMALISED.search(words)


def _inline(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema with its references replaced and its prose removed."""
    if "$ref" in schema:
        return _inline(definitions[str(schema["$ref"]).rpartition("/")[2]], definitions)
    kept = {k: v for k, v in schema.items() if k not in {"title", "description", "default"}}
    if kept.get("type") == "string" and "enum" not in kept:
        kept.setdefault("maxLength", _MAX_STRING_CHARACTERS)
    return kept


def call_schema(tool: str, slots: Sequence[Slot[ProposedT]], *, text: str = "") -> dict[str, Any]:
    """Return the JSON Schema of a call: `{"tool": …, "arguments": {…}}`.

    Each slot takes one of its candidates. That holds for certain slots too, so that the model's
    reading can be compared with the words. With a text, slots without candidates take what stands
    in it: numbers, and spans of up to eight words for slots that are `copied`.
    """
    arguments = {
        "type": "object",
        "properties": {slot.name: _slot_schema(slot, text) for slot in slots},
        "required": [slot.name for slot in slots],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"tool": {"const": tool}, "arguments": arguments},
        "required": ["tool", "arguments"],
        "additionalProperties": False,
    }


def _slot_schema(slot: Slot[ProposedT], text: str) -> dict[str, Any]:
    values = _values(slot, text)
    if values and (slot.certain or not slot.free):
        return {"enum": [*values, *([None] if slot.omissible else [])]}
    schema = _span_schema(text) if slot.copied and _is_open_string(slot.schema) else None
    schema = schema or dict(slot.schema)
    return {"anyOf": [schema, {"type": "null"}]} if slot.omissible else schema


def _values(slot: Slot[ProposedT], text: str) -> list[Any]:
    """Return the only values that a slot may take; empty if its type decides."""
    values = [to_jsonable_python(candidate.value) for candidate in slot.candidates]
    if values:
        return _distinct([*values, *slot.schema.get("enum", ())])
    if slot.schema.get("type") in {"integer", "number"}:
        return [number for number in numbers_in(text) if _fits(number, slot.schema)]
    return []


def _distinct(values: Sequence[Any]) -> list[Any]:
    return [value for at, value in enumerate(values) if value not in values[:at]]


def numbers_in(text: str) -> list[int | float]:
    """Return the numbers that a text names in digits or as a word up to twelve, each once."""
    written: list[tuple[int, int | float]] = [
        (match.start(), _number(match[0].replace(",", "")))
        for match in _NUMBER.finditer(text)
        if len(match[0]) <= _MAX_NUMBER_CHARACTERS
    ]
    spelled = [
        (match.start(), _NUMBER_WORDS.index(match[0].lower()))
        for match in _WORD.finditer(text[:_MAX_TEXT_CHARACTERS])
        if match[0].lower() in _NUMBER_WORDS
    ]
    return _distinct([number for _, number in sorted([*written, *spelled])])


def _number(digits: str) -> int | float:
    return float(digits) if "." in digits else int(digits)


def _fits(number: float, schema: Mapping[str, Any]) -> bool:
    return (
        (schema.get("type") == "number" or isinstance(number, int))
        and number >= schema.get("minimum", number)
        and number <= schema.get("maximum", number)
        and ("exclusiveMinimum" not in schema or number > schema["exclusiveMinimum"])
        and ("exclusiveMaximum" not in schema or number < schema["exclusiveMaximum"])
        and not schema.keys() & {"multipleOf", "enum", "const"}
    )


def _is_open_string(schema: Mapping[str, Any]) -> bool:
    return schema.get("type") == "string" and schema.keys() <= {"type", "minLength", "maxLength"}


def _span_schema(text: str) -> dict[str, Any] | None:
    pattern = span_pattern(text)
    return {"type": "string", "pattern": f"^(?:{pattern})$"} if pattern else None


def span_pattern(text: str) -> str:
    """Return a pattern for every span of one to eight words, copied with what stands between them.

    Spans begin and end in a letter or digit. Its length is that of the text, eight times over; of
    a text of more than 120 words or 2,000 characters only the beginning is used. Empty for a text
    without words.
    """
    words = list(_WORD.finditer(text[:_MAX_TEXT_CHARACTERS]))[:_MAX_TEXT_WORDS]
    gaps = [text[left.end() : right.start()] for left, right in pairwise(words)]
    return "|".join(dict.fromkeys(_spans_from(words, gaps)))


def _spans_from(words: Sequence[re.Match[str]], gaps: Sequence[str]) -> Iterator[str]:
    for first in range(len(words)):
        pattern = ""
        for at in reversed(range(first, min(first + _MAX_SPAN_WORDS, len(words)))):
            word = literal_pattern(words[at][0]) + pattern
            pattern = word if at == first else f"(?:{literal_pattern(gaps[at - 1])}{word})?"
        yield pattern


def filled(arguments: Mapping[str, Any], slots: Sequence[Slot[ProposedT]]) -> dict[str, Any]:
    """Return the arguments without those that the model chose to leave out."""
    omitted = {slot.name for slot in slots if slot.omissible and arguments.get(slot.name) is None}
    return {name: value for name, value in arguments.items() if name not in omitted}


def leaves_no_choice(slots: Sequence[Slot[ProposedT]]) -> bool:
    """Return whether the words give each slot one value."""
    return all(
        slot.candidates and len(_values(slot, "")) == 1 and (slot.certain or not slot.free)
        for slot in slots
    )
