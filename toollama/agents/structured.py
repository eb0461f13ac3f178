"""The answer as one JSON document that is valid against the user's schema, or no answer at all.

A model writes it under the schema, so its form cannot be wrong; code then looks for the source of
every value. An object that a list repeats is taken out, and so is an entry that cannot do without a
value that has no source. One repair is asked for with the other unsourced values named. What is
still unsourced is null where the schema allows it; else the run fails: a value is never made up.
"""

import copy
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from pydantic_core import from_json, to_json

from toollama.agents import inference
from toollama.agents.answer_schema import narrowed
from toollama.agents.cite import Support
from toollama.agents.figures import Figure, stands_for
from toollama.agents.figures import known as known_figures
from toollama.agents.messages import CitedSentence
from toollama.agents.prose import Piece
from toollama.agents.run import Run
from toollama.agents.voice import Draft, Voice
from toollama.errors import ConstraintRefused, SchemaUnmet
from toollama.events.payloads import Rung
from toollama.models.engine import JsonSchema, Message
from toollama.models.schema import Place, pointer
from toollama.text import fence, one_line

_MAX_TOKENS = 800
_SHOWN_CHARACTERS = 6000
_FIX = "let the schema allow null there, or ask for what the sources hold"


def check_schema(schema: Any) -> None:
    """Raise `ConstraintRefused` where a schema is none."""
    import jsonschema

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise ConstraintRefused(
            f"the output format is no JSON Schema: {one_line(error.message)}",
            fix="see https://json-schema.org/understanding-json-schema",
        ) from None


async def write(
    run: Run,
    voice: Voice,
    schema: Mapping[str, Any],
    *,
    facts: Sequence[Support],
    role: str,
) -> Draft:
    """Write the document from the facts and say it. Raises `SchemaUnmet`."""
    question = run.request.text
    turns = [Message("user", _prompt(question, facts))]
    document = await _written(run, schema, turns, role=role)
    document = _pruned(document, schema, facts, question)
    missing = list(unsourced(document, schema, facts, question))
    if document is None or missing:
        named = ", ".join(f"{pointer(place)} ({value!r})" for place, value in missing[:6])
        reason = f"no source for {named}" if missing else "the document was cut or not valid"
        run.bus.emit(Rung(rung="repair", error_class="schema", reason=one_line(reason)))
        turns += [
            Message("assistant", to_json(document).decode()),
            Message("user", f"{one_line(reason, 600)}. Use only the facts; null if unknown."),
        ]
        document = await _written(run, schema, turns, role=role)
        document = _pruned(document, schema, facts, question)
        missing = list(unsourced(document, schema, facts, question))
    if document is None:
        raise SchemaUnmet("the answer did not become valid against the schema", fix=_FIX)
    return _said(voice, _without(document, missing, schema), missing, facts)


