"""The remote engine: models that other machines hold.

Nothing of a remote model lies in this machine's memory, so residency costs no bytes and loading is
a question: are the servers there, and do they serve the model?
"""

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace

from toollama.clock import Clock, SystemClock
from toollama.errors import ModelError
from toollama.events.payloads import ModelLoadCompleted, ModelLoadStarted, Usage, Warned
from toollama.models.engine import (
    Constraint,
    Delta,
    EmitPayload,
    EngineStatus,
    GenerationRequest,
    Resident,
)
from toollama.models.ladder import Attempt, Occupant
from toollama.models.remote import output
from toollama.models.remote.endpoint import Endpoint
from toollama.models.remote.pool import EndpointPool, Surroundings
from toollama.models.remote.reading import Reading, estimated_tokens
from toollama.models.remote.waits import EngineClosed, Waits
from toollama.models.spec import ModelSpec

_ASSUMED_CONTEXT_TOKENS = 8192
_ASKED_AT_MOST = 2
_ELSEWHERE = Attempt(evict=(), context_tokens=0, batch=0, gpu_layers=0, gpu_bytes=0, cpu_bytes=0)
"""Loading what lies on another machine: nothing leaves, nothing is taken."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    spec: ModelSpec
    pool: EndpointPool
    resident: Resident


class RemoteEngine:
    """Runs models on servers with an OpenAI-compatible API; implements `models.engine.Engine`."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        environment: Mapping[str, str] = os.environ,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock or SystemClock()
        self._environment = environment
        self._waits = Waits()
        self._surroundings = Surroundings(
            clock=self._clock, waits=self._waits, sleep=sleep, chance=chance
        )
        self._models: dict[str, _Loaded] = {}
        self._loading = asyncio.Lock()
        self._running = 0

    async def plan_load(
        self, spec: ModelSpec, occupants: Sequence[Occupant]
    ) -> tuple[Attempt, ...]:
        """Return the one load there is: it takes no memory here."""
        return (_ELSEWHERE,)

    def is_stale(self, spec: ModelSpec) -> bool:
        """Return False: what a server holds is its own affair."""
        return False

    async def load(
        self, spec: ModelSpec, emit: EmitPayload, attempt: Attempt | None = None
    ) -> Resident:
        """Find the servers of the model; those that cannot serve it are warned of.

        Raises `ModelMissing` with the names that are served, or `ModelError`, where none can.
        """
        async with self._loading:
            if spec.id not in self._models:
                self._models[spec.id] = await self._load(spec, emit)
            return self._models[spec.id].resident

    async def _load(self, spec: ModelSpec, emit: EmitPayload) -> _Loaded:
        if not spec.endpoints:
            raise ModelError(
                f"{spec.id} has no endpoints", fix="add `endpoints` to the model in models.toml"
            )
        started_s = self._clock.monotonic_s()
        urls = ", ".join(endpoint.url for endpoint in spec.endpoints)
        emit(ModelLoadStarted(model=spec.id, path=urls, predicted_bytes=0))
        pool = self._pool(spec)
        try:
            faults = await pool.find_out()
        except BaseException:
            await pool.aclose()
            raise
        for fault in faults:
            emit(Warned(message=f"{spec.id}: {fault.message}"))
        told = [held.context_tokens for held in pool.held]
        resident = Resident(spec.id, 0, _context_tokens(told, wanted=spec.context))
        emit(
            ModelLoadCompleted(
                model=spec.id,
                duration_s=self._clock.monotonic_s() - started_s,
                bytes=0,
                resident_bytes=0,
                context_tokens=resident.context_tokens,
            )
        )
        return _Loaded(spec, pool, resident)

    def _pool(self, spec: ModelSpec) -> EndpointPool:
        endpoints = [
            Endpoint(
                endpoint,
                model=spec,
                environment=self._environment,
                waits=self._waits,
                now=self._clock.now,
            )
            for endpoint in spec.endpoints
        ]
        return EndpointPool(endpoints, self._surroundings)

    async def unload(self, model: str) -> None:
        """Forget the model's servers. A model that is not resident is not an error."""
        loaded = self._models.pop(model, None)
        if loaded is not None:
            await loaded.pool.aclose()

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Delta, None]:
        """Stream one inference of a resident model.

        Output under a constraint comes in one piece, once it was checked: a server may ignore a
        schema. It is asked for at most twice.
        """
        loaded = self._loaded(request.model)
        deltas = (
            self._stream(loaded, request)
            if request.constraint is None
            else self._constrained(loaded, request, request.constraint)
        )
        self._running += 1
        try:
            async with aclosing(deltas):
                async for delta in deltas:
                    yield delta
        except EngineClosed:
            yield Delta("", finish_reason="cancelled", usage=Usage())
        finally:
            self._running -= 1

    async def _stream(
        self, loaded: _Loaded, request: GenerationRequest
    ) -> AsyncGenerator[Delta, None]:
        reading = Reading(
            request,
            reasoning_tags=loaded.spec.reasoning_tags,
            started_s=self._clock.monotonic_s(),
        )
        time = _TimeLeft(request.deadline_s)
        async with AsyncExitStack() as opened:
            try:
                async with time.limit():
                    reply = await opened.enter_async_context(loaded.pool.open(request))
                chunks = await opened.enter_async_context(aclosing(reply.chunks()))
                while not reading.stopped:
                    async with time.limit():
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        break
                    for delta in reading.take(chunk, now_s=self._clock.monotonic_s()):
                        yield delta
            except TimeoutError:
                reading.overrun()
        for delta in reading.finish():
            yield delta

    async def _constrained(
        self, loaded: _Loaded, request: GenerationRequest, constraint: Constraint
    ) -> AsyncGenerator[Delta, None]:
        from toollama.models.constrain import compile_grammar

        compile_grammar(constraint)  # what the engine here refuses is refused everywhere
        spent = Usage()
        problem = ""
        time = _TimeLeft(request.deadline_s)
        for _ in range(_ASKED_AT_MOST):
            pieces: list[str] = []
            reason = None
            timed = replace(request, deadline_s=time.left_s())
            async with aclosing(self._stream(loaded, timed)) as deltas:
                async for delta in deltas:
                    if delta.kind == "reasoning":
                        yield delta
                    pieces.append(delta.text if delta.kind == "content" else "")
                    reason, spent = delta.finish_reason, _sum(spent, delta.usage)
            text = "".join(pieces)
            if reason in {"length", "deadline"}:
                checked = output.Checked(output.cut_off(text, constraint))
            else:
                checked = output.check(text, constraint)
            if not checked.problem:
                yield Delta(checked.text)
                yield Delta("", finish_reason=reason, usage=spent)
                return
            problem = checked.problem
            request = output.ask_again(request, output=text, problem=problem)
        raise ModelError(
            f"{request.model} does not keep to the output format: {problem}",
            fix="use a server that enforces JSON Schema, or a stronger model",
        )

    def _loaded(self, model: str) -> _Loaded:
        if model not in self._models:
            raise ModelError(f"{model} is not resident", fix="toollama doctor")
        return self._models[model]

    async def count_tokens(self, model: str, text: str) -> int:
        """Return the length in tokens, counted by the server, or else a cautious estimate."""
        counted = await self._loaded(model).pool.count_tokens(text)
        return estimated_tokens(text) if counted is None else counted

    def context_tokens(self, model: str) -> int:
        """Return the context length of a resident model."""
        return self._models[model].resident.context_tokens

    def status(self) -> EngineStatus:
        """Return which models are held elsewhere; they take no bytes here."""
        return EngineStatus(tuple(loaded.resident for loaded in self._models.values()), None)

    @property
    def idle(self) -> bool:
        """Return whether nothing runs."""
        return not self._running and not self._loading.locked()

    async def close(self) -> None:
        """End every request and close every connection."""
        self._waits.close()
        for model in list(self._models):
            await self.unload(model)


