"""What a JSON schema costs: constrained ÷ free tokens/s, ours and the high-level bindings'.

Both paths decode the same prompt on the same SmolLM2 file in this process, in turns. Ours is
compared with our own free run, the bindings' grammar path with the bindings' own free run.
"""

import asyncio
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.report import Result, starter_model
from toollama.models.engine import Constraint, GenerationRequest, JsonSchema, Message, Sampling
from toollama.models.llama.engine import LlamaEngine
from toollama.models.spec import ModelSpec

_GOAL = 0.9
_CONTEXT_TOKENS = 1024
_FREE_TOKENS = 64
_PROMPT = (
    "Call a tool for this request as JSON. Request: weather in Bergen, Norway for the next "
    "3 days, metric units, and tell me in plain words what to wear"
)
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "tool": {"enum": ["weather", "dictionary", "calculator", "wikipedia_summary"]},
        "location": {"type": "string", "maxLength": 40},
        "days": {"type": "integer", "minimum": 1, "maximum": 7},
        "units": {"enum": ["metric", "imperial"]},
        "when": {"type": "string", "format": "date"},
        "note": {"type": "string", "maxLength": 80},
    },
    "required": ["tool", "location", "days", "units", "when", "note"],
    "additionalProperties": False,
}


def run(*, quick: bool) -> Result:
    """Measure both paths and return ours."""
    rounds = 5 if quick else 15
    path = starter_model()
    ours = asyncio.run(_ours(path, rounds))
    print(f"toollama     constrained ÷ free: {ours:.2f}")
    theirs = _bindings(path, max(rounds // 3, 2))
    print(f"llama_cpp    constrained ÷ free: {theirs:.2f}  (Llama with LlamaGrammar)")
    return Result("constraint", ours, _GOAL)


async def _ours(path: Path, rounds: int) -> float:
    engine = LlamaEngine(resolve=lambda spec: Path(spec.file))
    await engine.load(
        ModelSpec(id="bench", file=str(path), context=_CONTEXT_TOKENS), lambda _payload: None
    )

    async def rate(constraint: Constraint | None) -> float:
        request = GenerationRequest(
            model="bench",
            messages=[Message("user", _PROMPT)],
            purpose="bench",
            max_tokens=_FREE_TOKENS if constraint is None else 200,
            sampling=Sampling(repeat_penalty=1.0),
            constraint=constraint,
        )
        async for delta in engine.generate(request):
            if delta.usage is not None:
                return delta.usage.tokens_per_second or 0.0
        raise AssertionError("a generation ends with its usage")

    schema = JsonSchema(_SCHEMA)
    await rate(None)
    await rate(schema)  # builds the tokenizer, which is kept
    ratios = [await rate(schema) / await rate(None) for _ in range(rounds)]
    await engine.close()
    return statistics.median(ratios)


def _bindings(path: Path, rounds: int) -> float:
    from llama_cpp import Llama, LlamaGrammar

    llama = Llama(str(path), n_ctx=_CONTEXT_TOKENS, verbose=False)
    grammar = LlamaGrammar.from_json_schema(json.dumps(_SCHEMA), verbose=False)
    messages = [{"role": "user", "content": _PROMPT}]

    def rate(**options: object) -> float:
        started_s: float | None = None
        tokens = 0
        for _ in llama.create_chat_completion(
            messages=messages, stream=True, temperature=0, max_tokens=_FREE_TOKENS, **options
        ):
            started_s = started_s or time.perf_counter()
            tokens += 1
        return tokens / (time.perf_counter() - (started_s or 0.0))

    measure: Callable[..., float] = rate
    measure()
    ratios = [measure(grammar=grammar) / measure() for _ in range(rounds)]
    llama.close()
    return statistics.median(ratios)
