"""What can happen: one frozen class per event type; its fields are the event's `data`.

Attribute names follow OpenTelemetry GenAI semantic conventions 1.41.1 where one fits.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from toollama.events.model_payloads import (
    ModelLoadCompleted,
    ModelLoadFailed,
    ModelLoadProgress,
    ModelLoadRungFailed,
    ModelLoadStarted,
    ModelUnloaded,
)
from toollama.events.payload import PAYLOADS, Payload, event

__all__ = [
    "PAYLOADS",
    "ModelLoadCompleted",
    "ModelLoadFailed",
    "ModelLoadProgress",
    "ModelLoadRungFailed",
    "ModelLoadStarted",
    "ModelUnloaded",
    "Payload",
]


class Usage(BaseModel):
    """What a run or one inference spent."""

    model_config = ConfigDict(frozen=True)

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    forced_tokens: int = 0
    """Output tokens that a constraint left no choice for, so they were never sampled."""
    time_to_first_token_s: float | None = None
    tokens_per_second: float | None = None


def total_usage(one: Usage, other: Usage) -> Usage:
    """Return the tokens of both together; rates do not add up and are left out."""
    return Usage(
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        cached_tokens=one.cached_tokens + other.cached_tokens,
        forced_tokens=one.forced_tokens + other.forced_tokens,
    )


class Retried(BaseModel):
    """What a run does again of an earlier one."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    task: int | None = None
    """The task done again, with what needs it; None is the whole request."""
    recorded: bool = False
    """What tools answered then is taken for their answer now."""


@event("run.started")
class RunStarted(Payload):
    """The first event of every run."""

    prompt: str
    version: str
    profile: str
    models: dict[str, str] = {}
    """Model id by role."""
    attachments: list[str] = []
    options: dict[str, Any] = {}
    session: str | None = None
    """The conversation it belongs to."""
    previous_run_id: str | None = None
    """The run that it goes on from."""
    terminal: str | None = None
    request: dict[str, Any] = {}
    """All that was said about how to serve it, without the texts given, for a resumed run."""
    directory: str = ""
    """Where it was asked; relative names in the request are meant from there."""
    retries: "Retried | None" = None
    """The earlier run that this one does again."""


@event("run.resumed")
class RunResumed(Payload):
    """A run that was cut short goes on; finished steps are read from the events before this one."""

    version: str
    finished_steps: int


@event("checkpoint")
class Checkpoint(Payload):
    """The whole result of a finished step; a resumed run reads it instead of doing the step."""

    step: Literal["plan", "inference", "tool_result", "report", "amendment"]
    key: str
    """Tells the step from others of its kind: a call id, a task's number, a request's sha256."""
    value: Any


@event("followup.resolved")
class FollowUpResolved(Payload):
    """A request that goes on from the one before was made a whole request."""

    said: str
    meant: str


@event("amendment.received")
class AmendmentReceived(Payload):
    """The user added to the request while it was being served; it waits for the next step."""

    amendment: int
    text: str


@event("amendment.settled")
class AmendmentSettled(Payload):
    """What became of words that were added to a request.

    `taken` changed this run. `deferred` is for the request after it. `withdrawn` is neither.
    """

    amendment: int
    text: str
    outcome: Literal["taken", "deferred", "withdrawn"]
    tasks: list[int] = []
    """The tasks that it brought."""
    dropped: list[int] = []
    """The tasks that it stopped or replaced."""
    wish: str = ""
    """What it asks of the answer's form."""
    meant: str = ""
    """The whole request as it is understood now."""
    reason: str = ""


@event("run.completed")
class RunCompleted(Payload):
    """The run ended with an answer."""

    status: Literal["complete", "partial"]
    answer: str
    sources: list[dict[str, Any]] = []
    limits: list[str] = []
    exit_code: int
    usage: Usage = Usage()
    tool_calls: int = 0
    swaps: int = 0
    duration_s: float = 0.0

    def attributes(self) -> dict[str, Any]:
        """Return the usage of the whole run."""
        return {
            "gen_ai.usage.input_tokens": self.usage.input_tokens,
            "gen_ai.usage.output_tokens": self.usage.output_tokens,
        }


@event("run.failed")
class RunFailed(Payload):
    """The run ended without a usable answer."""

    code: str
    message: str
    fix: str
    exit_code: int
    partial: str = ""
    waiting: list[dict[str, Any]] = []
    """What waits for a person: a call to allow, or a question."""
    duration_s: float = 0.0

    def attributes(self) -> dict[str, Any]:
        """Return the error's class."""
        return {"error.type": self.code}


@event("run.cancelled")
class RunCancelled(Payload):
    """The user, or the reader of a pipe, stopped the run; what was written is kept."""

    reason: str
    exit_code: int
    partial: str = ""
    duration_s: float = 0.0


