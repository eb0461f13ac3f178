"""What a run that was cut short has finished: a fold of its log. Pure.

It hands out each logged result once, in the order in which it was logged, so a step that was done
twice is replayed twice. It never decides what is to be done about a call whose outcome is unknown.
"""

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from json import dumps
from typing import Any

from pydantic_core import to_jsonable_python

from toollama.agents.messages import EvidenceRecord
from toollama.events import Event
from toollama.events.payloads import (
    AmendmentReceived,
    AmendmentSettled,
    Checkpoint,
    EvidenceAdded,
    InferenceCompleted,
    ToolCallCompleted,
    ToolCallFailed,
    ToolCallRequested,
    ToolCallStarted,
    Usage,
    total_usage,
)


@dataclass(slots=True)
class LoggedCall:
    """One tool call as the log tells it. Without result and failure its outcome is unknown."""

    call_id: str
    tool: str
    key: str
    arguments: Mapping[str, Any]
    task_id: str | None
    started: bool = False
    result: Mapping[str, Any] | None = None
    failure: ToolCallFailed | None = None

    @property
    def acted(self) -> bool:
        """Return whether the tool itself was reached."""
        return self.started or self.result is not None or self.failure is not None

    @property
    def evidence(self) -> Sequence[str]:
        """Return the ids of the evidence that it brought."""
        return () if self.result is None else tuple(self.result["evidence"])


@dataclass(slots=True)
class Journal:
    """The results that are there already; empty for a run that begins."""

    calls: list[LoggedCall] = field(default_factory=list)
    evidence: dict[str, EvidenceRecord] = field(default_factory=dict)
    """The texts of finished calls, and those given with the request."""
    usage: Usage = field(default_factory=Usage)
    tool_calls: int = 0
    """How many calls were asked for; call ids go on from here."""
    revisions: deque[Any] = field(default_factory=deque)
    """What amendments have changed, in order."""
    amendments: dict[int, str] = field(default_factory=dict)
    """Those that were received and not settled, by number."""
    last_amendment: int = 0
    _steps: dict[tuple[str, str], deque[Any]] = field(default_factory=lambda: defaultdict(deque))

    def take(self, step: str, key: str) -> Any | None:
        """Return the next logged result of a step and remove it, or None."""
        left = self._steps.get((step, key))
        return left.popleft() if left else None

    def due_revision(self, *, tasks: int) -> Any | None:
        """Return the next revision and remove it, if the plan has as many tasks as it had then."""
        due = self.revisions and self.revisions[0]["after"] == tasks
        return self.revisions.popleft() if due else None

    def claim(
        self, tool: str, key: str, task_id: str | None, *, changes: bool
    ) -> LoggedCall | None:
        """Return the logged call that this one repeats and remove it, or None.

        A call that `changes` something is found by its tool and task even where its arguments
        differ: words that a model writes anew must not be sent or saved a second time.
        """
        same = [call for call in self.calls if call.tool == tool and call.task_id == task_id]
        exact = [call for call in same if call.key == key]
        had_effect = [call for call in same if changes and call.failure is None]
        found = next(iter(exact or had_effect), None)
        if found is not None:
            self.calls.remove(found)
        return found

    def given(self) -> list[EvidenceRecord]:
        """Return the texts that came with the request."""
        return [record for record in self.evidence.values() if not record.tool]

    def evidence_of_task(self, task_id: str) -> list[EvidenceRecord]:
        """Return the texts that the calls of a task brought."""
        ids = [id_ for call in self.calls if call.task_id == task_id for id_ in call.evidence]
        return [self.evidence[id_] for id_ in ids if id_ in self.evidence]

    def finished_steps(self) -> int:
        """Return how many results are there."""
        results = sum(call.result is not None for call in self.calls)
        return results + len(self.revisions) + sum(map(len, self._steps.values()))


def fold(events: Iterable[Event], evidence: Iterable[EvidenceRecord]) -> Journal:
    """Return what the events of one run, in `seq` order, have finished.

    `evidence` is what the store holds; texts of calls that did not finish are left out.
    """
    journal = Journal()
    calls: dict[str, LoggedCall] = {}
    given: set[str] = set()
    for event in events:
        match event.known_payload():
            case ToolCallRequested() as payload:
                call = LoggedCall(
                    payload.call_id,
                    payload.tool,
                    payload.idempotency_key,
                    payload.arguments,
                    event.task_id,
                )
                calls[payload.call_id] = call
            case Checkpoint(step="tool_result", key=call_id, value=value) if call_id in calls:
                calls[call_id].result = value
            case Checkpoint(step="amendment", key=number, value=value):
                journal.revisions.append(value)
                journal.amendments.pop(int(number), None)
            case AmendmentReceived() | AmendmentSettled() as payload:
                _note_amendment(journal, payload)
            case Checkpoint() as payload:
                journal._steps[payload.step, payload.key].append(payload.value)  # noqa: SLF001
            case InferenceCompleted(usage=usage):
                journal.usage = total_usage(journal.usage, usage)
            case EvidenceAdded(evidence_id=evidence_id, tool=""):
                given.add(evidence_id)
            case ToolCallStarted() | ToolCallCompleted() | ToolCallFailed() as payload:
                _advance(calls, payload)
    journal.tool_calls = len(calls)
    journal.calls = [call for call in calls.values() if call.acted]
    kept = given.union(*(call.evidence for call in journal.calls))
    journal.evidence = {record.id: record for record in evidence if record.id in kept}
    return journal


def call_key(tool: str, arguments: Mapping[str, Any]) -> str:
    """Return the sha256 of a tool and its arguments, whatever the order they are named in."""
    return digest([tool, dict(arguments)])


def digest(value: Any) -> str:
    """Return the sha256 of a value's canonical JSON; what JSON lacks stands as its text."""
    plain = to_jsonable_python(value, fallback=str)
    return hashlib.sha256(dumps(plain, sort_keys=True).encode("ascii")).hexdigest()


def _note_amendment(journal: Journal, payload: AmendmentReceived | AmendmentSettled) -> None:
    journal.amendments.pop(payload.amendment, None)
    if isinstance(payload, AmendmentReceived):
        journal.amendments[payload.amendment] = payload.text
    journal.last_amendment = max(journal.last_amendment, payload.amendment)


def _advance(
    calls: Mapping[str, LoggedCall], payload: ToolCallStarted | ToolCallCompleted | ToolCallFailed
) -> None:
    call = calls.get(payload.call_id)
    if call is None:
        return
    call.started = call.started or isinstance(payload, ToolCallStarted)
    if isinstance(payload, ToolCallFailed):
        call.failure = payload
