"""The in-process engine: the async face of the engine thread.

Owns which models are resident and their bytes. It refuses a load that would exceed the budget and
never evicts by itself: `models.ladder` decides what leaves, the agents' pool has it leave.
"""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from toollama.errors import ModelDoesNotFit, ModelError, ToolLamaError
from toollama.events.payloads import (
    ModelLoadCompleted,
    ModelLoadProgress,
    ModelLoadStarted,
    Payload,
    Usage,
)
from toollama.models import fit
from toollama.models.engine import (
    Delta,
    EmitPayload,
    EngineStatus,
    GenerationRequest,
    Resident,
)
from toollama.models.fetch.verify import ensure_verified
from toollama.models.file_stamp import was_replaced
from toollama.models.ladder import Attempt, Budget, Occupant, evictions
from toollama.models.llama import devices
from toollama.models.llama.sequences import SequenceStore
from toollama.models.llama.thread import CancelFlag, EngineThread
from toollama.models.llama.trial import header_of, needs_trial, try_load
from toollama.models.spec import ModelSpec

if TYPE_CHECKING:
    from toollama.models.llama.batcher import Batcher
    from toollama.models.llama.model import LoadedModel
    from toollama.models.llama.tokenizers import TokenizerCache

T = TypeVar("T")

KV_RAM_BYTES = 1 << 30
"""Memory for the state of sequences that left the models' own caches."""
_PROGRESS_STEP = 0.05
_ROUNDING_BYTES = 64 << 10
"""llama.cpp tells each of its buffers to 0.01 MiB only."""
_STOP_TIMEOUT_S = 2.0


