"""Whether swaps leak: resident memory after many loads and unloads ÷ after the first few."""

import asyncio
from pathlib import Path

from bench.report import Result, starter_model
from toollama.models.engine import GenerationRequest, Message
from toollama.models.llama.engine import LlamaEngine
from toollama.models.spec import ModelSpec

_GOAL = 1.05
_WARM_UP = 10


def run(*, quick: bool) -> Result:
    """Swap one file under two names and return how much memory grew."""
    swaps = 60 if quick else 1000
    first, last = asyncio.run(_resident_after(swaps))
    print(f"{swaps} swaps: resident {first / 2**20:.0f} MiB, then {last / 2**20:.0f} MiB")
    return Result("churn", last / first, _GOAL, most=True)


def _resident_bytes() -> int:
    """Return this process's resident memory, as Linux counts it."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


async def _resident_after(swaps: int) -> tuple[int, int]:
    path = str(starter_model())
    engine = LlamaEngine(resolve=lambda spec: Path(spec.file))
    specs = [ModelSpec(id=name, file=path, context=512) for name in ("a", "b")]
    first = 0
    for at in range(swaps):
        spec = specs[at % 2]
        await engine.load(spec, lambda _payload: None)
        request = GenerationRequest(
            model=spec.id, messages=[Message("user", "Hi")], purpose="bench", max_tokens=2
        )
        async for _ in engine.generate(request):
            pass
        await engine.unload(spec.id)
        if at == _WARM_UP:
            first = _resident_bytes()
    last = _resident_bytes()
    await engine.close()
    return first, last