def unsourced(
    document: Any, schema: Mapping[str, Any], facts: Sequence[Support], question: str
) -> Iterator[tuple[Place, Any]]:
    """Yield the place and value of every figure and text that no fact and no word holds. Pure.

    Values that the schema itself lists, null, and truth values are choices of form.
    """
    listed = {to_json(value) for value in _listed(schema)}
    known = " ".join([question, *(fact.text for fact in facts)])
    plain = " ".join(known.casefold().split())
    figures = known_figures(known)
    for place, value in _leaves(document):
        if value is None or isinstance(value, bool) or to_json(value) in listed:
            continue
        if isinstance(value, str):
            text = " ".join(value.casefold().split())
            held = bool(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", plain))
        else:
            held = _is_among(value, figures)
        if not held:
            yield place, value


def _is_among(value: float, figures: Collection[Figure]) -> bool:
    """Return whether a number is one of the figures; a JSON number may count percent too."""
    digits = str(abs(value))
    shown = Figure(Fraction(digits), decimals=len(digits.partition(".")[2]))
    return any(stands_for(replace(shown, kind=kind), figures) for kind in ("", "%"))


async def _written(
    run: Run, schema: Mapping[str, Any], turns: Sequence[Message], *, role: str
) -> Any | None:
    """Return a document that is valid, or None where the output was cut or is not."""
    import jsonschema

    text = await inference.complete(
        run,
        run.member(role),
        turns,
        purpose="schema",
        max_tokens=_MAX_TOKENS,
        constraint=JsonSchema(narrowed(schema, request=run.request.text)),
    )
    try:
        document = from_json(text)
    except ValueError:
        return None
    return document if jsonschema.Draft202012Validator(schema).is_valid(document) else None


def _prompt(question: str, facts: Sequence[Support]) -> str:
    texts = [fence(fact.text[:_SHOWN_CHARACTERS], "fact") for fact in facts if fact.text.strip()]
    task = f"Request: {question}\nWrite the answer as JSON, from the facts only; null if unknown."
    return "\n\n".join([*texts, task])


def _pruned(
    document: Any, schema: Mapping[str, Any], facts: Sequence[Support], question: str
) -> Any:
    """Return the document without the objects that a list repeats and the entries without a source.

    It is returned as it is where it would not be valid then, or where a list would be left empty.
    """
    import jsonschema

    valid = jsonschema.Draft202012Validator(schema).is_valid
    pruned = _without_repeats(document)
    document = pruned if valid(pruned) else document
    missing = list(unsourced(document, schema, facts, question))
    if not missing or valid(_nulled(document, missing)):
        return document
    pruned = _without_entries(document, {place for place, _ in missing})
    return pruned if pruned is not None and valid(pruned) else document


def _without_repeats(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_repeats(inner) for name, inner in value.items()}
    if isinstance(value, list):
        objects = [to_json(each) if isinstance(each, dict) else None for each in value]
        return [
            _without_repeats(each)
            for at, each in enumerate(value)
            if objects[at] is None or objects[at] not in objects[:at]
        ]
    return value


def _without_entries(value: Any, missing: Collection[Place], place: Place = ()) -> Any:
    """Return the value without the entries of its lists that hold a missing place.

    Return None where a list would be left empty, or where the missing place is in no list.
    """
    if place in missing:
        return None
    if isinstance(value, dict):
        kept = {n: _without_entries(each, missing, (*place, n)) for n, each in value.items()}
        lost = any(kept[name] is None and value[name] is not None for name in value)
        return None if lost else kept
    if isinstance(value, list):
        each = [_without_entries(inner, missing, (*place, at)) for at, inner in enumerate(value)]
        left = [new for new, old in zip(each, value, strict=True) if new is not None or old is None]
        return left if left or not value else None
    return value


def _without(document: Any, missing: Sequence[tuple[Place, Any]], schema: Mapping[str, Any]) -> Any:
    """Return the document with null for what has no source. Raises `SchemaUnmet`."""
    import jsonschema

    cleaned = _nulled(document, missing)
    if not jsonschema.Draft202012Validator(schema).is_valid(cleaned):
        named = ", ".join(pointer(place) for place, _ in missing[:4])
        raise SchemaUnmet(f"the sources have no value for {named}", fix=_FIX)
    return cleaned


def _nulled(document: Any, missing: Sequence[tuple[Place, Any]]) -> Any:
    cleaned: Any = copy.deepcopy(document)
    for place, _ in missing:
        if not place:
            return None
        holder = cleaned
        for step in place[:-1]:
            holder = holder[step]
        holder[place[-1]] = None
    return cleaned


def _said(
    voice: Voice, document: Any, missing: Sequence[tuple[Place, Any]], facts: Sequence[Support]
) -> Draft:
    """Say the document as it is; it cites every fact that one of its values stands in."""
    text = to_json(document, indent=2).decode()
    cites = tuple(fact.id for fact in facts if fact.id)
    voice.sentences.append(CitedSentence(text=text, cites=cites, support="supported"))
    voice.say(Piece("", text))
    voice.judged("pass" if not missing else "warn", checks={"valid against the schema": "yes"})
    voice.limits += [f"{pointer(place)} is null: no source has a value" for place, _ in missing]
    draft = voice.draft()
    draft.data["document"] = document
    return draft


def _leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*place, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _leaves(inner, (*place, at))
    else:
        yield place, value


def _listed(schema: Any) -> Iterator[Any]:
    """Yield every value that a schema names in `enum` or `const`."""
    if isinstance(schema, Mapping):
        yield from schema.get("enum", ()) if isinstance(schema.get("enum"), list) else ()
        if "const" in schema:
            yield schema["const"]
        for inner in schema.values():
            yield from _listed(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _listed(inner)
