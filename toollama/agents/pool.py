"""Turns on the models, in the order the scheduler gives; turns of one model run together.

What a turn's model needs to be resident is done by `agents.residency`. A model in use never leaves:
what needs its room waits for it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from toollama import schedule
from toollama.agents.residency import Residency
from toollama.errors import ToolLamaError
from toollama.events import Bus
from toollama.events.bus import Span
from toollama.models.engine import Engine
from toollama.models.fit import SEQUENCES
from toollama.models.ladder import Attempt
from toollama.models.spec import ModelSpec


@dataclass(slots=True)
class _Turn:
    """One inference that waits for its model."""

    spec: ModelSpec
    span: Span
    wanted: Attempt | None
    """The load that its model would like best, if it had to be loaded when the turn arrived."""
    passed_over: int = 0
    granted: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class ModelPool:
    """Hands out turns on the engine."""

    def __init__(
        self, engine: Engine, bus: Bus, *, spend_swap: Callable[[], None] = lambda: None
    ) -> None:
        self._engine = engine
        self.residency = Residency(engine, bus, spend_swap=spend_swap)
        self._waiting: list[_Turn] = []
        self._running: Counter[str] = Counter()
        self._loading: str | None = None

    @asynccontextmanager
    async def turn(self, spec: ModelSpec, span: Span) -> AsyncIterator[Engine]:
        """Wait for a turn; the model is resident inside the block, and stays so.

        Loads and unloads are events of `span`. Raises `ModelError` where a load fails.
        """
        turn = _Turn(spec, span, await self._wanted(spec))
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

    async def _wanted(self, spec: ModelSpec) -> Attempt | None:
        with suppress(ToolLamaError):  # it is told when the model is loaded
            return await self.residency.preferred(spec)
        return None

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
        # A turn whose task was cancelled in this very step still waits here.
        self._waiting = [turn for turn in self._waiting if not turn.granted.cancelled()]
        while self._waiting and self._loading is None:
            resident = frozenset(model.model for model in self._engine.status().residents)
            queue = [schedule.Waiting(turn.spec.id, turn.passed_over) for turn in self._waiting]
            at = schedule.next_turn(queue, resident, running=self._running, at_once=SEQUENCES)
            if at is None:
                return
            turn = self._waiting[at]
            if turn.spec.id not in resident:
                if not self._can_load(turn):
                    return
                self._loading = turn.spec.id
            self._waiting.remove(turn)
            for passed_over in self._waiting:
                passed_over.passed_over += 1
            self._running[turn.spec.id] += 1
            turn.granted.set_result(None)

    def _can_load(self, turn: _Turn) -> bool:
        """Return whether the model has room beside those in use; with none in use, it may try."""
        status = self._engine.status()
        busy = [resident for resident in status.residents if self._running[resident.model]]
        if not busy or turn.wanted is None or status.budget_bytes is None:
            return not busy or status.budget_bytes is None
        busy_bytes = sum(resident.bytes for resident in busy)
        return busy_bytes + turn.wanted.total_bytes <= status.budget_bytes

    async def _load(self, turn: _Turn) -> None:
        busy = {model for model, turns in self._running.items() if turns and model != turn.spec.id}
        try:
            await self.residency.make_resident(
                turn.spec, turn.span, next_use=self._next_use(), busy=busy
            )
        finally:
            self._loading = None
        self._grant()

    def _next_use(self) -> dict[str, int]:
        """Return how many turns away each waiting model's first use is."""
        uses: dict[str, int] = {}
        for at, waiting in enumerate(self._waiting):
            uses.setdefault(waiting.spec.id, at)
        return uses
