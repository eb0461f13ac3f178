"""A Drummer fills the arguments of one call.

Code reads the words first. What the words leave open is written by the model under a grammar that
is made for this request: each open argument may only take the values that were found for it. A
grammar that leaves no choice needs no model. What the model wrote is checked against the words.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import from_json, to_jsonable_python

from toollama.agents import inference
from toollama.agents.messages import Finding, Frozen
from toollama.agents.route import read
from toollama.agents.run import Run
from toollama.events.payloads import Rung, SlotFilled
from toollama.models.engine import JsonSchema, Message
from toollama.models.slots import Slot, call_schema, filled, leaves_no_choice, slots_of
from toollama.text import one_line
from toollama.tools.base import Candidate, ToolFailure, ToolSpec

_MAX_ARGUMENT_TOKENS = 300


class ToolCall(Frozen):
    """One call, ready to be made."""

    tool: str
    arguments: dict[str, Any]
    sources: dict[str, str]
    """Where each argument came from: `words`, `context`, `default`, `evidence` or `model`."""
    assumptions: tuple[str, ...] = ()
    """What the words do not settle and the answer must own up to."""


_Slot = Slot[Candidate]


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
        slots = slots_of(spec.parameters.model_json_schema(), proposal)
        reading = read(spec, proposal)
        if exact and reading.complete:
            return self._settled(spec, slots)
        member = self._run.member(self._run.staff.drummer_for(tool, ask))
        if not member.trust.fills_arguments:
            _refuse_invention(spec, slots)
            return self._settled(spec, slots)
        if leaves_no_choice(slots):
            return self._settled(spec, slots)
        known = "\n".join([ask, *(finding.statement for finding in inputs)])
        text = await inference.complete(
            self._run,
            member,
            [Message("user", _prompt(spec, slots, ask, inputs))],
            purpose="arguments",
            max_tokens=_MAX_ARGUMENT_TOKENS,
            constraint=JsonSchema(call_schema(spec.name, slots, text=known)),
        )
        try:
            written = filled(from_json(text)["arguments"], slots)
        except (ValueError, KeyError, TypeError) as error:
            # Only an output cut at its token limit gets here: the grammar allows nothing else.
            self._run.bus.emit(
                Rung(rung="degrade", error_class="unparsable", reason=one_line(str(error)))
            )
            return self._settled(spec, slots)
        return self._checked(spec, slots, written, ask, inputs)

    def _settled(self, spec: ToolSpec, slots: Sequence[_Slot]) -> ToolCall:
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
        slots: Sequence[_Slot],
        written: Mapping[str, Any],
        ask: str,
        inputs: Sequence[Finding],
    ) -> ToolCall:
        """Put the words' own reading over the model's, and note where each value came from."""
        arguments: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for slot in slots:
            if slot.omissible and slot.name not in written:
                continue
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


def _refuse_invention(spec: ToolSpec, slots: Sequence[_Slot]) -> None:
    """Refuse where a required argument would have to be made up."""
    for slot in slots:
        if slot.required and not slot.candidates:
            raise ToolFailure(
                f"{spec.name} needs {slot.name}, which your words do not give",
                kind="invalid_input",
                fix=f"say it in the request, or: toollama tools info {spec.name}",
            )


def _assumptions(slots: Sequence[_Slot], values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        f"{slot.name} was {_taken(slot.name, values)}: the request does not settle it"
        for slot in slots
        if not slot.certain and (slot.name in values or slot.omissible)
    )


def _taken(name: str, values: Mapping[str, Any]) -> str:
    return f"taken to be {one_line(str(values[name]), 80)}" if name in values else "left out"


def _source(slot: _Slot, value: Any, ask: str, inputs: Sequence[Finding]) -> str:
    for candidate in slot.candidates:
        if to_jsonable_python(candidate.value) == value:
            return candidate.source
    spelled = str(value).lower()
    if spelled in ask.lower():
        return "words"
    if any(spelled in finding.statement.lower() for finding in inputs):
        return "evidence"
    return "model"


def _prompt(spec: ToolSpec, slots: Sequence[_Slot], ask: str, inputs: Sequence[Finding]) -> str:
    lines = [f"Tool: {spec.name} - {spec.summary}"]
    for slot in slots:
        described = spec.parameters.model_fields[slot.name].description or ""
        lines.append(f"- {slot.name}: {described}")
    if inputs:
        lines.append("Known:")
        lines += [f"- {one_line(finding.statement)}" for finding in inputs]
    lines += [f"Request: {one_line(ask, 400)}", "Write the call as JSON."]
    if any(slot.omissible for slot in slots):
        lines.append("Write null for what the request does not ask for.")
    return "\n".join(lines)
