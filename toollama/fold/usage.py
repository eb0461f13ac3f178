"""What the run has spent against what it may spend. Pure."""

from dataclasses import dataclass

from toollama.agents.budget import DEPTH_BUDGETS, Budget
from toollama.events import payloads
from toollama.events.payloads import Usage, total_usage


@dataclass(frozen=True, slots=True)
class Share:
    """One unit of the budget."""

    unit: str
    spent: float
    limit: float | None

    @property
    def fraction(self) -> float:
        """Return how much of it is spent, from 0 to 1; 0 where there is no limit."""
        return min(self.spent / self.limit, 1.0) if self.limit else 0.0


class UsageFold:
    """Tokens, calls and the speed of the model that wrote last."""

    def __init__(self) -> None:
        self.tokens = Usage()
        self.tool_calls = 0
        self.tokens_per_second: float | None = None
        self.budget = DEPTH_BUDGETS["detailed"]

    def take(self, payload: payloads.Payload) -> None:
        """Add what one event tells."""
        match payload:
            case payloads.RunStarted():
                self.budget = _budget(payload)
            case payloads.InferenceCompleted():
                self.tokens = total_usage(self.tokens, payload.usage)
                speed = payload.usage.tokens_per_second
                self.tokens_per_second = self.tokens_per_second if speed is None else speed
            case payloads.ToolCallStarted():
                self.tool_calls += 1
            case _:
                return

    def shares(self, *, swaps: int, elapsed_s: float) -> list[Share]:
        """Return each unit of the budget with what is spent of it."""
        return [
            Share("calls", self.tool_calls, self.budget.calls),
            Share("tokens", self.tokens.output_tokens, self.budget.tokens),
            Share("swaps", swaps, self.budget.swaps),
            Share("seconds", elapsed_s, self.budget.seconds),
        ]


def _budget(started: payloads.RunStarted) -> Budget:
    given = started.request.get("budget")
    if isinstance(given, dict):
        names = ("calls", "tokens", "swaps", "seconds")
        known = {name: value for name, value in given.items() if name in names}
        if all(value is None or isinstance(value, int | float) for value in known.values()):
            return Budget(**known)
    depth = started.request.get("depth", "detailed")
    return DEPTH_BUDGETS.get(depth, DEPTH_BUDGETS["detailed"])
