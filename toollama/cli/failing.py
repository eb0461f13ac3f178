"""Where in the hierarchy a run failed, for the person who must mend it. A fold over its events."""

from typing import TYPE_CHECKING

from toollama.text import one_line

if TYPE_CHECKING:
    from toollama.events import Event

_FAULTS = frozenset({"tool.call.failed", "model.load.failed"})
_DEEPEST = 16


class FailingPath:
    """A subscriber that remembers the last call or load that failed, and who made it."""

    def __init__(self) -> None:
        self._agents: dict[str, str] = {}
        """Agent by span."""
        self._parents: dict[str, str | None] = {}
        self._fault: Event | None = None
        self._retries = 0

    def __call__(self, event: "Event") -> None:
        """Take in one event."""
        self._parents.setdefault(event.span_id, event.parent_span_id)
        if event.agent is not None:
            self._agents.setdefault(event.span_id, event.agent.name)
        if event.type in _FAULTS:
            self._fault = event
        elif event.type == "rung" and event.data.get("rung") == "retry":
            self._retries += 1

    def line(self) -> str:
        """Return `camina › belter.research › weather: no answer, retried 2×`, or nothing."""
        if self._fault is None:
            return ""
        data = self._fault.data
        what = str(data.get("tool") or data.get("model", ""))
        retried = f", retried {self._retries}×" if self._retries else ""
        path = " › ".join([*self._who(self._fault.span_id), what])
        return one_line(f"failed at {path}: {data.get('message', '')}{retried}", 300)

    def _who(self, span_id: str | None) -> list[str]:
        """Return the agents from the top down to a span, each once."""
        names: list[str] = []
        for _ in range(_DEEPEST):
            if span_id is None:
                break
            name = self._agents.get(span_id)
            if name and name not in names:
                names.append(name)
            span_id = self._parents.get(span_id)
        return names[::-1]
