"""What the Observer saw, as the pane lists it: newest last, each with its events. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from toollama.errors import InputError
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
    suggestion: payloads.Suggestion | None = None


def insight_line(
    event: Event, payload: payloads.Payload, *, started_s: float
) -> InsightLine | None:
    """Return an insight, a gate verdict or a spent budget as a line; None for all else."""
    at_s = max(event.ts.timestamp() - started_s, 0.0)
    match payload:
        case payloads.Insight():
            events = tuple(payload.events) or (event.seq,)
            message = visible(payload.message)
            kind = one_line(payload.kind)
            return InsightLine(
                event.seq, at_s, payload.severity, kind, message, events, payload.suggestion
            )
        case payloads.GateDecided():
            found = ", ".join(f"{name}: {said}" for name, said in payload.checks.items())
            message = one_line(f"{payload.verdict}: {found}", 300)
            severity = _GATE.get(payload.verdict, "info")
            return InsightLine(event.seq, at_s, severity, one_line("gate"), message, (event.seq,))
        case _:
            return None


def told(line: InsightLine) -> Visible:
    """Return an insight with the commands that show its events and follow it."""
    events = " ".join(map(str, line.events))
    done = f" → {advice(line.suggestion)} (/apply {line.seq})" if line.suggestion else ""
    return visible(f"{line.kind}: {line.message} (/event {events}){done}")


def suggested(lines: Sequence[InsightLine], seq: int | None) -> payloads.Suggestion:
    """Return what the insight numbered `seq` suggests, or the newest that suggests something.

    Raises `InputError` where none does.
    """
    made = [line for line in lines if line.suggestion and seq in (None, line.seq)]
    if not made or made[-1].suggestion is None:
        what = "no insight suggests anything" if seq is None else f"insight {seq} suggests nothing"
        raise InputError(what, fix="/observer lists them")
    return made[-1].suggestion


def advice(suggestion: payloads.Suggestion) -> Visible:
    """Return in words what applying a suggestion does."""
    match suggestion.what:
        case "retry_task":
            said = f"run task {suggestion.task} again, with what needs it"
        case "stop_task":
            said = f"stop task {suggestion.task}"
        case "leave_out_tool":
            said = f"run task {suggestion.task} again without {suggestion.tool}"
        case "raise_budget":
            said = f"ask again with {suggestion.limit or 0:g} {suggestion.unit}"
        case "pin_model":
            said = f"give every role {suggestion.model} from the next request on"
    return one_line(said, 120)
