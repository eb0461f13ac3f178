"""What the llama tests share: specs, requests, and running an engine to the end of an output."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from toollama.events.payloads import Payload, Usage
from toollama.models.engine import Delta, FinishReason, GenerationRequest, Message, Regex
from toollama.models.llama.engine import LlamaEngine
from toollama.models.llama.model import LoadedModel
from toollama.models.spec import ModelSpec

_IDLE_WITHIN_S = 20.0
ONE_THREAD = ("TOOLLAMA_THREADS", "1")
"""Computing threads wait for each other by spinning: on a busy machine one alone is faster."""
ENDLESS = Regex("[a-z]{2000}")
"""Output that takes seconds unless something stops it."""


@dataclass(frozen=True)
class Output:
    """One generation, read to its end."""

    text: str
    reasoning: str
    finish_reason: FinishReason
    usage: Usage


def spec_of(path: Path, *, name: str = "tiny", **options: Any) -> ModelSpec:
    return ModelSpec(id=name, file=str(path), **options)


def ask(text: str = "hello", *, model: str = "tiny", **options: Any) -> GenerationRequest:
    options.setdefault("max_tokens", 40)
    return GenerationRequest(
        model=model, messages=[Message("user", text)], purpose="test", **options
    )


def ignore(_payload: Payload) -> None:
    """Take a payload and do nothing with it."""


def output_of(deltas: list[Delta]) -> Output:
    *_, last = deltas
    assert last.finish_reason is not None
    assert last.usage is not None
    return Output(
        text="".join(delta.text for delta in deltas if delta.kind == "content"),
        reasoning="".join(delta.text for delta in deltas if delta.kind == "reasoning"),
        finish_reason=last.finish_reason,
        usage=last.usage,
    )


async def complete(engine: LlamaEngine, request: GenerationRequest) -> Output:
    return output_of([delta async for delta in engine.generate(request)])


@asynccontextmanager
async def running(*specs: ModelSpec, budget_bytes: int | None = None) -> AsyncIterator[LlamaEngine]:
    """Run an engine with these models resident."""
    engine = LlamaEngine(resolve=lambda spec: Path(spec.file), vram_bytes=budget_bytes)
    try:
        for spec in specs:
            await engine.load(spec, ignore)
        yield engine
    finally:
        await engine.close()


async def until_idle(engine: LlamaEngine) -> None:
    """Wait for the engine thread to have nothing to do. Raises `TimeoutError`."""
    async with asyncio.timeout(_IDLE_WITHIN_S):
        while not engine.idle:  # noqa: ASYNC110 - another thread's state gives no signal
            await asyncio.sleep(0.005)


def occupy(engine: LlamaEngine) -> threading.Event:
    """Keep the engine thread busy until the returned event is set."""
    released = threading.Event()
    engine._thread.submit(lambda: released.wait(_IDLE_WITHIN_S))
    return released


def load_here(spec: ModelSpec, **options: Any) -> LoadedModel:
    """Load a model on this thread; the caller closes it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(*ONE_THREAD)
        return LoadedModel(
            spec,
            Path(spec.file),
            context_tokens=options.get("context_tokens", 512),
            progress=lambda _fraction: True,
            saved=options.get("saved"),
        )


def read(model: LoadedModel, tokens: Sequence[int]) -> tuple[int, NDArray[np.float32]]:
    """Decode a prompt; return how many tokens the cache had, and the logits after the last."""
    sequence = model.cache.open(tokens[:-1], limit_tokens=model.context_tokens)
    assert sequence is not None
    shared, row = len(sequence.tokens), 0
    while rest := list(tokens[len(sequence.tokens) :][: model.batch.capacity]):
        position = len(sequence.tokens)
        model.batch.clear()
        row = model.batch.add(rest, sequence=sequence.number, position=position, output=True)
        model.decode()
        model.cache.grown(sequence, rest)
    model.cache.close(sequence)
    return shared, model.logits(row).copy()


def cached_tokens(engine: LlamaEngine, model: str) -> int:
    """Return how many cells of a resident model's cache hold something."""
    return engine._batchers[model].model.cache.used_cells