@event("route.decided")
class RouteDecided(Payload):
    """Which way down the hierarchy the request takes, and what else was considered."""

    kind: str
    clauses: list[str]
    candidates: list[dict[str, Any]]
    """The best of every clause, with `clause` as its position from 0."""
    margin: float
    source: Literal["rule", "model"]
    reason: str = ""
    unserved: list[dict[str, Any]] = []
    """Clauses that are more like what no tool does, and what serving them would take."""


@event("plan.created")
class PlanCreated(Payload):
    """The task graph, before any tool runs."""

    goal: str
    tasks: list[dict[str, Any]]
    source: Literal["rule", "model", "file"]


@event("plan.updated")
class PlanUpdated(Payload):
    """Tasks were added to the plan while it was worked on."""

    first: int
    """The number of the first of them."""
    tasks: list[dict[str, Any]]
    source: Literal["rule", "model"]


@event("task.started")
class TaskStarted(Payload):
    """A Belter takes up a task."""

    belter: str
    ask: str


@event("task.completed")
class TaskCompleted(Payload):
    """A task ended with findings."""

    status: Literal["done", "partial", "skipped"]
    findings: int
    gaps: list[str] = []
    duration_s: float = 0.0


@event("task.failed")
class TaskFailed(Payload):
    """A task ended without findings."""

    reason: str
    code: str
    duration_s: float = 0.0

    def attributes(self) -> dict[str, Any]:
        """Return the error's class."""
        return {"error.type": self.code}


@event("task.changed")
class TaskChanged(Payload):
    """A task went from one state to another; the first change is its creation."""

    task: int
    state: Literal[
        "waiting", "ready", "running", "done", "partial", "failed", "skipped", "cancelled"
    ]
    before: str = ""
    reason: str = ""
    priority: int = 0
    needs: list[int] = []
    duration_s: float | None = None
    """From its start; for states that end a task which ran."""
    tool_calls: int | None = None
    output_tokens: int | None = None


@event("agent.started")
class AgentStarted(Payload):
    """A member of the hierarchy begins its part."""

    doing: str = ""


@event("agent.completed")
class AgentCompleted(Payload):
    """A member of the hierarchy ended its part."""

    duration_s: float = 0.0
    summary: str = ""


@event("agent.failed")
class AgentFailed(Payload):
    """A member of the hierarchy could not do its part."""

    duration_s: float = 0.0
    code: str
    message: str

    def attributes(self) -> dict[str, Any]:
        """Return the error's class."""
        return {"error.type": self.code}


@event("inference.started")
class InferenceStarted(Payload):
    """A model starts to read a prompt."""

    model: str
    purpose: str
    constrained: bool = False
    messages: list[dict[str, str]] = []
    """The prompt as it was given to the chat template: `role` and `content`, long ones cut."""
    sampling: dict[str, Any] = {}
    max_tokens: int | None = None

    def attributes(self) -> dict[str, Any]:
        """Return the request as OpenTelemetry names it."""
        return {"gen_ai.operation.name": "chat", "gen_ai.request.model": self.model}


@event("inference.completed")
class InferenceCompleted(Payload):
    """A model stopped writing."""

    model: str
    purpose: str
    finish_reason: str
    usage: Usage
    output: str = ""
    duration_s: float = 0.0

    def attributes(self) -> dict[str, Any]:
        """Return the usage as OpenTelemetry names it."""
        return {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": self.model,
            "gen_ai.response.finish_reasons": [self.finish_reason],
            "gen_ai.usage.input_tokens": self.usage.input_tokens,
            "gen_ai.usage.output_tokens": self.usage.output_tokens,
        }


@event("reasoning.delta")
class ReasoningDelta(Payload):
    """The next piece of what a model thinks before it writes. Not stored."""

    text: str


@event("inference.failed")
class InferenceFailed(Payload):
    """A model could not write."""

    model: str
    purpose: str
    code: str
    message: str

    def attributes(self) -> dict[str, Any]:
        """Return the error's class."""
        return {"error.type": self.code, "gen_ai.request.model": self.model}


@event("message.delta")
class MessageDelta(Payload):
    """The next piece of the answer, already checked. Not stored: `message.completed` is."""

    text: str


@event("message.completed")
class MessageCompleted(Payload):
    """The whole answer."""

    text: str
    unsupported: list[str] = []
    """Its sentences that hold a figure or a name which no source has."""


@event("slot.filled")
class SlotFilled(Payload):
    """One argument got its value, and from where."""

    tool: str
    parameter: str
    value: Any
    source: str
    """`words` (the user's), `evidence`, `default`, `model` or `context`."""


