"""Calls made better after they were refused or found nothing: one argument at a time.

What the words settle is never touched, and every change is one of the call's assumptions.
"""

from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json, to_jsonable_python

from toollama.agents.broaden import broader
from toollama.agents.coerce import coerce
from toollama.agents.drummer import Drummer, ToolCall
from toollama.agents.run import Run
from toollama.models.slots import Slot, slots_of
from toollama.tools import run as runner
from toollama.tools.base import Candidate


def refused_slot(run: Run, ask: str, call: ToolCall) -> Slot[Candidate] | None:
    """Return the argument that was wrong, if the words leave it open.

    It is the first that does not validate, or else the only open one.
    """
    tool = run.registry.get(call.tool)
    slots = slots_of(tool.spec.parameters.model_json_schema(), tool.propose(ask, run.tools))
    still_open = {s.name: s for s in slots if not s.certain and s.name in call.arguments}
    wrong = runner.wrong_parameter(tool, call.arguments)
    if wrong is None and len(still_open) == 1:
        wrong = next(iter(still_open))
    return still_open.get(wrong or "")


def is_repairable(
    run: Run, ask: str, call: ToolCall, slot: Slot[Candidate], *, refused: Sequence[Any]
) -> bool:
    """Return whether code or a model can have another value for a refused argument."""
    fills = run.member(run.staff.drummer_for(call.tool, ask)).trust.fills_arguments
    return fills or _other_value(call, slot, refused) is not None


async def repaired(
    run: Run, ask: str, call: ToolCall, slot: Slot[Candidate], *, refused: Sequence[Any], fault: str
) -> ToolCall:
    """Return the call with another value in the place of the refused one.

    It is the same in the right type, else the next that the words offer, else a model's.
    """
    other = _other_value(call, slot, refused)
    if other is not None:
        return call.with_argument(slot.name, other)
    return await Drummer(run).refill(call, slot, ask, fault)


def _other_value(call: ToolCall, slot: Slot[Candidate], refused: Sequence[Any]) -> Any:
    value = call.arguments[slot.name]
    # As JSON, because equality takes True for 1.
    known = {to_json(other) for other in (*refused, value)}
    options = [coerce(value, slot.schema)]
    options += [to_jsonable_python(c.value, fallback=str) for c in slot.candidates]
    return next((option for option in options if to_json(option) not in known), None)


def left_out(call: ToolCall, parameter: str) -> ToolCall:
    """Return the call without an optional argument that its tool refuses."""
    kept = {name: value for name, value in call.arguments.items() if name != parameter}
    return call.with_arguments(kept, f"{parameter} was left out: {call.tool} refuses what was read")


def broadened(run: Run, call: ToolCall) -> tuple[str, ToolCall] | None:
    """Return what a search that found nothing can do without, in words, and the call without it."""
    found = broader(run.registry.get(call.tool).spec, call.arguments, call.sources)
    if found is None:
        return None
    what, arguments = found
    return what, call.with_arguments(
        arguments, f"nothing was found with {what}: searched without it"
    )
