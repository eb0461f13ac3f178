"""The fold from events to a tree: which event begins, changes or ends which node. Pure.

Events nest by `span_id` and `parent_span_id`. What this version does not understand is left out;
what lacks its parent hangs below the run.
"""

from functools import singledispatchmethod
from json import dumps

from pydantic import ValidationError

from toollama.events import TERMINAL_TYPES, Event, payloads
from toollama.store.draft import HOLDERS, Draft, Spans
from toollama.store.node import Node, NodeKind, NodeStatus, RunTree
from toollama.text import Visible

_CANCELLED_CODES = frozenset({"run.cancelled", "CancelledError", "KeyboardInterrupt"})
_GATE_STATUS: dict[str, NodeStatus] = {"pass": "ok", "fail": "failed"}


class Fold:
    """The drafts so far, and which of them later events may end."""

    def __init__(self) -> None:
        self._spans = Spans()
        self._first: Event | None = None
        self._root: Draft | None = None
        self._open: dict[tuple[str, str], Draft] = {}
        """Calls by span and call id, inferences by span, loads by model."""
        self._ended = False

    def take(self, event: Event) -> None:
        """Let one event change the drafts."""
        self._first = self._first or event
        self._spans.learn(event)
        self._ended = self._ended or event.type in TERMINAL_TYPES
        try:
            payload = event.payload()
        except (KeyError, ValidationError):  # a newer version wrote it
            return
        self._apply(payload, event)

    def tree(self) -> RunTree:
        """Return the tree of what was taken; for no event at all, a run without a name."""
        if self._first is None:
            return RunTree(run_id="", root=Node(kind="run", label=Visible(""), status="running"))
        root = self._run(self._first)
        self._spans.attach_all(root)
        return RunTree(run_id=self._first.run_id, root=root.finished(run_ended=self._ended))

    @singledispatchmethod
    def _apply(self, payload: payloads.Payload, event: Event) -> None:
        """Leave out the events that the tree does not show."""

    @_apply.register
    def _(self, payload: payloads.RunStarted, event: Event) -> None:
        self._run(event).label = payload.prompt

    @_apply.register
    def _(self, payload: payloads.RunCompleted, event: Event) -> None:
        run = self._run(event)
        run.end("ok", payload.duration_s)
        run.detail = "" if payload.status == "complete" else payload.status

    @_apply.register
    def _(self, payload: payloads.RunFailed, event: Event) -> None:
        run = self._run(event)
        run.end("failed", payload.duration_s)
        run.detail = f"{payload.code}: {payload.message}"

    @_apply.register
    def _(self, payload: payloads.RunCancelled, event: Event) -> None:
        run = self._run(event)
        run.end("cancelled", payload.duration_s)
        run.detail = payload.reason

    @_apply.register
    def _(self, payload: payloads.AgentStarted, event: Event) -> None:
        if event.agent is not None:
            agent = self._add(event.agent.role, event, event.agent.name)
            agent.detail = payload.doing

    @_apply.register
    def _(self, payload: payloads.AgentCompleted, event: Event) -> None:
        agent = self._agent(event)
        if agent is not None:
            agent.end("ok", payload.duration_s)
            agent.detail = payload.summary or agent.detail

    @_apply.register
    def _(self, payload: payloads.AgentFailed, event: Event) -> None:
        agent = self._agent(event)
        if agent is not None:
            agent.end(_failed(payload.code), payload.duration_s)
            agent.detail = _join(agent.detail, f"{payload.code}: {payload.message}")

    @_apply.register
    def _(self, payload: payloads.TaskStarted, event: Event) -> None:
        agent = self._agent(event)
        if agent is not None and agent.kind == "belter":
            agent.detail = agent.detail or payload.ask

    @_apply.register
    def _(self, payload: payloads.InferenceStarted, event: Event) -> None:
        inference = self._begin("inference", event, "inference", key=(event.span_id, ""))
        inference.detail = f"{payload.model} {payload.purpose}"

    @_apply.register
    def _(self, payload: payloads.InferenceCompleted, event: Event) -> None:
        inference = self._finish("inference", event, "inference", key=(event.span_id, ""))
        cancelled = payload.finish_reason == "cancelled"
        inference.end("cancelled" if cancelled else "ok", payload.duration_s)
        usage = payload.usage
        speed = usage.tokens_per_second
        inference.detail = _join(
            f"{payload.model} {payload.purpose}",
            f"{usage.input_tokens} in, {usage.output_tokens} out",
            "" if speed is None else f"{speed:.1f} tok/s",
        )

    @_apply.register
    def _(self, payload: payloads.InferenceFailed, event: Event) -> None:
        inference = self._finish("inference", event, "inference", key=(event.span_id, ""))
        inference.end(_failed(payload.code), _seconds_since(inference, event))
        what = f"{payload.model} {payload.purpose}"
        inference.detail = _join(what, f"{payload.code}: {payload.message}")

    @_apply.register
    def _(self, payload: payloads.ToolCallRequested, event: Event) -> None:
        call = self._call(payload.call_id, payload.tool, event)
        call.detail = _join(*(f"{name}={_json(v)}" for name, v in payload.arguments.items()))

    @_apply.register
    def _(self, payload: payloads.ToolApprovalDecided, event: Event) -> None:
        if payload.verdict != "allow" or payload.by == "user":
            self._note("approval", event, f"{payload.verdict} by {payload.by}", payload.reason)

    @_apply.register
    def _(self, payload: payloads.ToolCallStarted, event: Event) -> None:
        self._call(payload.call_id, payload.tool, event)

    @_apply.register
    def _(self, payload: payloads.ToolCallCompleted, event: Event) -> None:
        call = self._call(payload.call_id, payload.tool, event)
        call.end("ok", payload.duration_s)
        if payload.status == "empty":
            call.detail = _join(call.detail, "nothing found")

    @_apply.register
    def _(self, payload: payloads.ToolCallFailed, event: Event) -> None:
        call = self._call(payload.call_id, payload.tool, event)
        call.end(_failed(payload.code), payload.duration_s)
        call.detail = _join(call.detail, f"{payload.code}: {payload.message}")

    @_apply.register
    def _(self, payload: payloads.ModelLoadStarted, event: Event) -> None:
        load = self._begin("load", event, f"load {payload.model}", key=("load", payload.model))
        load.detail = payload.reason

    @_apply.register
    def _(self, payload: payloads.ModelLoadCompleted, event: Event) -> None:
        load = self._finish("load", event, f"load {payload.model}", key=("load", payload.model))
        load.end("ok", payload.duration_s)
        budget = payload.budget_bytes
        within = "" if budget is None else f" of {_size(budget)}"
        load.detail = f"resident {_size(payload.resident_bytes)}{within}"

    @_apply.register
    def _(self, payload: payloads.ModelLoadFailed, event: Event) -> None:
        load = self._finish("load", event, f"load {payload.model}", key=("load", payload.model))
        load.end(_failed(payload.code), _seconds_since(load, event))
        load.detail = f"{payload.code}: {payload.message}"

    @_apply.register
    def _(self, payload: payloads.ModelLoadRungFailed, event: Event) -> None:
        load = self._finish("load", event, f"load {payload.model}", key=("load", payload.model))
        load.end(_failed(payload.code), _seconds_since(load, event))
        load.detail = f"{payload.rung} of {payload.rungs}: {payload.message}"

    @_apply.register
    def _(self, payload: payloads.ModelUnloaded, event: Event) -> None:
        resident = f"resident {_size(payload.resident_bytes)}"
        self._note("unload", event, payload.model, _join(payload.reason, resident))

    @_apply.register
    def _(self, payload: payloads.Rung, event: Event) -> None:
        self._note("rung", event, payload.rung, f"{payload.error_class}: {payload.reason}")

    @_apply.register
    def _(self, payload: payloads.GateDecided, event: Event) -> None:
        checks = _join(*(f"{name}: {found}" for name, found in payload.checks.items()))
        gate = self._note("gate", event, payload.verdict, checks)
        gate.status = _GATE_STATUS.get(payload.verdict, "noted")

    @_apply.register
    def _(self, payload: payloads.Warned, event: Event) -> None:
        self._note("warning", event, "", payload.message)

    def _run(self, event: Event) -> Draft:
        if self._root is None:
            self._root = self._add("run", event, event.run_id)
        return self._root

    def _agent(self, event: Event) -> Draft | None:
        owner = self._spans.owner(event.span_id)
        return owner if owner is not None and owner.kind in HOLDERS - {"run"} else None

    def _call(self, call_id: str, tool: str, event: Event) -> Draft:
        key = (event.span_id, f"call {call_id}")
        return self._open.get(key) or self._begin("tool", event, tool, key=key)

    def _add(self, kind: NodeKind, event: Event, label: str) -> Draft:
        return self._spans.add(Draft(kind, event.span_id, label, event.ts))

    def _begin(self, kind: NodeKind, event: Event, label: str, *, key: tuple[str, str]) -> Draft:
        self._open[key] = self._add(kind, event, label)
        return self._open[key]

    def _finish(self, kind: NodeKind, event: Event, label: str, *, key: tuple[str, str]) -> Draft:
        begun = self._open.get(key) or self._begin(kind, event, label, key=key)
        del self._open[key]
        return begun

    def _note(self, kind: NodeKind, event: Event, word: str, detail: str) -> Draft:
        note = self._add(kind, event, f"{kind} {word}")
        note.status = "noted"
        note.detail = detail
        return note


def _failed(code: str) -> NodeStatus:
    return "cancelled" if code in _CANCELLED_CODES else "failed"


def _seconds_since(draft: Draft, event: Event) -> float:
    return max((event.ts - draft.started_at).total_seconds(), 0.0)


def _join(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _json(value: object) -> str:
    return dumps(value, ensure_ascii=False, default=str)


def _size(size_bytes: int) -> str:
    in_mib = size_bytes / 2**20
    return f"{in_mib:.0f} MiB" if in_mib < 1024 else f"{in_mib / 1024:.1f} GiB"
