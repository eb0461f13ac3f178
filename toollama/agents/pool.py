"""Turns on the models: one inference at a time, in the order the scheduler gives.

What a turn's model needs to be resident is done by `agents.residency`, before the turn begins.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from toollama import schedule
from toollama.agents.residency import Residency
from toollama.events import Bus
from toollama.events.bus import Span
from toollama.models.engine import Engine
from toollama.models.spec import ModelSpec


@dataclass(slots=True)
class _Turn:
    """One inference that waits for its model."""

    spec: ModelSpec
    span: Span
    passed_over: int = 0
    granted: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class ModelPool:
    """Hands out the engine, one turn at a time."""

    def __init__(self, engine: Engine, bus: Bus) -> None:
        self._engine = engine
        self.residency = Residency(engine, bus)
        self._waiting: list[_Turn] = []
        self._busy = False

    @asynccontextmanager
    async def turn(self, spec: ModelSpec, span: Span) -> AsyncIterator[Engine]:
        """Wait for a turn; the block then has the engine to itself and the model is resident.

        Loads and unloads are events of `span`. Raises `ModelError` where a load fails.
        """
        turn = _Turn(spec, span)
        self._waiting.append(turn)
        self._grant_next()
        try:
            await turn.granted
        except asyncio.CancelledError:
            self._leave(turn)
            raise
        try:
            await self.residency.make_resident(spec, span, next_use=self._next_use())
            yield self._engine
        finally:
            self._busy = False
            self._grant_next()

    def _leave(self, turn: _Turn) -> None:
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif turn.granted.done() and not turn.granted.cancelled():
            self._busy = False
            self._grant_next()

    def _grant_next(self) -> None:
        if self._busy or not self._waiting:
            return
        resident = frozenset(model.model for model in self._engine.status().residents)
        queue = [schedule.Waiting(turn.spec.id, turn.passed_over) for turn in self._waiting]
        turn = self._waiting.pop(schedule.next_turn(queue, resident))
        for passed_over in self._waiting:
            passed_over.passed_over += 1
        self._busy = True
        turn.granted.set_result(None)

    def _next_use(self) -> dict[str, int]:
        """Return how many turns away each waiting model's first use is."""
        uses: dict[str, int] = {}
        for at, waiting in enumerate(self._waiting):
            uses.setdefault(waiting.spec.id, at)
        return uses
