"""What tools answered in an earlier run, for a run that does it again without asking them. Pure.

A call is known by its tool and arguments, whoever makes it. Its answers come in the order of the
log, failures too, and the last of them from then on: the same call never reaches the tool.
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from toollama.agents.journal import Journal, LoggedCall, call_key
from toollama.agents.messages import EvidenceRecord
from toollama.tools.base import FailureKind, ToolFailure, ToolResult

RESULT = TypeAdapter(ToolResult)
"""The form in which a tool's result is logged."""
_KIND: TypeAdapter[FailureKind] = TypeAdapter(FailureKind)
_NOT_THE_TOOLS = frozenset({"denied", "interrupted"})
"""Failures that are no answer of the tool's."""


@dataclass(slots=True)
class Recording:
    """The answers of one run; an empty one has none."""

    run_id: str = ""
    used: int = 0
    """How many answers were handed out."""
    _answers: dict[str, deque[LoggedCall]] = field(default_factory=lambda: defaultdict(deque))
    _evidence: Mapping[str, EvidenceRecord] = field(default_factory=dict)

    @classmethod
    def of(cls, run_id: str, journal: Journal) -> "Recording":
        """Return the answers that the whole log of a run holds."""
        recording = cls(run_id, _evidence=journal.evidence)
        for call in journal.calls:
            if call.result or (call.failure and call.failure.code not in _NOT_THE_TOOLS):
                recording._answers[call.key].append(call)
        return recording

    def next_answer(self, tool: str, arguments: Mapping[str, Any]) -> LoggedCall | None:
        """Return the next answer to a call, or None for one that the run never made."""
        known = self._answers.get(call_key(tool, arguments))
        if not known:
            return None
        self.used += 1
        return known.popleft() if len(known) > 1 else known[0]

    def notes(self) -> tuple[str, ...]:
        """Return what a reader must know of the answers that were handed out."""
        if not self.used:
            return ()
        return (f"tools were not asked again: their answers are those of {self.run_id}",)

    def result(self, call: LoggedCall) -> ToolResult | None:
        """Return the result of an answer. Raises the `ToolFailure` that it ended with."""
        return logged_result(call, self._evidence)


def logged_result(call: LoggedCall, evidence: Mapping[str, EvidenceRecord]) -> ToolResult | None:
    """Return the logged result of a call, or None where its outcome is unknown.

    Its long text is that of its first `evidence`. Raises the `ToolFailure` that it ended with.
    """
    if call.failure is not None:
        raise ToolFailure(
            call.failure.message, kind=_failure_kind(call.failure.code), fix=call.failure.fix
        )
    if call.result is None:
        return None
    kept: dict[str, Any] = dict(call.result["result"])
    first = next(iter(call.evidence), "")
    if first in evidence:
        kept["text"] = evidence[first].text
    return RESULT.validate_python(kept)


def _failure_kind(code: str) -> FailureKind:
    try:
        return _KIND.validate_python(code)
    except ValidationError:
        return "internal"
