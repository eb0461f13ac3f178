"""What a JSON schema costs: constrained ÷ free tokens/s, ours and the high-level bindings'.

A row for each vocabulary size: SmolLM2 (49k tokens) and, where its file is, Qwen2.5 (152k). In each
row both paths decode the same prompt on the same file in this process, in turns. Ours is compared
with our own free run, the bindings' grammar path with the bindings' own free run. Rates are of the
whole generation, with the compilation of the schema; only the prompt lies in the KV cache already.
Half of the cores compute: on all of them any other work makes single rates jump tenfold.
"""

import asyncio
import json
import os
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.report import Result, larger_model, starter_model
from toollama.events.payloads import Usage
from toollama.models.engine import Constraint, GenerationRequest, JsonSchema, Message, Sampling
from toollama.models.llama.engine import LlamaEngine
from toollama.models.spec import ModelSpec

_GOAL = 0.98
_CONTEXT_TOKENS = 1024
_THREADS = max((os.cpu_count() or 2) // 2, 1)
_FREE_TOKENS = 48
_PEER_TOKENS = 24
_OURS_S, _OURS_QUICK_S = 40.0, 8.0
_PEER_S, _PEER_QUICK_S = 20.0, 2.0
"""How long rounds of one constrained and one free run go on; the last one is finished."""
_LARGE_VOCABULARY = "qwen2.5-coder-0.5b.gguf"
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


@dataclass(frozen=True, slots=True)
class _Cost:
    """Constrained ÷ free of one path on one file, and what lies behind it."""

    ratio: float
    free_tokens_per_s: float
    rounds: int
    forced_share: float = 0.0
    """Part of the constrained tokens that cost no decision."""

    def row(self, name: str, path: str) -> str:
        forced = f", {self.forced_share:.0%} of the tokens forced" if self.forced_share else ""
        return (
            f"{name:10} {path:10} {self.ratio:.2f} × free"
            f" ({self.free_tokens_per_s:.0f} tokens/s, {self.rounds} rounds{forced})"
        )


def run(*, quick: bool) -> Result:
    """Measure both paths on each vocabulary and return the worst of ours."""
    os.environ["TOOLLAMA_THREADS"] = str(_THREADS)
    files = {"smollm2": starter_model()}
    if large := larger_model(_LARGE_VOCABULARY):
        files["qwen2.5"] = large
    ratios: list[float] = []
    for name, file in files.items():
        ours = asyncio.run(_ours(file, for_s=_OURS_QUICK_S if quick else _OURS_S))
        print(ours.row(name, "toollama"), flush=True)
        theirs = _bindings(file, for_s=_PEER_QUICK_S if quick else _PEER_S)
        print(theirs.row(name, "llama_cpp"), flush=True)
        ratios.append(ours.ratio)
    return Result("constraint", min(ratios), _GOAL)


async def _ours(file: Path, *, for_s: float) -> _Cost:
    engine = LlamaEngine(resolve=lambda spec: Path(spec.file))
    await engine.load(
        ModelSpec(id="bench", file=str(file), context=_CONTEXT_TOKENS), lambda _payload: None
    )

    async def measure(constraint: Constraint | None) -> tuple[float, Usage]:
        request = GenerationRequest(
            model="bench",
            messages=[Message("user", _PROMPT)],
            purpose="bench",
            max_tokens=_FREE_TOKENS if constraint is None else 200,
            sampling=Sampling(repeat_penalty=1.0),
            constraint=constraint,
        )
        started_s = time.perf_counter()
        usage = [delta.usage async for delta in engine.generate(request)][-1]
        if usage is None:
            raise AssertionError("a generation ends with its usage")
        return usage.output_tokens / (time.perf_counter() - started_s), usage

    schema = JsonSchema(_SCHEMA)
    await measure(None)
    _, usage = await measure(schema)  # builds the tokenizer, which is kept
    pairs: list[tuple[float, float]] = []
    until_s = time.perf_counter() + for_s
    while not pairs or time.perf_counter() < until_s:
        pairs.append(((await measure(schema))[0], (await measure(None))[0]))
    await engine.close()
    return _Cost(*_medians(pairs), len(pairs), usage.forced_tokens / usage.output_tokens)


def _medians(rates: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the ratio and the free rate of rounds of one constrained and one free run each."""
    ratio = statistics.median(constrained / free for constrained, free in rates)
    return ratio, statistics.median(free for _, free in rates)


def _bindings(file: Path, *, for_s: float) -> _Cost:
    from llama_cpp import Llama, LlamaGrammar

    llama = Llama(
        str(file),
        n_ctx=_CONTEXT_TOKENS,
        n_threads=_THREADS,
        n_threads_batch=_THREADS,
        verbose=False,
    )
    grammar = LlamaGrammar.from_json_schema(json.dumps(_SCHEMA), verbose=False)
    messages: list[Any] = [{"role": "user", "content": _PROMPT}]

    def rate(**options: Any) -> float:
        started_s = time.perf_counter()
        tokens = 0
        for _ in llama.create_chat_completion(
            messages=messages, stream=True, temperature=0, max_tokens=_PEER_TOKENS, **options
        ):
            tokens += 1
        return tokens / (time.perf_counter() - started_s)

    rate()
    pairs: list[tuple[float, float]] = []
    until_s = time.perf_counter() + for_s
    while not pairs or time.perf_counter() < until_s:
        pairs.append((rate(grammar=grammar), rate()))
    llama.close()
    return _Cost(*_medians(pairs), len(pairs))
