"""One run: what every member of the hierarchy works with, and what the run has used so far."""

import hashlib
import itertools
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from toollama.agents.crew import TRUST, Tier, Trust
from toollama.agents.inbox import Inbox
from toollama.agents.injection import orders_in
from toollama.agents.journal import Journal
from toollama.agents.ledger import Ledger
from toollama.agents.loops import CallBook
from toollama.agents.messages import EvidenceRecord, Request
from toollama.agents.pool import ModelPool
from toollama.agents.questions import Clarify
from toollama.agents.recording import Recording
from toollama.agents.roles import Staff
from toollama.clock import Clock
from toollama.errors import ModelError
from toollama.events import Bus
from toollama.events.payloads import EvidenceAdded, Insight, Usage, total_usage
from toollama.models.spec import ModelSpec, RoleSpec
from toollama.policy import Effect, Taint
from toollama.tools.base import ToolContext
from toollama.tools.registry import Registry

if TYPE_CHECKING:
    from toollama.agents.manager import TaskManager


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
    ledger: Ledger
    pool: ModelPool
    crew: Mapping[str, Member]
    registry: Registry
    tools: ToolContext
    roles: Mapping[str, RoleSpec] = field(default_factory=dict)
    """Every role of models.toml."""
    staff: Staff = field(init=False)
    """Who takes a task and who makes a call."""
    approve: Approve | None = None
    clarify: Clarify | None = None
    granted: frozenset[Effect] = frozenset()
    keep_evidence: KeepEvidence | None = None
    evidence: dict[str, EvidenceRecord] = field(default_factory=dict)
    taint: frozenset[Taint] = frozenset()
    """Only ever grows."""
    tool_calls: int = 0
    usage: Usage = field(default_factory=Usage)
    book: CallBook = field(default_factory=CallBook)
    """The calls made, so that none is made twice."""
    tasks: "TaskManager | None" = None
    """Set once there is a plan to work on."""
    inbox: Inbox = field(init=False)
    """What the user adds while the run goes on."""
    asked: bool = False
    """The one question that a run may ask back was asked."""
    said: list[str] = field(default_factory=list)
    """The pieces of the answer that are out already."""
    heeded: bool = False
    """A model was told what the user wants of every answer."""
    journal: Journal = field(default_factory=Journal)
    """What was finished before the run was resumed."""
    recording: Recording = field(default_factory=Recording)
    """What tools answered in the run that this one does again without asking them."""
    first_evidence_no: int = 1
    """Ids stay citable through a conversation, so a later turn counts on."""

    def __post_init__(self) -> None:
        """Let the roles take their places, and take in what waited when the run broke off."""
        self.inbox = Inbox(
            self.bus, waiting=self.journal.amendments, last=self.journal.last_amendment
        )
        self.staff = Staff(self.roles, self.registry, asked_for=self.request.role)

    def member(self, role: str) -> Member:
        """Return who plays a role, such as `camina` or `drummer.search`."""
        return self.crew[role]

    def above(self, member: Member) -> Member | None:
        """Return who leads, where that is another model of a higher tier that fills arguments."""
        try:
            leader = self.member("camina")
        except ModelError:
            return None
        higher = leader.tier > member.tier and leader.trust.fills_arguments
        return leader if higher and leader.model.id != member.model.id else None

    def add_evidence(self, record: EvidenceRecord) -> str:
        """Number a text, keep it, and raise the taint it brings. Returns its id."""
        digest = hashlib.sha256(record.text.encode("utf-8", "replace")).hexdigest()
        numbered = record.model_copy(update={"id": self._free_evidence_id()})
        self._admit(numbered)
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
        if orders := orders_in(record.text):
            self.bus.emit(
                Insight(
                    severity="warning",
                    kind="injection",
                    message=f"{numbered.id} gives orders, which nobody follows: “{orders}”",
                )
            )
        return numbered.id

    def restore(self, records: Iterable[EvidenceRecord]) -> None:
        """Have texts at hand that are in the log already, under their ids."""
        for record in records:
            self._admit(record)
        self.evidence = dict(sorted(self.evidence.items(), key=lambda item: int(item[0][1:])))

    def _admit(self, record: EvidenceRecord) -> None:
        self.evidence[record.id] = record
        self.taint |= {
            taint
            for taint, present in (
                (Taint.UNTRUSTED, record.untrusted),
                (Taint.PRIVATE, record.private),
            )
            if present
        }

    def _free_evidence_id(self) -> str:
        taken = self.evidence.keys() | self.journal.evidence.keys()
        numbers = itertools.count(self.first_evidence_no)
        return next(id_ for id_ in (f"E{number}" for number in numbers) if id_ not in taken)

    def spend(self, usage: Usage) -> None:
        """Add what one inference used."""
        self.usage = total_usage(self.usage, usage)
