"""The trace: one line for each event that a person wants to see pass by. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from toollama.events import Event, payloads
from toollama.fold.amendments import outcome_of
from toollama.text import Visible, one_line

Tone = Literal["plain", "quiet", "good", "bad", "warn"]
_LIMIT = 240

_SHOWN: dict[type[payloads.Payload], tuple[Tone, Callable[[Any], str]]] = {
    payloads.RunStarted: ("plain", lambda p: f"run  {p.prompt}"),
    payloads.RunResumed: ("plain", lambda p: f"resumed  {p.finished_steps} steps are finished"),
    payloads.RunCompleted: (
        "good",
        lambda p: f"run {p.status}  {p.tool_calls} calls  {p.swaps} swaps  {p.duration_s:.1f} s",
    ),
    payloads.RunFailed: ("bad", lambda p: f"run failed  {p.code}: {p.message} — fix: {p.fix}"),
    payloads.RunCancelled: ("warn", lambda p: f"run cancelled  {p.reason}"),
    payloads.FollowUpResolved: ("quiet", lambda p: f"understood as  {p.meant}"),
    payloads.RouteDecided: ("plain", lambda p: f"route  {p.kind} by {p.source}"),
    payloads.PlanCreated: ("plain", lambda p: f"plan  {len(p.tasks)} tasks by {p.source}"),
    payloads.PlanUpdated: ("plain", lambda p: f"plan  {len(p.tasks)} tasks added by {p.source}"),
    payloads.AmendmentReceived: ("plain", lambda p: f"added  {p.text}"),
    payloads.AmendmentSettled: ("plain", lambda p: f"{p.text}: {outcome_of(p)}"),
    payloads.TaskStarted: ("plain", lambda p: f"task  {p.belter}  {p.ask}"),
    payloads.TaskCompleted: ("good", lambda p: f"task {p.status}  findings: {p.findings}"),
    payloads.TaskFailed: ("bad", lambda p: f"task failed  {p.code}: {p.reason}"),
    payloads.InferenceStarted: ("quiet", lambda p: f"inference  {p.model} {p.purpose}"),
    payloads.InferenceCompleted: (
        "plain",
        lambda p: (
            f"inference  {p.purpose}  {p.usage.input_tokens}→{p.usage.output_tokens} tok"
            f"  {p.duration_s:.1f} s  {p.finish_reason}"
        ),
    ),
    payloads.InferenceFailed: ("bad", lambda p: f"inference  {p.code}: {p.message}"),
    payloads.SlotFilled: (
        "quiet",
        lambda p: f"argument  {p.parameter}={p.value}  from {p.source}",
    ),
    payloads.ToolCallRequested: ("plain", lambda p: f"call  {p.tool}({_pairs(p.arguments)})"),
    payloads.ToolApprovalDecided: (
        "quiet",
        lambda p: f"{p.verdict} by {p.by}  {p.tool}: {p.reason}",
    ),
    payloads.ToolCallCompleted: (
        "good",
        lambda p: f"{p.tool} → {'; '.join(p.statements) or p.status}",
    ),
    payloads.ToolCallFailed: ("bad", lambda p: f"{p.tool}  {p.code}: {p.message}"),
    payloads.EvidenceAdded: (
        "quiet",
        lambda p: f"evidence  {p.evidence_id} {p.title}  {p.characters} characters",
    ),
    payloads.Rung: ("warn", lambda p: f"{p.rung}  {p.error_class}: {p.reason}"),
    payloads.BudgetRefused: ("warn", lambda p: f"budget  {p.unit}: {p.spent:g} of {p.limit:g}"),
    payloads.QuestionAsked: ("warn", lambda p: f"question  {p.text}  {p.answer}"),
    payloads.Insight: ("warn", lambda p: f"observer  {p.kind}: {p.message}"),
    payloads.GateDecided: (
        "plain",
        lambda p: f"gate {p.verdict}  {', '.join(f'{k}: {v}' for k, v in p.checks.items())}",
    ),
    payloads.ModelLoadStarted: ("plain", lambda p: f"load  {p.model}  {p.reason}"),
    payloads.ModelLoadCompleted: ("good", lambda p: f"loaded  {p.model}  {p.duration_s:.1f} s"),
    payloads.ModelLoadFailed: ("bad", lambda p: f"load failed  {p.model}: {p.message}"),
    payloads.ModelLoadRungFailed: (
        "warn",
        lambda p: f"load {p.rung} of {p.rungs}  {p.model}: {p.message}",
    ),
    payloads.ModelUnloaded: ("plain", lambda p: f"unloaded  {p.model}  {p.reason}"),
    payloads.Warned: ("warn", lambda p: f"warning  {p.message}"),
}


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One line of the trace."""

    seq: int
    at_s: float
    """Seconds since the run began."""
    who: Visible
    text: Visible
    tone: Tone


def trace_line(event: Event, payload: payloads.Payload, *, started_s: float) -> TraceLine | None:
    """Return the event as a line, or None where the trace does not show its kind.

    `started_s` is the POSIX time of the run's first event.
    """
    shown = _SHOWN.get(type(payload))
    if shown is None:
        return None
    tone, describe = shown
    return TraceLine(
        seq=event.seq,
        at_s=max(event.ts.timestamp() - started_s, 0.0),
        who=one_line(event.agent.id if event.agent else "", 40),
        text=one_line(describe(payload), _LIMIT),
        tone=tone,
    )


def _pairs(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in arguments.items())