@event("tool.call.requested")
class ToolCallRequested(Payload):
    """A call is ready; the policy has not spoken yet."""

    call_id: str
    tool: str
    arguments: dict[str, Any]
    argument_sources: dict[str, str] = {}
    effects: list[str] = []
    idempotency_key: str = ""
    """sha256 of the tool and its canonical arguments."""

    def attributes(self) -> dict[str, Any]:
        """Return the call as OpenTelemetry names it."""
        return {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": self.tool,
            "gen_ai.tool.call.id": self.call_id,
        }


@event("tool.approval.decided")
class ToolApprovalDecided(Payload):
    """The policy, or a person, decided about a call."""

    call_id: str
    tool: str
    verdict: Literal["allow", "ask", "deny"]
    by: Literal["policy", "user"]
    reason: str


@event("tool.call.started")
class ToolCallStarted(Payload):
    """A tool starts to run."""

    call_id: str
    tool: str

    def attributes(self) -> dict[str, Any]:
        """Return the call as OpenTelemetry names it."""
        return {"gen_ai.tool.name": self.tool, "gen_ai.tool.call.id": self.call_id}


@event("tool.call.completed")
class ToolCallCompleted(Payload):
    """A tool returned."""

    call_id: str
    tool: str
    status: Literal["ok", "empty"]
    statements: list[str] = []
    sources: list[dict[str, Any]] = []
    evidence: list[str] = []
    truncated: bool = False
    duration_s: float = 0.0

    def attributes(self) -> dict[str, Any]:
        """Return the call as OpenTelemetry names it."""
        return {"gen_ai.tool.name": self.tool, "gen_ai.tool.call.id": self.call_id}


@event("tool.call.failed")
class ToolCallFailed(Payload):
    """A tool failed, or was not allowed to run."""

    call_id: str
    tool: str
    code: str
    message: str
    fix: str = ""
    duration_s: float = 0.0

    def attributes(self) -> dict[str, Any]:
        """Return the call and the error's class."""
        return {
            "gen_ai.tool.name": self.tool,
            "gen_ai.tool.call.id": self.call_id,
            "error.type": self.code,
        }


@event("evidence.added")
class EvidenceAdded(Payload):
    """A text that findings may be tied to; its body lies in the store's evidence table."""

    evidence_id: str
    title: str
    locator: str
    sha256: str
    characters: int
    untrusted: bool
    tool: str = ""


@event("rung")
class Rung(Payload):
    """One step of the recovery ladder, with its reason."""

    rung: Literal["retry", "repair", "sibling", "stronger", "degrade", "replan", "say_so"]
    error_class: str
    reason: str
    cost: str = ""
    """What the step takes of the budget, in words: `1 call, 0.5 s`."""


@event("budget.refused")
class BudgetRefused(Payload):
    """A limit of the run's budget was reached; what goes beyond it is not done."""

    unit: Literal["calls", "tokens", "swaps", "seconds"]
    limit: float
    spent: float


@event("question.asked")
class QuestionAsked(Payload):
    """The run asked back for an argument that nothing gives a value for."""

    tool: str
    parameter: str
    text: str
    options: list[str] = []
    answer: str = ""
    """Empty where nobody answered."""


class Suggestion(BaseModel):
    """What a person may have done about an insight; every kind can be carried out by code."""

    model_config = ConfigDict(frozen=True)

    what: Literal["retry_task", "stop_task", "leave_out_tool", "raise_budget", "pin_model"]
    task: int | None = None
    tool: str = ""
    model: str = ""
    unit: str = ""
    limit: float | None = None
    """The limit to have in place of the one that was reached."""


@event("insight")
class Insight(Payload):
    """A detector saw something in the run that somebody should know."""

    severity: Literal["info", "warning", "critical"]
    kind: str
    """`loop`: work repeats itself; `injection`: a text gives orders; others are the detectors' of
    `agents.observer`."""
    message: str
    events: list[int] = []
    """Sequence numbers of the events that show it."""
    suggestion: Suggestion | None = None


@event("gate.decided")
class GateDecided(Payload):
    """What the quality gate found. `unchecked` is never a pass."""

    verdict: Literal["pass", "warn", "fail", "unchecked"]
    checks: dict[str, str] = {}
    removed: list[str] = []


@event("warning")
class Warned(Payload):
    """Something a careful user wants to know; the run goes on."""

    message: str


TERMINAL_TYPES = frozenset({RunCompleted.type, RunFailed.type, RunCancelled.type})
"""Every run's last event has one of these types."""

UNSTORED_TYPES = frozenset({MessageDelta.type, ModelLoadProgress.type, ReasoningDelta.type})
"""Events that are shown and never logged: a later one repeats their content, or nobody answers for
it, as for what a model thinks aloud."""
