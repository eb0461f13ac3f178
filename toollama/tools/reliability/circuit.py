"""Leave a service alone that keeps failing, and try it again with one call. Pure.

A circuit is closed while calls pass, open while they fail at once, and half open while one trial
tells which of both comes next (https://martinfowler.com/bliki/CircuitBreaker.html).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

FAILURES_TO_OPEN = 5
OPEN_S = 60.0


@dataclass(frozen=True, slots=True)
class Circuit:
    """The state of one service. Times are monotonic seconds."""

    failures: int = 0
    """In a row."""
    opened_at_s: float | None = None
    on_trial: bool = False

    def wait_s(self, now_s: float) -> float:
        """Return the seconds for which calls must fail; 0 where one may be made."""
        if self.opened_at_s is None:
            return 0.0
        left_s = self.opened_at_s + OPEN_S - now_s
        return max(left_s, 1.0) if self.on_trial else max(left_s, 0.0)

    def entered(self) -> "Circuit":
        """Return the state while an admitted call is made."""
        return self if self.opened_at_s is None else replace(self, on_trial=True)

    def succeeded(self) -> "Circuit":
        """Return the state after the service answered."""
        return Circuit()

    def failed(self, now_s: float) -> "Circuit":
        """Return the state after the service did not answer."""
        failures = self.failures + 1
        opens = failures >= FAILURES_TO_OPEN
        return Circuit(failures, now_s if opens else None)

    def abandoned(self) -> "Circuit":
        """Return the state after a call that tells nothing of the service."""
        return replace(self, on_trial=False)


class Circuits:
    """The circuits of one process, by provider."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._by_provider: dict[str, Circuit] = {}

    def of(self, provider: str) -> Circuit:
        """Return the state of a provider's circuit."""
        return self._by_provider.get(provider, Circuit())

    def enter(self, provider: str) -> float:
        """Begin a call and return 0, or return the seconds for which none may be made."""
        circuit = self.of(provider)
        wait_s = circuit.wait_s(self._monotonic_s())
        if not wait_s:
            self._by_provider[provider] = circuit.entered()
        return wait_s

    def succeeded(self, provider: str) -> None:
        """Note that the provider answered."""
        self._by_provider.pop(provider, None)

    def failed(self, provider: str) -> None:
        """Note that the provider did not answer."""
        self._by_provider[provider] = self.of(provider).failed(self._monotonic_s())

    def abandoned(self, provider: str) -> None:
        """Note that a call ended without telling anything of the provider."""
        self._by_provider[provider] = self.of(provider).abandoned()
