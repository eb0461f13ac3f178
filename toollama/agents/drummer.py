"""A Drummer fills the arguments of one call.

Code reads the words first. What the words leave open is written by the model under a grammar that
is made for this request: each open argument may only take the values that were found for it. A
grammar that leaves no choice needs no model. What the model wrote is checked against the words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_jsonable_python

from toollama.agents import crew, inference
from toollama.agents.messages import Finding, Frozen
from toollama.agents.route import read
from toollama.agents.run import Run
from toollama.events.payloads import Rung, SlotFilled
from toollama.models.engine import JsonSchema, Message
from toollama.text import one_line
from toollama.tools.base import Candidate, ToolFailure, ToolSpec

_MAX_STRING_CHARACTERS = 120
_MAX_ARGUMENT_TOKENS = 300


class ToolCall(Frozen):
    """One call, ready to be made."""

    tool: str
    arguments: dict[str, Any]
    sources: dict[str, str]
    """Where each argument came from: `words`, `context`, `default`, `evidence` or `model`."""
    assumptions: tuple[str, ...] = ()
    """What the words do not settle and the answer must own up to."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One open or settled argument of a call."""

    name: str
    candidates: tuple[Candidate, ...]
    schema: Mapping[str, Any]
    required: bool

    @property
    def certain(self) -> bool:
        """Return whether the words can mean only one value."""
        return bool(self.candidates) and self.candidates[0].certain


def slots_of(spec: ToolSpec, proposal: Mapping[str, Sequence[Candidate]]) -> list[Slot]:
    """Return the slots worth filling: required ones, and optional ones the words speak of."""
    document = spec.parameters.model_json_schema()
    properties = document.get("properties", {})
    definitions = document.get("$defs", {})
    required = set(document.get("required", []))
    return [
        Slot(name, tuple(proposal.get(name, ())), _inline(schema, definitions), name in required)
        for name, schema in properties.items()
        if name in required or proposal.get(name)
    ]


