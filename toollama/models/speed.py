"""How fast a model runs here: its load, its prompts, its output, and output under a constraint.

Everything goes through the engine as a run would, so the figures are those that a crew gets. Each
is the median of a few repetitions; a slow model is not asked again and again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median

from toollama.clock import Clock
from toollama.errors import ModelError
from toollama.events.payloads import ModelLoadCompleted, Payload, Usage
from toollama.models.engine import Engine, GenerationRequest, Message, Regex, Sampling
from toollama.models.spec import ModelSpec

CONTEXT_TOKENS = 1024
REPETITIONS = 3
_ENOUGH_S = 20.0
"""After so long no repetition is begun."""
_OUTPUT_TOKENS = 32
_PROMPT_NUMBERS = 128
_GREEDY = Sampling(temperature=0.0, repeat_penalty=1.0)
_ANY_TEXT = Regex("[A-Za-z0-9 ,.]{2000}")
"""Leaves a choice at every token: output that a constraint forces is not decoded one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What was measured. A figure is None where the model ended its output too early to tell."""

    load_s: float
    """From the file, which the system may have in memory already; checking its digest aside."""
    prefill_tokens_per_s: float | None
    decode_tokens_per_s: float | None
    constrained_tokens_per_s: float | None
    repetitions: int

    @property
    def constrained_ratio(self) -> float | None:
        """Return the speed of constrained output as a share of free output."""
        if not self.decode_tokens_per_s or self.constrained_tokens_per_s is None:
            return None
        return self.constrained_tokens_per_s / self.decode_tokens_per_s


async def measure(
    engine: Engine, spec: ModelSpec, *, clock: Clock, on_step: Callable[[str], object]
) -> Speed:
    """Load the model, run it, and unload it; `on_step` is told in words what is done.

    Raises what `Engine.load` and `Engine.generate` raise.
    """
    loads_s: list[float] = []

    def note(payload: Payload) -> None:
        if isinstance(payload, ModelLoadCompleted):
            loads_s.append(payload.duration_s)

    on_step("loading")
    await engine.load(spec, note)
    if not loads_s:
        raise ModelError(f"{spec.id} was loaded already", fix="measure it in an engine of its own")
    free: list[Usage] = []
    constrained: list[Usage] = []
    began_s = clock.monotonic_s()
    while not free or (len(free) < REPETITIONS and clock.monotonic_s() - began_s < _ENOUGH_S):
        on_step(f"run {len(free) + 1} of at most {REPETITIONS}")
        request = _request(spec.id, len(free))
        free.append(await _usage(engine, request))
        constrained.append(await _usage(engine, replace(request, constraint=_ANY_TEXT)))
    await engine.unload(spec.id)
    return Speed(
        load_s=loads_s[0],
        prefill_tokens_per_s=_median([_prefill_tokens_per_s(usage) for usage in free]),
        decode_tokens_per_s=_median([usage.tokens_per_second for usage in free]),
        constrained_tokens_per_s=_median([usage.tokens_per_second for usage in constrained]),
        repetitions=len(free),
    )


def _request(model: str, repetition: int) -> GenerationRequest:
    """Return a request whose prompt begins like no other, so that nothing of it is cached."""
    step = repetition + 3
    numbers = " ".join(str(number * step % 1009) for number in range(1, _PROMPT_NUMBERS + 1))
    return GenerationRequest(
        model=model,
        messages=[Message("user", f"{numbers}\nWrite a long story about these numbers.")],
        purpose="speed",
        max_tokens=_OUTPUT_TOKENS,
        sampling=_GREEDY,
    )


async def _usage(engine: Engine, request: GenerationRequest) -> Usage:
    usage = Usage()
    async for delta in engine.generate(request):
        usage = delta.usage or usage
    return usage


def _prefill_tokens_per_s(usage: Usage) -> float | None:
    if not usage.time_to_first_token_s:
        return None
    return (usage.input_tokens - usage.cached_tokens) / usage.time_to_first_token_s


def _median(figures: list[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return median(known) if known else None
