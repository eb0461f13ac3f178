"""What the Observer saw, as the pane lists it: newest last, each with its events. Pure."""

from dataclasses import dataclass
from typing import Literal

from toollama.events import Event, payloads
from toollama.text import Visible, one_line, visible

Severity = Literal["info", "warning", "critical"]
_GATE: dict[str, Severity] = {"pass": "info", "warn": "warning", "fail": "critical"}


@dataclass(frozen=True, slots=True)
class InsightLine:
    """One thing that somebody should know."""

    seq: int
    at_s: float
    severity: Severity
    kind: Visible
    message: Visible
    events: tuple[int, ...]
    """Sequence numbers of the events that show it."""


def insight_line(
    event: Event, payload: payloads.Payload, *, started_s: float
) -> InsightLine | None:
    """Return an insight, a gate verdict or a spent budget as a line; None for all else."""
    at_s = max(event.ts.timestamp() - started_s, 0.0)
    match payload:
        case payloads.Insight():
            events = tuple(payload.events) or (event.seq,)
            message = visible(payload.message)
            return InsightLine(
                event.seq, at_s, payload.severity, one_line(payload.kind), message, events
            )
        case payloads.GateDecided():
            found = ", ".join(f"{name}: {said}" for name, said in payload.checks.items())
            message = one_line(f"gate {payload.verdict}  {found}", 300)
            severity = _GATE.get(payload.verdict, "info")
            return InsightLine(event.seq, at_s, severity, one_line("gate"), message, (event.seq,))
        case _:
            return None
