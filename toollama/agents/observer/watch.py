"""A reader of the event stream that tells of what the detectors see, as events of the same run."""

from toollama.agents.observer.detectors import Detector, detectors
from toollama.events import Agent, Bus, Event

OBSERVER = Agent(id="observer", name="observer", role="observer")


class Watch:
    """A `Bus` subscriber. It must be the last one: what it emits comes after what it saw."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._by_type: dict[str, list[Detector]] = {}
        for detector in detectors():
            for type_ in detector.types:
                self._by_type.setdefault(type_, []).append(detector)

    def __call__(self, event: Event) -> None:
        """Show the event to who wants its type, and emit what they tell."""
        for detector in self._by_type.get(event.type, ()):
            insight = detector.see(event)
            if insight is not None:
                with self._bus.span(agent=OBSERVER):
                    self._bus.emit(insight)
