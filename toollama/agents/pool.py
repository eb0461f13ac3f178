"""Turns on the models, in the order the scheduler gives; turns of one model run together.

Owns loading and unloading. Every model load of a run happens here, after `schedule` has chosen who
runs next and who leaves. A model in use never leaves: what needs its room waits for it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from toollama import schedule
from toollama.errors import ToolLamaError
from toollama.events import Bus
from toollama.events.bus import Span
from toollama.events.payloads import ModelLoadFailed, ModelUnloaded
from toollama.models.engine import SEQUENCES, Engine
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
    """Hands out turns on the engine."""

    def __init__(self, engine: Engine, bus: Bus) -> None:
        self._engine = engine
        self._bus = bus
        self._waiting: list[_Turn] = []
        self._running: Counter[str] = Counter()
        self._loading: str | None = None
        self.loads = 0
        self.swaps = 0
        """Loads that another model had to leave for."""

    @asynccontextmanager
    async def turn(self, spec: ModelSpec, span: Span) -> AsyncIterator[Engine]:
        """Wait for a turn; the model is resident inside the block, and stays so.

        Loads and unloads are events of `span`. Raises `ModelError` where a load fails.
        """
        turn = _Turn(spec, span)
        self._waiting.append(turn)
        self._grant()
        try:
            await turn.granted
        except asyncio.CancelledError:
            self._leave(turn)
            raise
        try:
            if self._loading == spec.id:
                await self._load(turn)
            yield self._engine
        finally:
            self._end(turn)

    def _leave(self, turn: _Turn) -> None:
        """Give up waiting, or a turn that was granted in the same moment."""
        if turn in self._waiting:
            self._waiting.remove(turn)
            self._grant()
        elif turn.granted.done() and not turn.granted.cancelled():
            if self._loading == turn.spec.id:
                self._loading = None
            self._end(turn)

    def _end(self, turn: _Turn) -> None:
        self._running[turn.spec.id] -= 1
        self._grant()

    def _grant(self) -> None:
        """Let everybody begin who can begin now. While a model is loaded, nobody can."""
        while self._waiting and self._loading is None:
            resident = self._residents()
            queue = [schedule.Waiting(turn.spec.id, turn.passed_over) for turn in self._waiting]
            at = schedule.next_turn(
                queue, frozenset(resident), running=self._running, at_once=SEQUENCES
            )
            if at is None:
                return
            turn = self._waiting[at]
            if turn.spec.id not in resident:
                if not self._can_load(turn.spec, resident):
                    return
                self._loading = turn.spec.id
            self._waiting.remove(turn)
            for passed_over in self._waiting:
                passed_over.passed_over += 1
            self._running[turn.spec.id] += 1
            turn.granted.set_result(None)

    def _residents(self) -> dict[str, int]:
        return {model.model: model.bytes for model in self._engine.status().residents}

    def _can_load(self, spec: ModelSpec, resident: dict[str, int]) -> bool:
        """Return whether the model has room beside those in use; with none in use, it may try."""
        budget_bytes = self._engine.status().budget_bytes
        busy_bytes = sum(size for model, size in resident.items() if self._running[model])
        if budget_bytes is None or not busy_bytes:
            return True
        try:
            return busy_bytes + self._engine.predict_bytes(spec) <= budget_bytes
        except ToolLamaError:
            return True  # whoever wants the model is told when it is loaded

    async def _load(self, turn: _Turn) -> None:
        try:
            await self._make_resident(turn)
        finally:
            self._loading = None
        self._grant()

    async def _make_resident(self, turn: _Turn) -> None:
        spec = turn.spec
        resident, budget_bytes = self._residents(), self._engine.status().budget_bytes
        idle = {model: size for model, size in resident.items() if not self._running[model]}
        if budget_bytes is not None:
            budget_bytes -= sum(resident.values()) - sum(idle.values())
        try:
            leaving = schedule.evictions(
                self._engine.predict_bytes(spec),
                idle,
                budget_bytes=budget_bytes,
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
