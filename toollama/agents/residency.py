"""Makes models resident: asks the engine how, has others leave, and goes down the ladder.

Every load and unload of a run happens here. Who leaves is decided by `models.ladder`, in the order
that `schedule` gives.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from toollama import schedule
from toollama.errors import ModelDoesNotFit, ToolLamaError
from toollama.events import Bus
from toollama.events.bus import Span
from toollama.events.payloads import ModelLoadFailed, ModelLoadRungFailed, ModelUnloaded
from toollama.models.engine import Engine
from toollama.models.ladder import Attempt, Occupant, exhausted
from toollama.models.spec import ModelSpec


class Residency:
    """Loads and unloads models for those who have a turn; one load at a time."""

    def __init__(
        self, engine: Engine, bus: Bus, *, spend_swap: Callable[[], None] = lambda: None
    ) -> None:
        """Ask `spend_swap` before another model has to leave; it raises where none may."""
        self._engine = engine
        self._bus = bus
        self._spend_swap = spend_swap
        self.loads = 0
        self.swaps = 0
        """Loads that another model had to leave for."""

    async def preferred(self, spec: ModelSpec) -> Attempt | None:
        """Return the load that would be made with nobody in the way; None for a resident model.

        Raises `ModelError` where there is none.
        """
        if self._is_resident(spec.id) and not self._engine.is_stale(spec):
            return None
        attempts = await self._engine.plan_load(spec, self._occupants({}, frozenset()))
        return attempts[0]

    async def make_resident(
        self,
        spec: ModelSpec,
        span: Span,
        *,
        next_use: Mapping[str, int],
        busy: AbstractSet[str] = frozenset(),
    ) -> None:
        """Return once what the model's file holds is in memory.

        `next_use` gives, by model, how many turns away its next use is; a `busy` model stays, and
        keeps what it holds even if its file was replaced. Loads and unloads are events of `span`.
        Raises `ModelError` where no attempt succeeds.
        """
        if self._is_resident(spec.id):
            if spec.id in busy or not self._engine.is_stale(spec):
                return
            await self._unload(spec.id, "its file was replaced", span)
        try:
            attempts = await self._engine.plan_load(spec, self._occupants(next_use, busy))
            made_room = await self._climb(spec, attempts, span)
        except ToolLamaError as error:
            self._bus.emit(
                ModelLoadFailed(model=spec.id, code=error.code, message=error.message), span=span
            )
            raise
        self.loads += 1
        self.swaps += made_room

    async def _climb(self, spec: ModelSpec, attempts: Sequence[Attempt], span: Span) -> bool:
        """Make the attempts in order until one loads; return whether somebody left for it."""
        made_room = False
        for rung, attempt in enumerate(attempts, 1):
            leaving = [model for model in attempt.evict if self._is_resident(model)]
            if leaving and not made_room:
                self._spend_swap()
            for model in leaving:
                await self._unload(model, f"makes room for {spec.id}", span)
                made_room = True
            try:
                await self._engine.load(
                    spec, lambda payload: self._bus.emit(payload, span=span), attempt
                )
            except ModelDoesNotFit as error:
                last = error
                self._bus.emit(_failed(spec, attempt, rung, len(attempts), error), span=span)
            else:
                return made_room
        raise exhausted(spec.id, attempts, last) from last

    def _is_resident(self, model: str) -> bool:
        return any(model == resident.model for resident in self._engine.status().residents)

    def _occupants(self, next_use: Mapping[str, int], busy: AbstractSet[str]) -> list[Occupant]:
        """Return the resident models in the order in which they should leave."""
        residents = {resident.model: resident for resident in self._engine.status().residents}
        order = schedule.eviction_order(
            {model: resident.bytes for model, resident in residents.items()}, next_use
        )
        return [residents[model].occupant(busy=model in busy) for model in order]

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


def _failed(
    spec: ModelSpec, attempt: Attempt, rung: int, rungs: int, error: ModelDoesNotFit
) -> ModelLoadRungFailed:
    return ModelLoadRungFailed(
        model=spec.id,
        rung=rung,
        rungs=rungs,
        code=error.code,
        message=error.message,
        context_tokens=attempt.context_tokens,
        batch=attempt.batch,
        gpu_layers=attempt.gpu_layers,
        gpu_bytes=attempt.gpu_bytes,
        cpu_bytes=attempt.cpu_bytes,
    )
