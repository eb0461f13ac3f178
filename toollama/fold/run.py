"""Everything the screen shows of one run, as a fold over its events. Pure."""

from collections.abc import Iterable
from typing import Any

from toollama.events import TERMINAL_TYPES, Event, payloads
from toollama.fold.amendments import AmendmentsFold
from toollama.fold.answer import AnswerFold
from toollama.fold.insights import InsightLine, insight_line
from toollama.fold.models import ModelsFold
from toollama.fold.plan import PlanFold
from toollama.fold.trace import TraceLine, trace_line
from toollama.fold.usage import UsageFold
from toollama.text import Visible, one_line, visible

KEPT_EVENTS = 5000
"""Events kept to be looked at; older ones are in the log."""


class RunView:
    """The state of all panes after the events taken so far."""

    def __init__(self) -> None:
        self.run_id = ""
        self.prompt = Visible("")
        self.plan = PlanFold()
        self.amendments = AmendmentsFold()
        self.answer = AnswerFold()
        self.models = ModelsFold()
        self.usage = UsageFold()
        self.trace: list[TraceLine] = []
        self.insights: list[InsightLine] = []
        self.sources: list[dict[str, Any]] = []
        self.unsupported: tuple[Visible, ...] = ()
        """Sentences of the answer with a figure or a name that no source has."""
        self.limits: list[Visible] = []
        self.failure: Visible | None = None
        """The one line that says why there is no answer, with its fix."""
        self.ended = False
        self.events: dict[int, Event] = {}
        """By sequence number."""
        self._started_s: float | None = None
        self._last_s = 0.0

    @classmethod
    def of(cls, events: Iterable[Event]) -> "RunView":
        """Return the state after all events of a run."""
        view = cls()
        for event in events:
            view.take(event)
        return view

    @classmethod
    def after(cls, before: "RunView") -> "RunView":
        """Return the state before the next run of the same engine."""
        view = cls()
        view.models = ModelsFold.after(before.models)
        return view

    def take(self, event: Event) -> None:
        """Let one event change the state."""
        self.run_id = event.run_id
        self._last_s = event.ts.timestamp()
        if self._started_s is None:
            self._started_s = self._last_s
        if event.type != payloads.MessageDelta.type:
            self.events[event.seq] = event
            if len(self.events) > KEPT_EVENTS:
                del self.events[next(iter(self.events))]
        payload = event.known_payload()
        self.ended = self.ended or event.type in TERMINAL_TYPES
        if payload is None:
            return
        self.plan.take(event, payload)
        self.amendments.take(payload)
        self.models.take(event, payload)
        self.usage.take(payload)
        self._take_text(payload)
        line = trace_line(event, payload, started_s=self._started_s)
        if line is not None:
            self.trace.append(line)
        insight = insight_line(event, payload, started_s=self._started_s)
        if insight is not None:
            self.insights.append(insight)

    def lose(self, line: str) -> None:
        """End a run whose events stopped without a last one; `line` says why."""
        self.ended = True
        self.failure = one_line(line, 400)
        self.plan.end("failed")
        self.answer.end(self.answer.text)

    @property
    def started_s(self) -> float:
        """Return the POSIX time of the first event; 0 before it."""
        return self._started_s or 0.0

    def elapsed_s(self, *, now_s: float | None = None) -> float:
        """Return seconds from the first event to the last one, or to `now_s` while it runs."""
        if self._started_s is None:
            return 0.0
        end_s = self._last_s if self.ended or now_s is None else now_s
        return max(end_s - self._started_s, 0.0)

    def until_s(self, *, now_s: float | None = None) -> float:
        """Return the POSIX time up to which the run is shown."""
        return self.started_s + self.elapsed_s(now_s=now_s)

    def _take_text(self, payload: payloads.Payload) -> None:
        match payload:
            case payloads.RunStarted():
                self.prompt = visible(payload.prompt)
            case payloads.MessageDelta():
                self.answer.add(visible(payload.text))
            case payloads.MessageCompleted():
                self.answer.end(visible(payload.text))
                self.unsupported = tuple(map(visible, payload.unsupported))
            case payloads.RunCompleted():
                self.answer.end(visible(payload.answer))
                self.sources = payload.sources
                self.limits = [visible(limit) for limit in payload.limits]
            case payloads.RunFailed():
                self.answer.end(self.answer.text or visible(payload.partial))
                self.failure = one_line(
                    f"error[{payload.code}]: {payload.message} — fix: {payload.fix}", 400
                )
            case payloads.RunCancelled():
                self.answer.end(self.answer.text or visible(payload.partial))
                self.failure = one_line(f"stopped: {payload.reason}", 400)
            case _:
                return