class _TimeLeft:
    """What is left of a request's time, on the event loop's clock."""

    def __init__(self, deadline_s: float | None) -> None:
        self._now_s = asyncio.get_running_loop().time
        self._end_s = None if deadline_s is None else self._now_s() + deadline_s

    def left_s(self) -> float | None:
        """Return the seconds that are left; None where there is no deadline."""
        return None if self._end_s is None else max(self._end_s - self._now_s(), 0.0)

    def limit(self) -> asyncio.Timeout:
        """Return a block that raises `TimeoutError` at the deadline; never yield inside it."""
        return asyncio.timeout_at(self._end_s)


def _context_tokens(told: list[int], *, wanted: int) -> int:
    """Return what every server can take: the least that is told, and never more than is wanted."""
    known = [tokens for tokens in (*told, wanted) if tokens]
    return min(known, default=_ASSUMED_CONTEXT_TOKENS)


def _sum(spent: Usage, more: Usage | None) -> Usage:
    """Return the usage of all tries together; times are those of the last."""
    if more is None:
        return spent
    return more.model_copy(
        update={
            "input_tokens": spent.input_tokens + more.input_tokens,
            "output_tokens": spent.output_tokens + more.output_tokens,
            "cached_tokens": spent.cached_tokens + more.cached_tokens,
        }
    )
