"""One model with all tools in a loop: `ask --direct`, and what the hierarchy is measured against.

Owns the loop: thought, call, result, at most six times or until a call is repeated, then an answer.
It judges nothing: what comes out is marked as unchecked. Its calls pass through the policy.
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import to_json

from toollama.agents import calls, inference
from toollama.agents.prose import Piece
from toollama.agents.run import Member, Run
from toollama.agents.voice import Draft, Voice
from toollama.errors import BudgetSpent, ConstraintRefused, RunFailed, UnknownName
from toollama.models.constrain import compile_grammar
from toollama.models.engine import JsonSchema, Message
from toollama.text import fence, one_line, truncate
from toollama.tools.base import ToolFailure, ToolSpec
from toollama.tools.index import ToolIndex

MAX_STEPS = 6
_NO_TOOL = "none"
_STEP_TOKENS = 320
_THOUGHT_CHARACTERS = 160
_RESULT_CHARACTERS = 1000
_RESERVED_TOKENS = 1600
"""Of the context, for the steps, their results and the answer."""
_UNCHECKED = "one model's own words, from its own tool calls: nothing was checked"
_RULES = (
    "Write the next step as JSON: a short thought, the name of a tool, and its arguments, with "
    f'values taken from the request. When the results answer the request, the tool is "{_NO_TOOL}".'
)
_ANSWER = "Answer the request in one to three sentences, from the texts and results above: "


class Step(BaseModel):
    """What the model wants to do next."""

    model_config = ConfigDict(extra="forbid")

    thought: str
    tool: str
    arguments: dict[str, Any] = {}


def applies(run: Run) -> bool:
    """Return whether the request is for one model, and that model may choose among tools."""
    request = run.request
    return request.direct and request.use_tools and run.member("camina").trust.tool_choices > 1


async def answer(run: Run, voice: Voice) -> Draft:
    """Let the model call tools until it is done, then say its answer.

    Raises `RunFailed` where it writes nothing, and what the engine raises.
    """
    member = run.member("camina")
    try:
        async with run.ledger.in_time():
            turns = await _work(run, voice, member)
            if not run.said:
                await _say(run, voice, member, _asked_to_answer(run, turns))
    except BudgetSpent:
        if not run.said:
            raise
    if not "".join(run.said).strip():
        raise RunFailed(f"{member.model.id} wrote nothing", fix="ask in other words")
    voice.unchecked()
    voice.limits.append(_UNCHECKED)
    return voice.draft()


async def _work(run: Run, voice: Voice, member: Member) -> list[Message]:
    """Let the model take step after step; return the turns that came of it."""
    specs = await _tools_that_fit(run, member)
    turns = [Message("user", _opening(run, specs))]
    constraint = JsonSchema(step_schema(specs))
    made: set[bytes] = set()
    for _ in range(MAX_STEPS):
        written = await inference.complete(
            run,
            member,
            turns,
            purpose="step",
            max_tokens=_STEP_TOKENS,
            constraint=constraint,
        )
        step = _parsed(written)
        if step is None and not written.lstrip().startswith("{"):
            voice.say(Piece("", written.strip()))  # a server that ignores schemas just answers
            break
        if step is None:
            break
        call = to_json([step.tool, step.arguments])
        if step.tool == _NO_TOOL or call in made:
            turns.append(Message("assistant", written))
            break
        made.add(call)
        result = await _result(run, step)
        turns += [Message("assistant", written), Message("user", f"Result:\n{result}\n\n{_RULES}")]
    return turns


def step_schema(specs: Sequence[ToolSpec]) -> dict[str, Any]:
    """Return the JSON Schema of one step: a thought, then one of the tools or none."""
    return {"anyOf": [*map(_enforceable, specs), _object({"tool": {"const": _NO_TOOL}})]}


def _enforceable(spec: ToolSpec) -> dict[str, Any]:
    """Return the schema of a call, with any arguments where theirs cannot be enforced.

    One tool that somebody imported must not take all the others away; it checks its arguments.
    """
    schema = _call_schema(spec)
    try:
        compile_grammar(JsonSchema(schema))
    except ConstraintRefused:
        return _object({"tool": {"const": spec.name}, "arguments": {"type": "object"}})
    return schema


def _call_schema(spec: ToolSpec) -> dict[str, Any]:
    parameters = spec.parameters.model_json_schema()
    definitions = parameters.pop("$defs", None)
    schema = _object({"tool": {"const": spec.name}, "arguments": parameters})
    return _inlined(schema, definitions) if definitions else schema


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Return the schema with its references replaced by what they name."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(definitions[str(schema["$ref"]).rpartition("/")[2]], definitions)
        return {key: _inlined(value, definitions) for key, value in schema.items()}
    return [_inlined(item, definitions) for item in schema] if isinstance(schema, list) else schema


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    thought = {"thought": {"type": "string", "maxLength": _THOUGHT_CHARACTERS}}
    return {
        "type": "object",
        "properties": thought | properties,
        "required": ["thought", *properties],
        "additionalProperties": False,
    }


def _parsed(written: str) -> Step | None:
    """Return the step, or None for an output that was cut or is none."""
    try:
        return Step.model_validate_json(written)
    except ValidationError:
        return None


async def _tools_that_fit(run: Run, member: Member) -> list[ToolSpec]:
    """Return as many tools as the context holds, chosen by likeness to the request.

    They come in the order of their names, so that the prompts of all requests begin alike and share
    what the KV cache holds.
    """
    hits = ToolIndex(run.registry.specs()).search(run.request.text, limit=10_000)
    names = dict.fromkeys([*(hit.tool for hit in hits), *(s.name for s in run.registry.specs())])
    kept: list[ToolSpec] = []
    async with run.pool.turn(member.model, run.bus.child_span()) as engine:
        room = engine.context_tokens(member.model.id) - _RESERVED_TOKENS
        room -= await engine.count_tokens(member.model.id, _opening(run, []))
        for name in names:
            spec = run.registry.get(name).spec
            room -= await engine.count_tokens(member.model.id, _described(spec))
            if room < 0:
                break
            kept.append(spec)
    return sorted(kept, key=lambda spec: spec.name)


def _opening(run: Run, specs: Sequence[ToolSpec]) -> str:
    texts = [fence(record.text, record.title or "text") for record in run.evidence.values()]
    tools = ["Tools:", *map(_described, specs)] if specs else []
    return "\n\n".join(["\n".join(tools), *texts, _RULES, f"Request: {run.request.text}"]).strip()


def _described(spec: ToolSpec) -> str:
    arguments = [
        f"  {name}: {field.description}" if field.description else f"  {name}"
        for name, field in spec.parameters.model_fields.items()
    ]
    return "\n".join([f"- {spec.name}: {spec.summary} Arguments:", *arguments])


async def _result(run: Run, step: Step) -> str:
    """Make the call and return what the model is told of it; a failure is told too."""
    try:
        result, _ = await calls.call(
            run, step.tool, step.arguments, argument_sources=_sources(run, step.arguments)
        )
    except (ToolFailure, UnknownName) as failure:
        return f"Error: {one_line(failure.message, 300)}"
    told = "\n".join(result.statements) or result.text
    return fence(truncate(told, _RESULT_CHARACTERS), step.tool)


def _sources(run: Run, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Return where each argument comes from; after reading, what is not the user's may be read."""
    asked = run.request.text.lower()
    other = "evidence" if run.evidence else "model"
    return {
        name: "words" if str(value).lower() in asked else other for name, value in arguments.items()
    }


def _asked_to_answer(run: Run, turns: Sequence[Message]) -> list[Message]:
    """Return the turns with the order to answer as, or in, the last one of the user."""
    *before, last = turns
    order = f"{_ANSWER}{run.request.text}"
    if last.role == "assistant":
        return [*turns, Message("user", order)]
    return [*before, Message("user", f"{last.content}\n\n{order}")]


async def _say(run: Run, voice: Voice, member: Member, turns: Sequence[Message]) -> None:
    stream = inference.stream(run, member, turns, purpose="answer")
    async with aclosing(stream) as pieces:
        async for piece in pieces:
            voice.say(Piece("", piece))
