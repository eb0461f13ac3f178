"""What is read back from the tables. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

RunStatus = Literal["running", "complete", "partial", "failed", "cancelled", "interrupted"]

RUN_COLUMNS = (
    "run_id, started_at, finished_at, status, prompt, answer, exit_code, duration_s, session"
)
EVIDENCE_COLUMNS = "id, title, locator, text, tool, retrieved_at, untrusted, private"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run. `prompt` and `answer` are untrusted text; times are in UTC."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    status: RunStatus
    """`interrupted`: its process ended without saying so."""
    prompt: str
    answer: str
    """What was written before it stopped, where the run did not complete."""
    exit_code: int | None
    duration_s: float | None
    session: str | None
    """The name of its conversation; one without a name has the id of its first run."""

    @classmethod
    def from_columns(cls, columns: Sequence[Any]) -> "RunRow":
        """Return the row of a query for `RUN_COLUMNS`."""
        run_id, started_at, finished_at, status, prompt, answer, exit_code, *rest = columns
        duration_s, session = rest
        return cls(
            run_id=run_id,
            started_at=datetime.fromisoformat(started_at),
            finished_at=datetime.fromisoformat(finished_at) if finished_at else None,
            status=status,
            prompt=prompt,
            answer=answer,
            exit_code=exit_code,
            duration_s=duration_s,
            session=session,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One conversation: runs that go on from one another. Times are in UTC."""

    name: str
    runs: int
    started_at: datetime
    last_at: datetime
    prompt: str
    """What it began with; untrusted text."""

    @classmethod
    def from_columns(cls, columns: Sequence[Any]) -> "SessionRow":
        """Return the row of a query for name, count, first and last start, and first prompt."""
        name, runs, started_at, last_at, prompt = columns
        return cls(
            name=name,
            runs=runs,
            started_at=datetime.fromisoformat(started_at),
            last_at=datetime.fromisoformat(last_at),
            prompt=prompt,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One text that findings are tied to, field by field as `agents.messages.EvidenceRecord`."""

    id: str
    title: str
    locator: str
    text: str
    tool: str = ""
    retrieved_at: str | None = None
    untrusted: bool = False
    private: bool = False

    @classmethod
    def from_columns(cls, columns: Sequence[Any]) -> "EvidenceRow":
        """Return the row of a query for `EVIDENCE_COLUMNS`."""
        evidence_id, title, locator, text, tool, retrieved_at, untrusted, private = columns
        return cls(
            id=evidence_id,
            title=title,
            locator=locator,
            text=text,
            tool=tool,
            retrieved_at=retrieved_at,
            untrusted=bool(untrusted),
            private=bool(private),
        )
