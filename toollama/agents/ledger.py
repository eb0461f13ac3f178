"""Keeps count of what a run spends and refuses what its budget does not cover.

Whoever is about to spend asks first, so a limit is never passed by more than what was under way.
A refusal is an event, once per unit, and marks the run as ended by its budget.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from toollama.agents.budget import Budget, Unit
from toollama.clock import Clock
from toollama.errors import BudgetSpent, RunFailed
from toollama.events import Bus
from toollama.events.payloads import BudgetRefused

_INSTANT_S = 0.001
"""Less time than this is none: timers fire within the resolution of the loop's clock."""


@dataclass(slots=True)
class Grant:
    """Tokens that one inference may write."""

    tokens: int
    used: int = 0
    """Set by the one who was granted them, before the grant ends."""


class Ledger:
    """The accounts of one run."""

    def __init__(self, budget: Budget, clock: Clock, bus: Bus) -> None:
        self.budget = budget
        self._clock = clock
        self._bus = bus
        self._started_s = clock.monotonic_s()
        self._spent: dict[Unit, float] = {"calls": 0, "tokens": 0, "swaps": 0, "seconds": 0}
        self._by_task: Counter[tuple[str | None, Unit]] = Counter()
        self._reserved_tokens = 0
        self.refused: dict[Unit, BudgetSpent] = {}
        """Units that something was refused for; empty while the budget is enough."""

    def spent(self, unit: Unit) -> float:
        """Return what was spent of a unit so far."""
        if unit == "seconds":
            return self._clock.monotonic_s() - self._started_s
        return self._spent[unit]

    def spent_by(self, task_no: int, unit: Unit) -> int:
        """Return what one task spent of a unit that is counted."""
        return self._by_task[str(task_no), unit]

    def left(self, unit: Unit) -> float | None:
        """Return what is left of a unit, at least 0; None without a limit."""
        limit = self.budget.limit(unit)
        return None if limit is None else max(limit - self.spent(unit), 0.0)

    def spend(self, unit: Unit) -> None:
        """Take one of a unit. Raises `BudgetSpent` where none is left."""
        left = self.left(unit)
        if left is not None and left < 1:
            raise self._refuse(unit)
        self._take(unit, 1)

    @contextmanager
    def tokens(self, wanted: int) -> Iterator[Grant]:
        """Reserve tokens for one inference; what it does not use is free again afterwards.

        Raises `BudgetSpent` where no token or no time is left.
        """
        if self._out_of_time():
            raise self._refuse("seconds")
        left = self.left("tokens")
        grant = Grant(wanted if left is None else min(wanted, int(left) - self._reserved_tokens))
        if grant.tokens <= 0:
            raise self._refuse("tokens")
        self._reserved_tokens += grant.tokens
        try:
            yield grant
        finally:
            self._reserved_tokens -= grant.tokens
            self._take("tokens", grant.used)

    @asynccontextmanager
    async def in_time(self, deadline_s: float | None = None) -> AsyncIterator[None]:
        """End the block when the run's seconds are spent, or after `deadline_s` of its own.

        Raises `BudgetSpent` for the one and `RunFailed` (`task.deadline`) for the other.
        """
        bounds = [bound for bound in (self.left("seconds"), deadline_s) if bound is not None]
        try:
            async with asyncio.timeout(min(bounds, default=None)) as bound:
                yield
        except TimeoutError as error:
            if not bound.expired():
                raise
            if self._out_of_time():
                raise self._refuse("seconds") from error
            raise RunFailed(
                f"it was not done within its {deadline_s:g} s",
                fix="give the task more time",
                code="task.deadline",
            ) from error

    def _take(self, unit: Unit, amount: int) -> None:
        self._spent[unit] += amount
        self._by_task[self._bus.span_here().task_id, unit] += amount

    def _out_of_time(self) -> bool:
        left = self.left("seconds")
        return left is not None and left <= _INSTANT_S

    def _refuse(self, unit: Unit) -> BudgetSpent:
        limit = self.budget.limit(unit) or 0
        if unit not in self.refused:
            self.refused[unit] = BudgetSpent(
                f"the run's budget of {limit:g} {unit} is spent",
                fix=f"allow more with --budget {unit}={max(2 * limit, 1):g}",
            )
            self._bus.emit(BudgetRefused(unit=unit, limit=limit, spent=self.spent(unit)))
        return self.refused[unit]
