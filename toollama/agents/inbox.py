"""What the user adds to a request while it is served, until the run takes it or gives it back.

Every text becomes an event when it comes and one when it is settled, so that none is lost. What a
text means is `amendments`; what it changes is `steering`.
"""

from collections.abc import Mapping

from toollama.events import Bus
from toollama.events.payloads import AmendmentReceived, AmendmentSettled
from toollama.text import visible


class Inbox:
    """The amendments of one run. Call every method on the run's event loop."""

    def __init__(
        self, bus: Bus, *, waiting: Mapping[int, str] | None = None, last: int = 0
    ) -> None:
        """Go on after amendment number `last`, with those that wait since the run broke off."""
        self._bus = bus
        self._waiting = dict(waiting or {})
        self._last = last
        self._closed = False

    def put(self, text: str) -> int | None:
        """Take in a text and return its number; None once the run takes in nothing more."""
        if self._closed:
            return None
        self._last += 1
        said = visible(text.strip())
        self._bus.emit(AmendmentReceived(amendment=self._last, text=said))
        self._waiting[self._last] = said
        return self._last

    def first(self) -> tuple[int, str] | None:
        """Return what waits longest, or None."""
        return next(iter(self._waiting.items()), None)

    def take(self, number: int) -> str | None:
        """Return a text, which waits no more; None where it was settled already."""
        return self._waiting.pop(number, None)

    def withdraw(self, number: int) -> bool:
        """Take a text back that the run has not taken yet; return whether it could be."""
        text = self.take(number)
        if text is not None:
            self._settle(number, text, outcome="withdrawn")
        return text is not None

    def defer(self, number: int, *, reason: str) -> None:
        """Leave a text to the request after this one."""
        if (text := self.take(number)) is not None:
            self._settle(number, text, outcome="deferred", reason=reason)

    def close(self, *, reason: str) -> None:
        """Take in nothing more, and give back what waits."""
        self._closed = True
        for number in list(self._waiting):
            self.defer(number, reason=reason)

    def _settle(self, number: int, text: str, **how: object) -> None:
        self._bus.emit(AmendmentSettled.model_validate({"amendment": number, "text": text, **how}))
