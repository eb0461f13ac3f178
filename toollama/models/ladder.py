"""Which loads to try, in order, until a model fits. Pure: sizes in, attempts out.

The rungs are: evict others, shorten an automatic context, shrink an automatic batch, put fewer
layers on the GPU, stay on the CPU. What the user chose is never changed. Every attempt fits the
budget by prediction; a later one asks for less, so that it is worth trying after a real failure.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from toollama.errors import ModelDoesNotFit
from toollama.models import fit
from toollama.models.gguf import GgufHeader
from toollama.models.spec import KvType, ModelSpec

MAX_ATTEMPTS = 6
_AUTOMATIC_BATCHES = (512, 256, 128)
_PARTIAL_CONTEXT_TOKENS = 4096
"""Context beside which layers are left on the host; llama.cpp's own `--fit` keeps as much."""
_RETRY_SHARE = 0.8
"""Of the GPU memory that an attempt asked for in vain, what the next one with fewer layers asks."""

_Shape = tuple[int, int, int]
"""Context in tokens, batch in tokens, GPU layers."""

Sizes = Callable[[int, int], fit.MemoryPlan]
"""Tells the memory of the whole model for a context and a batch, both in tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One model as it was asked for; 0 (-1 for `gpu_layers`) means that the ladder chooses."""

    model: str
    header: GgufHeader
    kv_type: KvType = "f16"
    context_tokens: int = 0
    batch: int = 0
    gpu_layers: int = -1
    sequences: int = fit.SEQUENCES

    @classmethod
    def of(cls, spec: ModelSpec, header: GgufHeader) -> "Wanted":
        """Return what models.toml asks for; a batch that it does not name is automatic."""
        return cls(
            model=spec.id,
            header=header,
            kv_type=spec.kv_type,
            context_tokens=spec.context,
            batch=spec.batch if "batch" in spec.model_fields_set else 0,
            gpu_layers=spec.gpu_layers,
        )

    def predict(self, context_tokens: int, batch: int) -> fit.MemoryPlan:
        """Return the memory of the whole model, as its header tells it."""
        return fit.predict(
            self.header,
            context_tokens=context_tokens,
            batch=batch,
            kv_type=self.kv_type,
            sequences=self.sequences,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupant:
    """A resident model and the memory it holds. A busy one is never evicted."""

    model: str
    gpu_bytes: int = 0
    cpu_bytes: int = 0
    busy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The memory for all models together."""

    gpu_bytes: int | None = None
    """None: there is no GPU, or it must not be used."""
    cpu_bytes: int | None = None
    """None: main memory is not bounded."""

    @property
    def device_bytes(self) -> int | None:
        """Return the budget of the device that models go to first."""
        return self.cpu_bytes if self.gpu_bytes is None else self.gpu_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One load to try, after these evictions."""

    evict: tuple[str, ...]
    context_tokens: int
    batch: int
    gpu_layers: int
    """0 to the number of layers + 1, as llama.cpp counts; 0 also means: use no GPU at all."""
    gpu_bytes: int
    cpu_bytes: int

    def placed(self, spec: ModelSpec) -> ModelSpec:
        """Return the model with the batch and the GPU layers of this attempt."""
        return spec.model_copy(update={"batch": self.batch, "gpu_layers": self.gpu_layers})

    @property
    def total_bytes(self) -> int:
        """Return what it takes on both sides together."""
        return self.gpu_bytes + self.cpu_bytes


def decide(
    wanted: Wanted,
    *,
    residents: Sequence[Occupant],
    budget: Budget,
    sizes: Sizes | None = None,
) -> tuple[Attempt, ...]:
    """Return at most 6 loads to try, the preferred one first.

    `residents` come in the order in which they may be evicted, dearest last. `sizes` stands in for
    the prediction from the header, where somebody knows better. Raises `ModelDoesNotFit` with the
    numbers where not even the last rung fits.
    """
    climb = _Climb(wanted, tuple(residents), budget, sizes or wanted.predict)
    attempts = climb.attempts()
    if not attempts:
        raise _refusal(climb)
    return attempts


def evictions(
    gpu_bytes: int, cpu_bytes: int, *, residents: Sequence[Occupant], budget: Budget
) -> tuple[str, ...] | None:
    """Return who leaves, in the order of `residents`, so that this much memory is free.

    Nobody leaves whose bytes are not needed. None: even without all who may leave it is too much.
    """
    evictable = _evictable(residents)
    for count in range(len(evictable) + 1):
        leaving = evictable[:count]
        if _has_room(gpu_bytes, cpu_bytes, _staying(residents, leaving), budget):
            break
    else:
        return None
    for occupant in leaving[::-1]:
        fewer = tuple(one for one in leaving if one is not occupant)
        if _has_room(gpu_bytes, cpu_bytes, _staying(residents, fewer), budget):
            leaving = fewer
    return tuple(occupant.model for occupant in leaving)


def _evictable(residents: Sequence[Occupant]) -> tuple[Occupant, ...]:
    """Return those who may leave and whose leaving frees something."""
    return tuple(one for one in residents if not one.busy and (one.gpu_bytes or one.cpu_bytes))


def _staying(residents: Sequence[Occupant], leaving: Sequence[Occupant]) -> list[Occupant]:
    return [occupant for occupant in residents if occupant not in leaving]


def _has_room(gpu_bytes: int, cpu_bytes: int, stay: Sequence[Occupant], budget: Budget) -> bool:
    held_gpu_bytes = sum(occupant.gpu_bytes for occupant in stay)
    held_cpu_bytes = sum(occupant.cpu_bytes for occupant in stay)
    gpu, cpu = budget.gpu_bytes, budget.cpu_bytes
    fits_gpu = gpu_bytes == 0 or (gpu is not None and held_gpu_bytes + gpu_bytes <= gpu)
    return fits_gpu and (cpu is None or held_cpu_bytes + cpu_bytes <= cpu)


def exhausted(model: str, attempts: Sequence[Attempt], last: ModelDoesNotFit) -> ModelDoesNotFit:
    """Return the error for a model that failed to load on every rung, with the last one's words."""
    if len(attempts) == 1:
        return last
    lowest = attempts[-1]
    return ModelDoesNotFit(
        f"{model} failed to load in {len(attempts)} ways, the last with {lowest.context_tokens} "
        f"tokens of context, a batch of {lowest.batch}, {lowest.gpu_layers} GPU layers and "
        f"{fit.shown_size(lowest.total_bytes)}: {last.message}",
        fix="close other programs that use memory, or choose a smaller model or profile",
    )


def _refusal(climb: "_Climb") -> ModelDoesNotFit:
    wanted, residents, budget = climb.wanted, climb.residents, climb.budget
    context_tokens, batch = climb.contexts[-1], climb.batches[-1]
    plan = climb.sizes(context_tokens, batch)
    size = fit.shown_size
    places = [("main memory", budget.cpu_bytes), ("GPU memory", budget.gpu_bytes)]
    given = [f"{size(count)} of {place}" for place, count in places if count is not None]
    busy = [occupant.model for occupant in residents if occupant.busy]
    beside = f", of which {', '.join(busy)} must stay" if busy else ""
    return ModelDoesNotFit(
        f"{wanted.model} needs at least {size(plan.total)} (weights {size(plan.weights_bytes)}, "
        f"KV cache {size(plan.kv_bytes)} for {context_tokens} tokens, compute "
        f"{size(plan.compute_bytes)}); the budget is {' and '.join(given) or 'exhausted'}{beside}",
        fix=_way_out(climb),
    )


def _way_out(climb: "_Climb") -> str:
    wanted = climb.wanted
    chosen = [
        key
        for key, fixed in (
            ("context", wanted.context_tokens > fit.automatic_contexts(wanted.header)[-1]),
            ("batch", wanted.batch > _AUTOMATIC_BATCHES[-1]),
            ("gpu_layers", wanted.gpu_layers >= 0 and climb.has_gpu),
        )
        if fixed
    ]
    if chosen:
        return f"remove {' and '.join(chosen)} of models.{wanted.model} in models.toml"
    return "choose a smaller model or profile, or raise --vram"


@dataclass(frozen=True)
class _Climb:
    """The rungs for one request."""

    wanted: Wanted
    residents: tuple[Occupant, ...]
    budget: Budget
    sizes: Sizes

    @cached_property
    def placement(self) -> fit.Placement:
        return fit.Placement(self.wanted.header)

    @property
    def has_gpu(self) -> bool:
        return self.budget.gpu_bytes is not None

    @property
    def contexts(self) -> tuple[int, ...]:
        chosen = self.wanted.context_tokens
        return (chosen,) if chosen else fit.automatic_contexts(self.wanted.header)

    @property
    def batches(self) -> tuple[int, ...]:
        if self.wanted.batch:
            return (self.wanted.batch,)
        largest, *smaller = _AUTOMATIC_BATCHES
        return largest, *(batch for batch in smaller if batch < self.contexts[-1])

    @property
    def layers(self) -> int:
        """Return the GPU layers to begin with."""
        if not self.has_gpu:
            return 0
        chosen = self.wanted.gpu_layers
        most = self.placement.all_layers
        return most if chosen < 0 else min(chosen, most)

    def attempts(self) -> tuple[Attempt, ...]:
        """Return the rungs that fit, in order."""
        longest, *shorter = self.contexts
        largest, *smaller = self.batches
        layers = self.layers
        found = self._first([(longest, largest, layers)])
        if found and len(found[0].evict) < len(self._evictable):
            found += self._first([(longest, largest, layers)], evict_all=True)
        # What follows a failure need not spare anybody.
        found += self._first(
            [(context, largest, layers) for context in shorter], evict_all=bool(found)
        )
        found += self._first(
            [(self.contexts[-1], batch, layers) for batch in smaller], evict_all=bool(found)
        )
        if self.has_gpu and self.wanted.gpu_layers < 0:
            found += self._partly(found[-1].gpu_bytes if found else None)
            found += self._first(
                (context, batch, 0)
                for batch in dict.fromkeys((largest, self.batches[-1]))
                for context in self.contexts
            )
        return tuple(found)

    def _first(self, shapes: Iterable[_Shape], *, evict_all: bool = False) -> list[Attempt]:
        """Return the first of these shapes that fits, or nothing."""
        fitting = (self._attempt(*shape, evict_all=evict_all) for shape in shapes)
        return list(islice(filter(None, fitting), 1))

    def _partly(self, failed_bytes: int | None) -> list[Attempt]:
        """Return the attempt with the most GPU layers, but not all, that fits, or nothing.

        `failed_bytes` is what the attempt before it asks of the GPU, if there is one.
        """
        stay = _staying(self.residents, self._evictable)
        held_bytes = sum(occupant.gpu_bytes for occupant in stay)
        room_bytes = (self.budget.gpu_bytes or 0) - held_bytes
        least = (self.contexts[-1], self.batches[-1])
        roomy = (self._partial_context, self.batches[0])
        if failed_bytes is not None:
            room_bytes = min(room_bytes, int(failed_bytes * _RETRY_SHARE))
            roomy = least
        shapes = ((*shape, self._most_layers(*shape, room_bytes)) for shape in (roomy, least))
        return self._first((shape for shape in shapes if shape[-1]), evict_all=True)

    @property
    def _partial_context(self) -> int:
        chosen = self.wanted.context_tokens
        return chosen or min(self.contexts[0], _PARTIAL_CONTEXT_TOKENS)

    def _most_layers(self, context_tokens: int, batch: int, room_bytes: int) -> int:
        """Return how many GPU layers, but not all, fit into the room."""
        plan = self.sizes(context_tokens, batch)
        return bisect_right(
            range(1, self.placement.all_layers),
            room_bytes,
            key=lambda layers: self.placement.on_gpu(plan, gpu_layers=layers).total,
        )

    def _attempt(
        self, context_tokens: int, batch: int, gpu_layers: int, *, evict_all: bool = False
    ) -> Attempt | None:
        """Return the attempt with the fewest evictions, or all, or None where it does not fit."""
        plan = self.sizes(context_tokens, batch)
        gpu_bytes = self.placement.on_gpu(plan, gpu_layers=gpu_layers).total
        cpu_bytes = self.placement.on_host(plan, gpu_layers=gpu_layers).total
        leaving = evictions(gpu_bytes, cpu_bytes, residents=self.residents, budget=self.budget)
        if leaving is None:
            return None
        if evict_all:
            leaving = tuple(occupant.model for occupant in self._evictable)
        return Attempt(
            evict=leaving,
            context_tokens=context_tokens,
            batch=batch,
            gpu_layers=gpu_layers,
            gpu_bytes=gpu_bytes,
            cpu_bytes=cpu_bytes,
        )

    @cached_property
    def _evictable(self) -> tuple[Occupant, ...]:
        return _evictable(self.residents)
