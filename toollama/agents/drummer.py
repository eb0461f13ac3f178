"""A Drummer fills the arguments of one call.

Code reads the words first. What the words leave open is written by the model under a grammar that
is made for this request: each open argument may only take the values that were found for it. A
grammar that leaves no choice needs no model. What the model wrote is checked against the words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_jsonable_python

from toollama.agents import inference
from toollama.agents.messages import Finding, Frozen
from toollama.agents.questions import ArgumentNeeded, first_unanswerable, question
from toollama.agents.recovery import ErrorClass, Situation, next_step
from toollama.agents.route import read
from toollama.agents.run import Member, Run
from toollama.errors import BudgetSpent
from toollama.events.payloads import Rung, SlotFilled
from toollama.models.engine import JsonSchema, Message
from toollama.models.slots import Slot, call_schema, filled, leaves_no_choice, slots_of
from toollama.text import one_line
from toollama.tools.base import Candidate, ToolFailure, ToolSpec
from toollama.tools.foreign.proposing import narrowed, propose
from toollama.tools.foreign.signature import Signature

_MAX_ARGUMENT_TOKENS = 300
_MAX_SUMMARY_CHARACTERS = 400
_MAX_REQUEST_CHARACTERS = 2_000
_GIVEN = frozenset({"text", "path"})
"""Parameters that name, or are, what the user wants worked on."""


class ToolCall(Frozen):
    """One call, ready to be made."""

    tool: str
    arguments: dict[str, Any]
    sources: dict[str, str]
    """Where each argument came from: `words`, `context`, `default`, `evidence` or `model`."""
    assumptions: tuple[str, ...] = ()
    """What the words do not settle and the answer must own up to."""

    def with_arguments(self, arguments: Mapping[str, Any], assumption: str) -> "ToolCall":
        """Return the call with other arguments; the answer owns up to why."""
        return self.model_copy(
            update={
                "arguments": dict(arguments),
                "assumptions": (*self.assumptions, assumption),
            }
        )

    def with_argument(self, name: str, value: Any) -> "ToolCall":
        """Return the call with one argument replaced; the answer owns up to it."""
        taken = f"{name} was taken to be {one_line(str(value), 80)} after another was refused"
        call = self.with_arguments({**self.arguments, name: value}, taken)
        return call.model_copy(update={"sources": {**self.sources, name: "model"}})


_Slot = Slot[Candidate]


@dataclass(frozen=True, slots=True)
class _Form:
    """What is filled in: a tool of our own, or a function that others describe."""

    name: str
    summary: str
    descriptions: Mapping[str, str]
    request_characters: int = 400
    """How much of the request the model sees."""
    spec: ToolSpec | None = None
    """The tool, where it is our own."""


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
        given: Mapping[str, str] | None = None,
        member: Member | None = None,
    ) -> ToolCall:
        """Return the call that the ask means.

        `exact` takes the words' own reading without a model; `given` are values that the user said
        when asked, by argument; `member` stands in for the Drummer. Raises `ArgumentNeeded` where
        a required argument cannot be had honestly.
        """
        spec = self._run.registry.get(tool).spec
        proposal = {
            **self._run.registry.get(tool).propose(ask, self._run.tools),
            **{name: [Candidate(v, "words", certain=True)] for name, v in (given or {}).items()},
        }
        form = _form_of(spec)
        slots = slots_of(spec.parameters.model_json_schema(), proposal)
        reading = read(spec, proposal)
        if exact and reading.complete:
            return self._settled(form, slots)
        member = member or self._run.member(self._run.staff.drummer_for(tool, ask))
        if not member.trust.fills_arguments:
            _refuse_invention(spec, slots)
            return self._settled(form, slots)
        return await self._written(member, form, slots, ask, inputs)

    async def fill_function(self, signature: Signature, ask: str) -> ToolCall:
        """Return a call of a function that others describe; its arguments are nested again.

        A model of any tier is asked for what the words leave open: nobody wrote a parser for it.
        A weak one may only copy.
        """
        proposal = propose(signature, ask)
        member = self._run.member("drummer.api")
        free = member.trust.fills_arguments
        if not free:
            proposal = {name: found[:1] for name, found in proposal.items()}
        schema = signature.flat_schema()
        for parameter in signature.parameters:
            name = parameter.name
            schema["properties"][name] = narrowed(parameter, proposal.get(name, ()), free=free)
        slots = slots_of(schema, proposal, free=free)
        form = _Form(
            signature.name,
            one_line(signature.summary, _MAX_SUMMARY_CHARACTERS),
            {one.name: one_line(one.description, 300) for one in signature.parameters},
            request_characters=_MAX_REQUEST_CHARACTERS,
        )
        call = await self._written(member, form, slots, ask, ())
        complete = _with_empty_lists(signature, call.arguments)
        return call.model_copy(update={"arguments": signature.nested(complete)})

    async def _written(
        self,
        member: Member,
        form: _Form,
        slots: Sequence[_Slot],
        ask: str,
        inputs: Sequence[Finding],
    ) -> ToolCall:
        """Let the model settle what the words leave open."""
        if leaves_no_choice(slots):
            return self._settled(form, slots)
        known = "\n".join([ask, *(finding.statement for finding in inputs)])
        written = await self._asked(
            member,
            slots,
            [Message("user", _prompt(form, slots, ask, inputs))],
            JsonSchema(call_schema(form.name, slots, text=known)),
        )
        if written is None:
            if form.spec:
                _refuse_invention(form.spec, slots)
            return self._settled(form, slots)
        return self._checked(form, slots, written, ask, inputs)

    async def refill(self, call: ToolCall, slot: _Slot, ask: str, fault: str) -> ToolCall:
        """Return the call with one argument written anew, told what was wrong with it.

        The call as it was, where no model writes one.
        """
        spec = self._run.registry.get(call.tool).spec
        prompt = f"{_prompt(_form_of(spec), [slot], ask, ())}\nWrong before: {fault}"
        written = await self._asked(
            self._run.member(self._run.staff.drummer_for(call.tool, ask)),
            [slot],
            [Message("user", prompt)],
            JsonSchema(call_schema(spec.name, [slot], text=ask)),
        )
        if written is None or slot.name not in written:
            return call
        value = written[slot.name]
        self._filled(_form_of(spec), slot.name, value, "model")
        return call.with_argument(slot.name, value)

    async def _asked(
        self,
        member: Member,
        slots: Sequence[_Slot],
        turns: Sequence[Message],
        constraint: JsonSchema,
    ) -> dict[str, Any] | None:
        """Return the arguments as a model writes them; None where no model does."""
        retries = 0
        while True:
            try:
                text = await inference.complete(
                    self._run,
                    member,
                    turns,
                    purpose="arguments",
                    max_tokens=_MAX_ARGUMENT_TOKENS,
                    constraint=constraint,
                    attempt=retries + 1,
                )
                return filled(dict(from_json(text)["arguments"]), slots)
            except inference.UNANSWERED as failed:
                error, reason = ErrorClass.MODEL, failed.message
                above = None if isinstance(failed, BudgetSpent) else self._run.above(member)
            except (ValueError, KeyError, TypeError) as failed:
                # Only an output cut at its token limit gets here: the grammar allows nothing else.
                error, reason = ErrorClass.UNPARSABLE, str(failed)
                above = self._run.above(member)
            step = next_step(
                Situation(
                    error=error,
                    retries=retries,
                    stronger=above.model.id if above else "",
                    degrade="a model",
                )
            )
            self._run.bus.emit(
                Rung(rung=step.rung, error_class=error.value, reason=one_line(reason))
            )
            if step.rung == "degrade":
                return None
            retries += 1
            if step.rung == "stronger":
                assert above is not None
                member = above

    def _settled(self, form: _Form, slots: Sequence[_Slot]) -> ToolCall:
        """Return the call with each slot's likeliest value."""
        filled = {slot.name: slot.candidates[0] for slot in slots if slot.candidates}
        for name, candidate in filled.items():
            self._filled(form, name, candidate.value, candidate.source)
        return ToolCall(
            tool=form.name,
            arguments={name: candidate.value for name, candidate in filled.items()},
            sources={name: candidate.source for name, candidate in filled.items()},
            assumptions=_assumptions(slots, {n: c.value for n, c in filled.items()}),
        )

    def _checked(
        self,
        form: _Form,
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
                if form.spec and slot.required and _is_invented(slot, value, source, ask):
                    raise ArgumentNeeded(question(form.spec, slot))
            arguments[slot.name], sources[slot.name] = value, source
            self._filled(form, slot.name, value, source)
        return ToolCall(
            tool=form.name,
            arguments=arguments,
            sources=sources,
            assumptions=_assumptions(slots, arguments),
        )

    def _filled(self, form: _Form, name: str, value: Any, source: str) -> None:
        self._run.bus.emit(
            SlotFilled(
                tool=form.name,
                parameter=name,
                value=to_jsonable_python(value, fallback=str),
                source=source,
            )
        )


def _form_of(spec: ToolSpec) -> _Form:
    fields = spec.parameters.model_fields
    return _Form(
        spec.name,
        spec.summary,
        {name: field.description or "" for name, field in fields.items()},
        spec=spec,
    )


def _refuse_invention(spec: ToolSpec, slots: Sequence[_Slot]) -> None:
    """Refuse where a required argument would have to be made up."""
    if missing := first_unanswerable(spec, slots):
        raise ArgumentNeeded(missing)


def _with_empty_lists(signature: Signature, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments with every required list, which names nothing where none was written.

    Raises `ToolFailure` for anything else that is required and was not written.
    """
    complete = dict(arguments)
    for parameter in signature.parameters:
        if parameter.required and parameter.name not in complete:
            if parameter.kind != "array":
                raise ToolFailure(
                    f"{signature.name} needs {parameter.name}, which could not be had",
                    kind="invalid_input",
                    fix="say it in the request",
                )
            complete[parameter.name] = []
    return complete


def _assumptions(slots: Sequence[_Slot], values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        f"{slot.name} was {_taken(slot.name, values)}: the request does not settle it"
        for slot in slots
        if not slot.certain and (slot.name in values or slot.omissible)
    )


def _taken(name: str, values: Mapping[str, Any]) -> str:
    return f"taken to be {one_line(str(values[name]), 80)}" if name in values else "left out"


def _is_invented(slot: _Slot, value: Any, source: str, ask: str) -> bool:
    """Return whether a model made up what only the user can give.

    A text to work on is given or it is not: the request itself is no text of its own.
    """
    if slot.name in _GIVEN and not slot.candidates:
        return source == "model" or str(value).strip() == ask.strip()
    return source == "model" and slot.copied


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


def _prompt(form: _Form, slots: Sequence[_Slot], ask: str, inputs: Sequence[Finding]) -> str:
    lines = [f"Tool: {form.name} - {form.summary}"]
    lines += [f"- {slot.name}: {form.descriptions[slot.name]}" for slot in slots]
    if inputs:
        lines.append("Known:")
        lines += [f"- {one_line(finding.statement)}" for finding in inputs]
    lines += [f"Request: {one_line(ask, form.request_characters)}", "Write the call as JSON."]
    if any(slot.omissible for slot in slots):
        lines.append("Write null for what the request does not ask for.")
    return "\n".join(lines)
