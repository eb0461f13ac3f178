"""How fast a cancel takes effect: time from the cancel to an idle engine, at random moments.

Half of the cuts fall into prompt evaluation, half into decoding. After each one the next output
must be the one that an engine which was never cancelled writes.
"""

import asyncio
import random
import time
from pathlib import Path

from bench.report import Result, starter_model
from toollama.models.engine import GenerationRequest, Message, Sampling
from toollama.models.llama.engine import LlamaEngine
from toollama.models.spec import ModelSpec

_GOAL_MS = 100
_CONTEXT_TOKENS = 2048
_LONG = "The quick brown fox jumps over the lazy dog near the river. " * 100
_SHORT = "Name three rivers."


def run(*, quick: bool) -> Result:
    """Cut generations at random moments and return the 99th percentile in milliseconds."""
    cuts = 20 if quick else 500
    latencies_ms, changed = asyncio.run(_measure(cuts))
    latencies_ms.sort()
    p99 = latencies_ms[min(int(len(latencies_ms) * 0.99), len(latencies_ms) - 1)]
    print(f"{cuts} cuts: median {latencies_ms[cuts // 2]:.0f} ms, most {latencies_ms[-1]:.0f} ms")
    print(f"outputs changed by the cut before them: {changed}")
    return Result("cancel", p99 if changed == 0 else float("inf"), _GOAL_MS, most=True)


async def _measure(cuts: int) -> tuple[list[float], int]:
    engine = LlamaEngine(resolve=lambda spec: Path(spec.file))
    spec = ModelSpec(id="bench", file=str(starter_model()), context=_CONTEXT_TOKENS)
    await engine.load(spec, lambda _payload: None)
    rng = random.Random(11)

    def request(text: str, max_tokens: int) -> GenerationRequest:
        return GenerationRequest(
            model="bench",
            messages=[Message("user", text)],
            purpose="bench",
            max_tokens=max_tokens,
            sampling=Sampling(repeat_penalty=1.0),
        )

    async def write(text: str, max_tokens: int) -> str:
        return "".join([d.text async for d in engine.generate(request(text, max_tokens))])

    expected = await write(_SHORT, 12)
    latencies_ms, changed = [], 0
    for at in range(cuts):
        text, max_tokens = (f"{at} {_LONG}", 8) if at % 2 else (_SHORT, 400)
        task = asyncio.create_task(write(text, max_tokens))
        await asyncio.sleep(rng.uniform(0.02, 0.6))
        started_s = time.perf_counter()
        task.cancel()
        while not engine.idle:  # noqa: ASYNC110 - the moment is what is measured
            await asyncio.sleep(0.001)
        latencies_ms.append((time.perf_counter() - started_s) * 1000)
        changed += await write(_SHORT, 12) != expected
    await engine.close()
    return latencies_ms, changed
