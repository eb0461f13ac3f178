"""Models here and models elsewhere as one engine: a request goes to the engine that holds it.

A model with endpoints is remote, every other one is a file for the engine in this process.
"""

from collections.abc import AsyncGenerator, Sequence

from toollama.models.engine import (
    Delta,
    EmitPayload,
    Engine,
    EngineStatus,
    GenerationRequest,
    Resident,
)
from toollama.models.ladder import Attempt, Occupant
from toollama.models.spec import ModelSpec


class MixedEngine:
    """Two engines as one; implements `models.engine.Engine`."""

    def __init__(self, *, local: Engine, remote: Engine) -> None:
        self._local = local
        self._remote = remote
        self._remote_models: set[str] = set()

    async def plan_load(
        self, spec: ModelSpec, occupants: Sequence[Occupant]
    ) -> tuple[Attempt, ...]:
        """Return the loads to try; what lies elsewhere holds no memory here and stays."""
        return await self._engine_for(spec).plan_load(spec, occupants)

    def is_stale(self, spec: ModelSpec) -> bool:
        """Return whether the file of a resident model was replaced."""
        return self._engine_for(spec).is_stale(spec)

    async def load(
        self, spec: ModelSpec, emit: EmitPayload, attempt: Attempt | None = None
    ) -> Resident:
        """Make the model resident where it belongs."""
        resident = await self._engine_for(spec).load(spec, emit, attempt)
        if spec.endpoints:
            self._remote_models.add(spec.id)
        return resident

    async def unload(self, model: str) -> None:
        """Free the model. A model that is not resident is not an error."""
        await self._holder(model).unload(model)
        self._remote_models.discard(model)

    def generate(self, request: GenerationRequest) -> AsyncGenerator[Delta, None]:
        """Stream one inference of a resident model."""
        return self._holder(request.model).generate(request)

    async def count_tokens(self, model: str, text: str) -> int:
        """Return the length of the text in tokens of a resident model."""
        return await self._holder(model).count_tokens(model, text)

    def context_tokens(self, model: str) -> int:
        """Return the context length of a resident model."""
        return self._holder(model).context_tokens(model)

    def status(self) -> EngineStatus:
        """Return what is resident in both; the budget is that of this machine."""
        local = self._local.status()
        return EngineStatus(local.residents + self._remote.status().residents, local.budget_bytes)

    @property
    def idle(self) -> bool:
        """Return whether nothing runs and nothing waits in either."""
        return self._local.idle and self._remote.idle

    async def close(self) -> None:
        """Stop all work and free every model."""
        try:
            await self._remote.close()
        finally:
            await self._local.close()

    def _engine_for(self, spec: ModelSpec) -> Engine:
        return self._remote if spec.endpoints else self._local

    def _holder(self, model: str) -> Engine:
        return self._remote if model in self._remote_models else self._local