class LlamaEngine:
    """Runs GGUF models in this process through llama.cpp."""

    def __init__(
        self,
        *,
        resolve: Callable[[ModelSpec], Path],
        vram_bytes: int | None = None,
        kv_ram_bytes: int = KV_RAM_BYTES,
        kv_disk_bytes: int = 0,
        kv_directory: Path | None = None,
        use_gpu: bool = True,
        wait_for_gpu: bool = False,
    ) -> None:
        """Load models through `resolve`, within what the devices have free at the first load.

        `vram_bytes` stands for the memory of the device that models go to (`devices.budget`).
        State of sequences is kept in `kv_ram_bytes` of memory beside the budget, then in
        `kv_directory` if given. The first load onto a GPU makes this process its owner until
        `close`; `wait_for_gpu` waits for another owner to leave.
        """
        self._use_gpu = use_gpu
        self._wait_for_gpu = wait_for_gpu
        self._owned = ExitStack()
        self._owns_gpu = False
        self._resolve = resolve
        self._vram_bytes = vram_bytes
        self._budget: Budget | None = None
        self._thread = EngineThread(self._step)
        self._batchers: dict[str, Batcher] = {}
        self._residents: dict[str, Resident] = {}
        self._tokenizers: TokenizerCache | None = None
        self._saved = SequenceStore(
            ram_bytes=kv_ram_bytes, disk_bytes=kv_disk_bytes, directory=kv_directory
        )
        self._cancel = CancelFlag()
        self._closing = CancelFlag()

    async def plan_load(
        self, spec: ModelSpec, occupants: Sequence[Occupant]
    ) -> tuple[Attempt, ...]:
        """Return the loads to try, once the file is the recorded one and the GPU is ours."""
        path = await asyncio.to_thread(self._verified, spec)
        return await self._on_thread(partial(self._plan, spec, path, occupants))

    def _verified(self, spec: ModelSpec) -> Path:
        path = self._resolve(spec)
        ensure_verified(path, spec.sha256)
        return path

    def _plan(
        self, spec: ModelSpec, path: Path, occupants: Sequence[Occupant]
    ) -> tuple[Attempt, ...]:
        from toollama.models.llama import loading

        return loading.plan(
            path,
            spec,
            occupants=occupants,
            budget=self._owned_budget(),
            aborted=self._must_stop,
        )

    def _owned_budget(self) -> Budget:
        """Return the memory for models, measured once the GPU is ours. Raises `ModelBusy`."""
        self._own_gpu()
        if self._budget is None:
            self._budget = devices.budget(
                devices.list_devices(), vram_bytes=self._vram_bytes, use_gpu=self._use_gpu
            )
        return self._budget

    def is_stale(self, spec: ModelSpec) -> bool:
        """Return whether the file of a resident model was replaced since it was loaded."""
        batcher = self._batchers.get(spec.id)
        return batcher is not None and was_replaced(batcher.model.file_stamp)

    async def load(
        self, spec: ModelSpec, emit: EmitPayload, attempt: Attempt | None = None
    ) -> Resident:
        """Make the model resident, if what its file holds now is not."""
        if self.is_stale(spec):
            await self.unload(spec.id)
        if spec.id in self._residents:
            return self._residents[spec.id]
        if attempt is None:
            stay = [resident.occupant(busy=True) for resident in self._residents.values()]
            attempt, *_ = await self.plan_load(spec, stay)
        path = await asyncio.to_thread(self._verified, spec)
        self._refuse_over_budget(spec, gpu_bytes=attempt.gpu_bytes, cpu_bytes=attempt.cpu_bytes)
        emit(ModelLoadStarted(model=spec.id, path=str(path), predicted_bytes=attempt.total_bytes))
        started_s = monotonic()
        if needs_trial(await asyncio.to_thread(header_of, path)):
            await try_load(path, spec, attempt)
        resident = await self._on_thread(
            partial(self._load, spec, path, attempt, _in_context(emit))
        )
        status = self.status()
        emit(
            ModelLoadCompleted(
                model=spec.id,
                duration_s=monotonic() - started_s,
                bytes=resident.bytes,
                resident_bytes=status.resident_bytes,
                budget_bytes=status.budget_bytes,
                context_tokens=resident.context_tokens,
                gpu_layers=resident.gpu_layers,
            )
        )
        return resident

    def _refuse_over_budget(self, spec: ModelSpec, *, gpu_bytes: int, cpu_bytes: int) -> None:
        stay = [resident.occupant(busy=True) for resident in self._residents.values()]
        budget = self._budget or Budget()
        if evictions(gpu_bytes, cpu_bytes, residents=stay, budget=budget) is not None:
            return
        raise ModelDoesNotFit(
            f"{spec.id} needs {fit.shown_size(gpu_bytes + cpu_bytes)} beside "
            f"{fit.shown_size(self.status().resident_bytes)} resident, more than the budget of "
            f"{fit.shown_size(budget.device_bytes or 0)}",
            fix="raise --vram, choose a smaller model with -m, or set a smaller context",
        )

    def _load(self, spec: ModelSpec, path: Path, attempt: Attempt, emit: EmitPayload) -> Resident:
        from toollama.models.llama import loading
        from toollama.models.llama.batcher import Batcher

        if spec.id in self._batchers:
            return _resident(self._batchers[spec.id].model)
        self._owned_budget()
        shown = 0.0

        def progress(fraction: float) -> bool:
            nonlocal shown
            if fraction - shown >= _PROGRESS_STEP:
                shown = fraction
                emit(ModelLoadProgress(model=spec.id, fraction=round(fraction, 2)))
            return not self._must_stop()

        model = loading.open_model(spec, path, attempt, progress=progress, saved=self._saved)
        try:
            if self._must_stop():
                raise model.load_stopped()
            self._refuse_over_budget(
                spec,
                gpu_bytes=max(model.gpu_bytes - _ROUNDING_BYTES, 0),
                cpu_bytes=max(model.bytes - model.gpu_bytes - _ROUNDING_BYTES, 0),
            )
        except ToolLamaError:
            model.close()
            raise
        self._batchers[spec.id] = Batcher(model, self._closing)
        # Noted here and not by whoever waits: a cancelled caller would leave memory uncounted.
        resident = self._residents[spec.id] = _resident(model)
        return resident

    def _own_gpu(self) -> None:
        """Become the owner of the GPU if one will be used. Raises `ModelBusy`."""
        from toollama.models import lock

        uses_gpu = self._use_gpu and any(device.is_gpu for device in devices.list_devices())
        if not self._owns_gpu and lock.is_needed(uses_gpu=uses_gpu):
            holding = lock.hold(wait=self._wait_for_gpu, cancelled=self._must_stop)
            self._owned.enter_context(holding)
            self._owns_gpu = True

    def _must_stop(self) -> bool:
        return bool(self._cancel or self._closing)

    async def unload(self, model: str) -> None:
        """Free the model. A model that is not resident is not an error."""
        if self._residents.pop(model, None) is not None:
            # Shielded: nothing else would free it after the caller was cancelled.
            freeing = self._thread.submit(partial(self._unload, model))
            await asyncio.shield(asyncio.wrap_future(freeing))

    def _unload(self, model: str) -> None:
        self._residents.pop(model, None)
        batcher = self._batchers.pop(model, None)
        if batcher is not None:
            batcher.cancel_all()
            loaded = batcher.model
            if self._tokenizers is not None:
                self._tokenizers.forget(loaded)
            if not self._closing:
                loaded.save()
            loaded.close()

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Delta, None]:
        """Stream one inference of a resident model, beside others of the same model."""
        loop = asyncio.get_running_loop()
        deltas: asyncio.Queue[Delta | None] = asyncio.Queue()

        def deliver(delta: Delta) -> None:
            loop.call_soon_threadsafe(deltas.put_nowait, delta)

        cancel = CancelFlag()
        done: Future[None] = Future()
        begin = partial(self._begin, request, deliver, cancel, done, monotonic())
        self._thread.submit(begin).add_done_callback(partial(_pass_on, done))
        job = asyncio.wrap_future(done)
        job.add_done_callback(lambda _job: deltas.put_nowait(None))
        try:
            while (delta := await deltas.get()) is not None:
                yield delta
            await job
        finally:
            cancel.set()
            if batcher := self._batchers.get(request.model):
                batcher.review_abort()

    def _begin(
        self,
        request: GenerationRequest,
        deliver: Callable[[Delta], None],
        cancel: CancelFlag,
        done: "Future[None]",
        started_s: float,
    ) -> None:
        from toollama.models.constrain import Matcher, compile_grammar
        from toollama.models.llama.decoder import Generation
        from toollama.models.llama.tokenizers import TokenizerCache

        if cancel or self._closing:
            deliver(Delta("", finish_reason="cancelled", usage=Usage()))
            done.set_result(None)
            return
        model = self._model(request.model)
        matcher = None
        if request.constraint is not None:
            grammar = compile_grammar(request.constraint, max_tokens=request.max_tokens)
            self._tokenizers = self._tokenizers or TokenizerCache()
            matcher = Matcher(self._tokenizers.get(model), grammar)
        generation = Generation(
            model,
            request,
            matcher,
            deliver=deliver,
            cancel=cancel,
            done=done,
            started_s=started_s,
        )
        self._batchers[request.model].add(generation)

    def _step(self) -> bool:
        """Decode one batch of every model that has work; return whether there is more."""
        batchers = list(self._batchers.values())
        for batcher in batchers:
            batcher.step()
        return any(batcher.busy for batcher in batchers)

    def _model(self, name: str) -> "LoadedModel":
        if name not in self._batchers:
            raise ModelError(f"{name} is not resident", fix="toollama doctor")
        return self._batchers[name].model

    async def count_tokens(self, model: str, text: str) -> int:
        """Return the length of the text in tokens of a resident model."""
        return await self._on_thread(
            lambda: len(self._model(model).vocabulary.tokenize(text.encode("utf-8", "replace")))
        )

    def context_tokens(self, model: str) -> int:
        """Return the context length of a resident model."""
        return self._residents[model].context_tokens

    def status(self) -> EngineStatus:
        """Return what is resident now."""
        budget = self._budget or Budget(cpu_bytes=self._vram_bytes)
        return EngineStatus(tuple(self._residents.values()), budget.device_bytes)

    @property
    def idle(self) -> bool:
        """Return whether the engine thread has nothing to do."""
        return self._thread.idle

    async def close(self) -> None:
        """Stop all work and free every model."""
        if self._closing:
            return
        self._closing.set()
        for batcher in list(self._batchers.values()):
            batcher.model.abort.set()
        self._residents.clear()
        self._thread.submit(self._unload_all)
        await asyncio.to_thread(self._thread.stop, timeout_s=_STOP_TIMEOUT_S)

    def _unload_all(self) -> None:
        for model in list(self._batchers):
            self._unload(model)
        self._owned.close()

    async def _on_thread(self, work: Callable[[], T]) -> T:
        """Run work on the engine thread; cancelling the caller raises the cancel flag."""
        cancel = CancelFlag()

        def begin() -> T:
            self._cancel = cancel
            return work()

        try:
            return await asyncio.wrap_future(self._thread.submit(begin))
        except asyncio.CancelledError:
            cancel.set()
            raise


def _pass_on(done: "Future[None]", begun: "Future[None]") -> None:
    """Give an error at the beginning to whoever waits for the end."""
    if error := begun.exception():
        done.set_exception(error)


def _resident(model: "LoadedModel") -> Resident:
    return Resident(
        model.spec.id,
        model.bytes,
        model.context_tokens,
        gpu_layers=model.spec.gpu_layers,
        gpu_bytes=model.gpu_bytes,
    )


def _in_context(emit: EmitPayload) -> Callable[[Payload], object]:
    """Return `emit` bound to the caller's span, for use on the engine thread."""
    context = contextvars.copy_context()
    return lambda payload: context.run(emit, payload)
