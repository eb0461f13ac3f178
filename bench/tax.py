"""What the engine costs over llama.cpp itself: CPU seconds per token ÷ a raw llama_decode loop.

Both decode the same tokens greedily from the same prompt in this process, in turns.
"""

import asyncio
import resource
import statistics
from pathlib import Path

from bench.raw import RawLoop
from bench.report import Result, starter_model
from toollama.models.engine import GenerationRequest, Message, Sampling
from toollama.models.llama.engine import LlamaEngine
from toollama.models.spec import ModelSpec

_GOAL = 1.02
_CONTEXT_TOKENS = 1024
_PROMPT = "Write a long story about a harbour town."


def run(*, quick: bool) -> Result:
    """Measure both loops in turns and return the ratio of their medians."""
    path = starter_model()
    tokens, rounds = (160, 3) if quick else (512, 7)
    ratio = asyncio.run(_ratio(path, tokens, rounds))
    return Result("tax", ratio, _GOAL, most=True)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _ratio(path: Path, tokens: int, rounds: int) -> float:
    spec = ModelSpec(id="bench", file=str(path), context=_CONTEXT_TOKENS)
    engine = LlamaEngine(resolve=lambda spec: Path(spec.file))
    await engine.load(spec, lambda _payload: None)
    raw = RawLoop(path, context_tokens=_CONTEXT_TOKENS)
    prompt = raw.vocabulary.prompt_tokens([Message("user", _PROMPT)])
    request = GenerationRequest(
        model="bench",
        messages=[Message("user", _PROMPT)],
        purpose="bench",
        max_tokens=tokens,
        sampling=Sampling(repeat_penalty=1.0),
    )

    async def ours_s() -> float:
        started_s = _cpu_s()
        written = 0
        async for delta in engine.generate(request):
            if delta.usage is not None:
                written = delta.usage.output_tokens
        return (_cpu_s() - started_s) / written

    def raw_s() -> float:
        raw.prefill(prompt)
        started_s = _cpu_s()
        for _ in range(tokens):
            raw.extend([raw.likeliest()])
        return (_cpu_s() - started_s) / tokens

    await ours_s()
    raw_s()
    pairs = [(await ours_s(), raw_s()) for _ in range(rounds)]
    raw.close()
    await engine.close()
    return statistics.median(ours for ours, _ in pairs) / statistics.median(raw for _, raw in pairs)
