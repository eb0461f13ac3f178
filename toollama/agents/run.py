"""One run: what every member of the hierarchy works with, and what the run has used so far."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from toollama.agents.crew import TRUST, Tier, Trust
from toollama.agents.messages import EvidenceRecord, Request
from toollama.agents.pool import ModelPool
from toollama.agents.roles import Staff
from toollama.clock import Clock
from toollama.events import Bus
from toollama.events.payloads import EvidenceAdded, Usage
from toollama.models.spec import ModelSpec, RoleSpec
from toollama.policy import Effect, Taint
from toollama.tools.base import ToolContext
from toollama.tools.registry import Registry


@dataclass(frozen=True, slots=True)
class Member:
    """One role of the crew with the model that plays it."""

    role: RoleSpec
    model: ModelSpec
    tier: Tier

    @property
    def trust(self) -> Trust:
        """Return what this model is asked to decide."""
        return TRUST[self.tier]


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A call that a person must allow."""

    tool: str
    arguments: Mapping[str, object]
    reason: str
    effects: frozenset[Effect]


Approve = Callable[[ApprovalRequest], Awaitable[bool]]
KeepEvidence = Callable[[EvidenceRecord], None]
"""Stores the text of an evidence."""


@dataclass(slots=True, kw_only=True)
class Run:
    """The state of one request on its way down and up the hierarchy."""

    request: Request
    bus: Bus
    clock: Clock
    pool: ModelPool
    crew: Mapping[str, Member]
    registry: Registry
    tools: ToolContext
    roles: Mapping[str, RoleSpec] = field(default_factory=dict)
    """Every role of models.toml."""
    staff: Staff = field(init=False)
    """Who takes a task and who makes a call."""
    approve: Approve | None = None
    granted: frozenset[Effect] = frozenset()
    keep_evidence: KeepEvidence | None = None
    evidence: dict[str, EvidenceRecord] = field(default_factory=dict)
    taint: frozenset[Taint] = frozenset()
    """Only ever grows."""
    tool_calls: int = 0
    usage: Usage = field(default_factory=Usage)
    said: list[str] = field(default_factory=list)
    """The pieces of the answer that are out already."""

    def __post_init__(self) -> None:
        """Let the roles take their places."""
        self.staff = Staff(self.roles, self.registry, asked_for=self.request.role)

    def member(self, role: str) -> Member:
        """Return who plays a role, such as `camina` or `drummer.search`."""
        return self.crew[role]

    def add_evidence(self, record: EvidenceRecord) -> str:
        """Number a text, keep it, and raise the taint it brings. Returns its id."""
        digest = hashlib.sha256(record.text.encode("utf-8", "replace")).hexdigest()
        numbered = record.model_copy(update={"id": f"E{len(self.evidence) + 1}"})
        self.evidence[numbered.id] = numbered
        self.taint |= {
            taint
            for taint, present in (
                (Taint.UNTRUSTED, record.untrusted),
                (Taint.PRIVATE, record.private),
            )
            if present
        }
        if self.keep_evidence:
            self.keep_evidence(numbered)
        self.bus.emit(
            EvidenceAdded(
                evidence_id=numbered.id,
                title=record.title,
                locator=record.locator,
                sha256=digest,
                characters=len(record.text),
                untrusted=record.untrusted,
                tool=record.tool,
            )
        )
        return numbered.id

    def spend(self, usage: Usage) -> None:
        """Add what one inference used."""
        self.usage = Usage(
            input_tokens=self.usage.input_tokens + usage.input_tokens,
            output_tokens=self.usage.output_tokens + usage.output_tokens,
            cached_tokens=self.usage.cached_tokens + usage.cached_tokens,
            forced_tokens=self.usage.forced_tokens + usage.forced_tokens,
        )