def _inline(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema with its references replaced and its prose removed."""
    if "$ref" in schema:
        return _inline(definitions[str(schema["$ref"]).rpartition("/")[2]], definitions)
    kept = {k: v for k, v in schema.items() if k not in {"title", "description", "default"}}
    if kept.get("type") == "string" and "enum" not in kept:
        kept.setdefault("maxLength", _MAX_STRING_CHARACTERS)
    return kept


def grammar(spec: ToolSpec, slots: Sequence[Slot]) -> dict[str, Any]:
    """Return the JSON Schema of a call: each slot takes one of its candidates.

    That holds for certain slots too, so that the model's reading can be compared with the words.
    """
    properties: dict[str, Any] = {}
    for slot in slots:
        values = [to_jsonable_python(candidate.value) for candidate in slot.candidates]
        if values:
            values += slot.schema.get("enum", ())
        values = _distinct(values)
        properties[slot.name] = {"enum": values} if values else dict(slot.schema)
    arguments = {
        "type": "object",
        "properties": properties,
        "required": [slot.name for slot in slots],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"tool": {"const": spec.name}, "arguments": arguments},
        "required": ["tool", "arguments"],
        "additionalProperties": False,
    }


def _distinct(values: Sequence[Any]) -> list[Any]:
    return [value for at, value in enumerate(values) if value not in values[:at]]


def leaves_no_choice(schema: Mapping[str, Any]) -> bool:
    """Return whether only one document satisfies the schema of a call."""
    properties = schema["properties"]["arguments"]["properties"]
    return all(len(slot.get("enum", ())) == 1 for slot in properties.values())


class Drummer:
    """Fills calls for one run."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def fill(
        self,
        tool: str,
        ask: str,
        *,
        inputs: Sequence[Finding] = (),
        exact: bool = False,
    ) -> ToolCall:
        """Return the call that the ask means.

        `exact` takes the words' own reading without a model. Raises `ToolFailure` of kind
        `invalid_input` where a required argument cannot be had honestly.
        """
        spec = self._run.registry.get(tool).spec
        proposal = self._run.registry.get(tool).propose(ask, self._run.tools)
        slots = slots_of(spec, proposal)
        reading = read(spec, proposal)
        if exact and reading.complete:
            return self._settled(spec, slots)
        member = self._run.member(f"drummer.{crew.drummer_of(spec)}")
        if not member.trust.fills_arguments:
            _refuse_invention(spec, slots)
            return self._settled(spec, slots)
        schema = grammar(spec, slots)
        if leaves_no_choice(schema):
            return self._settled(spec, slots)
        text = await inference.complete(
            self._run,
            member,
            [Message("user", _prompt(spec, slots, ask, inputs))],
            purpose="arguments",
            max_tokens=_MAX_ARGUMENT_TOKENS,
            constraint=JsonSchema(schema),
        )
        try:
            written: dict[str, Any] = from_json(text)["arguments"]
        except (ValueError, KeyError, TypeError) as error:
            # Only an output cut at its token limit gets here: the grammar allows nothing else.
            self._run.bus.emit(
                Rung(rung="degrade", error_class="unparsable", reason=one_line(str(error)))
            )
            return self._settled(spec, slots)
        return self._checked(spec, slots, written, ask, inputs)

    def _settled(self, spec: ToolSpec, slots: Sequence[Slot]) -> ToolCall:
        """Return the call with each slot's likeliest value."""
        filled = {slot.name: slot.candidates[0] for slot in slots if slot.candidates}
        for name, candidate in filled.items():
            self._filled(spec, name, candidate.value, candidate.source)
        return ToolCall(
            tool=spec.name,
            arguments={name: candidate.value for name, candidate in filled.items()},
            sources={name: candidate.source for name, candidate in filled.items()},
            assumptions=_assumptions(slots, {n: c.value for n, c in filled.items()}),
        )

    def _checked(
        self,
        spec: ToolSpec,
        slots: Sequence[Slot],
        written: Mapping[str, Any],
        ask: str,
        inputs: Sequence[Finding],
    ) -> ToolCall:
        """Put the words' own reading over the model's, and note where each value came from."""
        arguments: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for slot in slots:
            value = written.get(slot.name)
            source: str
            if slot.certain:
                settled = to_jsonable_python(slot.candidates[0].value)
                if value != settled:
                    self._run.bus.emit(
                        Rung(
                            rung="repair",
                            error_class="misread",
                            reason=f"{slot.name}: the model read {value!r}, "
                            f"the words say {settled!r}",
                        )
                    )
                value, source = settled, slot.candidates[0].source
            else:
                source = _source(slot, value, ask, inputs)
            arguments[slot.name], sources[slot.name] = value, source
            self._filled(spec, slot.name, value, source)
        return ToolCall(
            tool=spec.name,
            arguments=arguments,
            sources=sources,
            assumptions=_assumptions(slots, arguments),
        )

    def _filled(self, spec: ToolSpec, name: str, value: Any, source: str) -> None:
        self._run.bus.emit(
            SlotFilled(
                tool=spec.name,
                parameter=name,
                value=to_jsonable_python(value, fallback=str),
                source=source,
            )
        )


def _refuse_invention(spec: ToolSpec, slots: Sequence[Slot]) -> None:
    """Refuse where a required argument would have to be made up."""
    for slot in slots:
        if slot.required and not slot.candidates:
            raise ToolFailure(
                f"{spec.name} needs {slot.name}, which your words do not give",
                kind="invalid_input",
                fix=f"say it in the request, or: toollama tools info {spec.name}",
            )


def _assumptions(slots: Sequence[Slot], values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        f"{slot.name} was taken to be {one_line(str(values[slot.name]), 80)}: "
        "the request does not settle it"
        for slot in slots
        if not slot.certain and slot.name in values
    )


def _source(slot: Slot, value: Any, ask: str, inputs: Sequence[Finding]) -> str:
    for candidate in slot.candidates:
        if to_jsonable_python(candidate.value) == value:
            return candidate.source
    spelled = str(value).lower()
    if spelled in ask.lower():
        return "words"
    if any(spelled in finding.statement.lower() for finding in inputs):
        return "evidence"
    return "model"


def _prompt(spec: ToolSpec, slots: Sequence[Slot], ask: str, inputs: Sequence[Finding]) -> str:
    lines = [f"Tool: {spec.name} - {spec.summary}"]
    for slot in slots:
        described = spec.parameters.model_fields[slot.name].description or ""
        lines.append(f"- {slot.name}: {described}")
    if inputs:
        lines.append("Known:")
        lines += [f"- {one_line(finding.statement)}" for finding in inputs]
    lines += [f"Request: {one_line(ask, 400)}", "Write the call as JSON."]
    return "\n".join(lines)
