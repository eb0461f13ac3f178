"""One run in figures, so that runs can be compared: what was reached, and what it took. Pure.

Every figure is counted from the log. What a run took over of an earlier one counts as its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from toollama.events import Event, payloads
from toollama.fold.run import RunView
from toollama.text import Visible

Status = Literal["complete", "partial", "failed", "cancelled", "unfinished"]
_AGAIN = frozenset({"retry", "repair", "sibling"})
"""The rungs of recovery that make a call once more."""
_SERIOUS = frozenset({"warning", "critical"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """The figures of one run; times are in seconds."""

    run_id: str
    status: Status
    duration_s: float
    tasks_done: int
    tasks_failed: int
    tool_calls: int
    tool_errors: int
    """Calls that failed or were not allowed."""
    retries: int
    """Calls made once more by the ladder of recovery, of the same tool or of its sibling."""
    repeated_calls: int
    """Calls with the arguments of an earlier one that had not failed."""
    unsourced: int
    """Sentences of the answer with a figure or a name that no source has."""
    insights: int
    """Warnings and critical insights of the Observer and the gate."""
    loads: int
    load_s: float
    swaps: int
    """Loads that another model had to leave for."""
    input_tokens: int
    output_tokens: int
    models: tuple[str, ...]
    """Every model that was asked, by name."""
    prompt: Visible


def scorecard(events: Sequence[Event]) -> Scorecard:
    """Return the figures of a run from its events in `seq` order; the log may stop anywhere."""
    view = RunView.of(events)
    told = [payload for payload in map(Event.known_payload, events) if payload is not None]
    calls = [node for key, node in view.plan.nodes.items() if key.startswith("call:")]
    done, failed, _ = view.plan.counts()
    return Scorecard(
        run_id=view.run_id,
        status=_status(told),
        duration_s=view.elapsed_s(),
        tasks_done=done,
        tasks_failed=failed,
        tool_calls=len(calls),
        tool_errors=sum(call.status == "failed" for call in calls),
        retries=sum(isinstance(each, payloads.Rung) and each.rung in _AGAIN for each in told),
        repeated_calls=_repeated_calls(told),
        unsourced=len(view.unsupported),
        insights=sum(line.severity in _SERIOUS for line in view.insights),
        loads=view.models.loads,
        load_s=view.models.load_seconds,
        swaps=_swaps(told),
        input_tokens=view.usage.tokens.input_tokens,
        output_tokens=view.usage.tokens.output_tokens,
        models=_models(told),
        prompt=view.prompt,
    )


def _status(told: Sequence[payloads.Payload]) -> Status:
    """Return how the log ends."""
    match told[-1] if told else None:
        case payloads.RunCompleted(status=status):
            return status
        case payloads.RunFailed():
            return "failed"
        case payloads.RunCancelled():
            return "cancelled"
        case _:
            return "unfinished"


def _repeated_calls(told: Sequence[payloads.Payload]) -> int:
    requested: dict[str, str] = {}
    settled: set[str] = set()
    repeated = 0
    for payload in told:
        match payload:
            case payloads.ToolCallRequested(call_id=call_id, idempotency_key=key):
                repeated += key in settled
                requested[call_id] = key
                settled.add(key)
            case payloads.ToolCallFailed(call_id=call_id):
                settled.discard(requested.get(call_id, ""))
    return repeated


def _swaps(told: Sequence[payloads.Payload]) -> int:
    """Return how many loads came after somebody had left since the load before."""
    swaps, has_left = 0, False
    for payload in told:
        match payload:
            case payloads.ModelUnloaded():
                has_left = True
            case payloads.ModelLoadCompleted():
                swaps += has_left
                has_left = False
    return swaps


def _models(told: Sequence[payloads.Payload]) -> tuple[str, ...]:
    asked = {each.model for each in told if isinstance(each, payloads.InferenceStarted)}
    return tuple(sorted(asked))
