"""Where each node of a run belongs, worked out from span ids that a log may lack or contradict."""

from dataclasses import dataclass, field
from datetime import datetime

from toollama.events import Event
from toollama.store.node import Node, NodeKind, NodeStatus
from toollama.text import one_line

_LABEL_LIMIT = 80
_DETAIL_LIMIT = 160
_DEEPEST = 64  # spans from the run to a node; a log that nests deeper is broken
HOLDERS = frozenset({"run", "camina", "belter", "drummer", "observer"})
"""Kinds whose spans hold other work."""

_NOTES = frozenset({"load", "unload", "approval", "rung", "gate", "warning"})


@dataclass(slots=True, eq=False)
class Draft:
    """A node that events still change."""

    kind: NodeKind
    span_id: str
    label: str
    started_at: datetime
    status: NodeStatus = "running"
    duration_s: float | None = None
    detail: str = ""
    children: list["Draft"] = field(default_factory=list)

    def end(self, status: NodeStatus, duration_s: float) -> None:
        """Record how and after how long the work ended."""
        self.status = status
        self.duration_s = duration_s

    def finished(self, *, run_ended: bool) -> Node:
        """Return the node with everything below it, its text made visible."""
        abandoned = run_ended and self.status == "running"
        return Node(
            kind=self.kind,
            label=one_line(self.label, _LABEL_LIMIT),
            status="cancelled" if abandoned else self.status,
            duration_s=self.duration_s,
            detail=one_line(self.detail, _DETAIL_LIMIT),
            children=tuple(child.finished(run_ended=run_ended) for child in self.children),
        )


class Spans:
    """The drafts of one run by span, and the parent of every span that an event named."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self._parents: dict[str, str | None] = {}
        self._owners: dict[str, Draft] = {}

    def learn(self, event: Event) -> None:
        """Remember where the event's span lies."""
        self._parents.setdefault(event.span_id, event.parent_span_id)

    def add(self, draft: Draft) -> Draft:
        """Keep the draft. An agent owns its span; any other work does where no agent has it."""
        self.drafts.append(draft)
        if draft.kind in HOLDERS:
            self._owners[draft.span_id] = draft
        elif draft.kind not in _NOTES:
            self._owners.setdefault(draft.span_id, draft)
        return draft

    def owner(self, span_id: str) -> Draft | None:
        """Return the draft whose span this is."""
        return self._owners.get(span_id)

    def attach_all(self, root: Draft) -> None:
        """Hang every draft below the nearest one that may hold it, or else below the root."""
        for draft in self.drafts:
            if draft is not root:
                self._parent(draft, root).children.append(draft)

    def _parent(self, draft: Draft, root: Draft) -> Draft:
        owner = self._owners.get(draft.span_id)
        if owner is not None and owner is not draft and _may_hold(owner, draft):
            return owner
        above = self._spans_above(draft.span_id)
        return next((self._owners[span] for span in above if span in self._owners), root)

    def _spans_above(self, span_id: str) -> list[str]:
        """Return the spans from the parent to the top, or none where they run in a circle."""
        above: list[str] = []
        parent = self._parents.get(span_id)
        while parent is not None:
            if parent == span_id or parent in above or len(above) == _DEEPEST:
                return []
            above.append(parent)
            parent = self._parents.get(parent)
        return above


def _may_hold(owner: Draft, draft: Draft) -> bool:
    """Tell whether the draft lies below the owner of the span that both are in."""
    return owner.kind in HOLDERS or draft.kind in _NOTES
