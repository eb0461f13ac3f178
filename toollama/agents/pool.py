"""Turns on the models, in the order the scheduler gives; turns of one model run together.

What a turn's model needs to be resident is done by `agents.residency`. A model in use never leaves:
what needs its room waits for it. A run that tells what work it has before it (`expect`) has its
models loaded once for all of it, where the order of the work allows.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

from toollama import schedule
from toollama.agents.residency import Residency
from toollama.errors import ToolLamaError
from toollama.events import Bus
from toollama.events.bus import Span
from toollama.models.engine import Engine
from toollama.models.fit import SEQUENCES
from toollama.models.ladder import Attempt
from toollama.models.spec import ModelSpec
from toollama.schedule import Agenda, Waiting

_PATIENCE_S = 1.0
"""About the time of one load from the page cache: so long a load is put off for work that is about
to come, where putting it off can save a load."""


@dataclass(slots=True)
class _Turn:
    """One inference that waits for its model."""

    spec: ModelSpec
    span: Span
    wanted: Attempt | None
    """The load that its model would like best, if it had to be loaded when the turn arrived."""
    work: str = ""
    """Its key in the agenda."""
    background: bool = False
    passed_over: int = 0
    granted: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class ModelPool:
    """Hands out turns on the engine."""

    def __init__(
        self, engine: Engine, bus: Bus, *, spend_swap: Callable[[], None] = lambda: None
    ) -> None:
        self.engine = engine
        self.residency = Residency(engine, bus, spend_swap=spend_swap)
        self._waiting: list[_Turn] = []
        self._running: Counter[str] = Counter()
        self._loading: str | None = None
        self.agenda = Agenda()
        """The work that is known to come."""
        self._patience: asyncio.TimerHandle | None = None

    def expect(self, agenda: Agenda) -> None:
        """Take note of the work that is to come, in place of what was expected before."""
        self.agenda = agenda
        self._grant_soon()

    def over(self, *works: str) -> None:
        """Take note that these works of the agenda need no turn any more."""
        if any(work in self.agenda for work in works):
            self.agenda = self.agenda.without(works)
            self._grant_soon()

    @asynccontextmanager
    async def turn(
        self, spec: ModelSpec, span: Span, *, work: str = "", background: bool = False
    ) -> AsyncIterator[Engine]:
        """Wait for a turn; the model is resident inside the block, and stays so.

        `work` is what of the agenda it is for; `background` work begins when nobody waits for
        anything else, nor will. Loads and unloads are events of `span`. Raises
        `ModelError` where a load fails.
        """
        turn = _Turn(spec, span, await self._wanted(spec), work, background)
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
            yield self.engine
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
            self._grant_soon()
        elif turn.granted.done() and not turn.granted.cancelled():
            if self._loading == turn.spec.id:
                self._loading = None
            self._end(turn)

    def _end(self, turn: _Turn) -> None:
        self._running[turn.spec.id] -= 1
        self._grant_soon()

    def _grant_soon(self) -> None:
        """Grant once whoever just ended a turn has had time to ask for the next one."""
        asyncio.get_running_loop().call_soon(self._grant)

    def _grant(self, *, patient: bool = True) -> None:
        """Let everybody begin who can begin now. While a model is loaded, nobody can."""
        # A turn whose task was cancelled in this very step still waits here.
        self._waiting = [turn for turn in self._waiting if not turn.granted.cancelled()]
        self._stop_waiting_for_more()
        while self._waiting and self._loading is None:
            turn = self._next_turn(patient=patient)
            if turn is None:
                return
            if not self._is_resident(turn.spec.id):
                if not self._can_load(turn):
                    return
                self._loading = turn.spec.id
            self._waiting.remove(turn)
            for passed_over in self._waiting:
                passed_over.passed_over += 1
            self._running[turn.spec.id] += 1
            turn.granted.set_result(None)

    def _next_turn(self, *, patient: bool) -> _Turn | None:
        at = schedule.next_turn(
            self._queue(),
            frozenset(self._resident_bytes()),
            running=self._running,
            at_once=SEQUENCES,
            agenda=self.agenda,
            displaces={turn.spec.id: self._displaced(turn) for turn in self._waiting},
            patient=patient,
        )
        if at is not None:
            return self._waiting[at]
        if patient and not any(self._running.values()):
            self._patience = asyncio.get_running_loop().call_later(
                _PATIENCE_S, partial(self._grant, patient=False)
            )
        return None

    def _stop_waiting_for_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _queue(self) -> list[Waiting]:
        return [
            Waiting(turn.spec.id, turn.passed_over, turn.work, turn.background)
            for turn in self._waiting
        ]

    def _resident_bytes(self) -> dict[str, int]:
        return {resident.model: resident.bytes for resident in self.engine.status().residents}

    def _is_resident(self, model: str) -> bool:
        return model in self._resident_bytes()

    def _displaced(self, turn: _Turn) -> frozenset[str]:
        """Return who will have to leave for the turn's model, as far as its size is known."""
        leaving = self._resident_bytes()
        budget_bytes = self.engine.status().budget_bytes
        if budget_bytes is None:
            return frozenset()
        if turn.wanted is None:
            return frozenset(leaving)
        stay_bytes = sum(leaving.values()) + turn.wanted.total_bytes
        displaced = set()
        for model in schedule.eviction_order(leaving, self._next_uses()):
            if stay_bytes <= budget_bytes:
                break
            displaced.add(model)
            stay_bytes -= leaving[model]
        return frozenset(displaced)

    def _can_load(self, turn: _Turn) -> bool:
        """Return whether the model has room beside those in use; with none in use, it may try."""
        status = self.engine.status()
        busy = [resident for resident in status.residents if self._running[resident.model]]
        if not busy or turn.wanted is None or status.budget_bytes is None:
            return not busy or status.budget_bytes is None
        busy_bytes = sum(resident.bytes for resident in busy)
        return busy_bytes + turn.wanted.total_bytes <= status.budget_bytes

    async def _load(self, turn: _Turn) -> None:
        busy = {model for model, turns in self._running.items() if turns and model != turn.spec.id}
        try:
            await self.residency.make_resident(
                turn.spec, turn.span, next_use=self._next_uses(), busy=busy
            )
        finally:
            self._loading = None
        self._grant()

    def _next_uses(self) -> dict[str, int]:
        return schedule.next_uses(self._queue(), self.agenda)
