"""Turns on the models: one inference at a time, in the order the scheduler gives.

Owns loading and unloading. Every model load of a run happens here, after `schedule` has chosen who
runs next and who leaves.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from toollama import schedule
from toollama.errors import ToolLamaError
from toollama.events import Bus
from toollama.events.bus import Span
from toollama.events.payloads import ModelLoadFailed, ModelUnloaded
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
        self._bus = bus
        self._waiting: list[_Turn] = []
        self._busy = False
        self.loads = 0
        self.swaps = 0
        """Loads that another model had to leave for."""

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
            await self._make_resident(turn)
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

    async def _make_resident(self, turn: _Turn) -> None:
        spec, status = turn.spec, self._engine.status()
        resident = {model.model: model.bytes for model in status.residents}
        if spec.id in resident:
            return
        try:
            leaving = schedule.evictions(
                self._engine.predict_bytes(spec),
                resident,
                budget_bytes=status.budget_bytes,
                next_use=self._next_use(),
            )
            for model in leaving:
                await self._unload(model, f"makes room for {spec.id}", turn.span)
            await self._engine.load(spec, lambda payload: self._bus.emit(payload, span=turn.span))
        except ToolLamaError as error:
            self._bus.emit(
                ModelLoadFailed(model=spec.id, code=error.code, message=error.message),
                span=turn.span,
            )
            raise
        self.loads += 1
        self.swaps += bool(leaving)

    def _next_use(self) -> dict[str, int]:
        """Return how many turns away each waiting model's first use is."""
        uses: dict[str, int] = {}
        for at, waiting in enumerate(self._waiting):
            uses.setdefault(waiting.spec.id, at)
        return uses

    async def _unload(self, model: str, reason: str, span: Span) -> None:
        await self._engine.unload(model)
        self._bus.emit(
            ModelUnloaded(
                model=model,
                reason=reason,
                resident_bytes=self._engine.status().resident_bytes,
            ),
            span=span,
        )
