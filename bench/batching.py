"""What batching gives: tokens/s of 8 requests at once ÷ those of one, beside xllamacpp's ratio.

Both run the same model and prompts with as many threads, every request to its last token. The peer
is llama.cpp's own server code in a child process, so that two copies of the library never share
one; ours and its rounds take turns.
"""

import asyncio
import importlib.util
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

from bench.report import Result, starter_model
from toollama.models.engine import GenerationRequest, Message, Sampling
from toollama.models.fit import SEQUENCES
from toollama.models.llama.engine import LlamaEngine
from toollama.models.llama.model import default_threads
from toollama.models.spec import ModelSpec

_GOAL = 0.95
_OWN_GOAL = 1.9
_CONTEXT_TOKENS = 4096
_ROUNDS = 5
_TOPICS = ("tides", "deltas", "fjords", "reefs", "dunes", "lakes", "springs", "caves")


def run(*, quick: bool) -> Result:
    """Measure both in turns, print both ratios, and return ours ÷ the peer's."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise SystemExit("the peer is missing: pip install 'toollama[bench]'")
    path = starter_model()
    command = [sys.executable, "-m", "bench.xllamacpp_peer", str(path), str(default_threads())]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as peer:
        assert peer.stdin is not None
        assert peer.stdout is not None
        ask_peer = partial(_peer_rate, peer.stdin, peer.stdout)
        result = asyncio.run(_compare(path, ask_peer, tokens=64 if quick else 128))
        peer.stdin.close()
    return result


async def _compare(path: Path, ask_peer: Callable[[int, int], float], *, tokens: int) -> Result:
    engine = LlamaEngine(resolve=lambda spec: Path(spec.file))
    await engine.load(
        ModelSpec(id="bench", file=str(path), context=_CONTEXT_TOKENS), lambda _payload: None
    )
    ours, theirs = [], []
    for at in range(_ROUNDS + 1):  # the first is for warming up
        mine = await _rate(engine, 1, tokens), await _rate(engine, SEQUENCES, tokens)
        peer = ask_peer(1, tokens), ask_peer(SEQUENCES, tokens)
        if at:
            ours.append(mine)
            theirs.append(peer)
    await engine.close()
    ratio, peer_ratio = _ratio("toollama", ours), _ratio("xllamacpp", theirs)
    print(Result("batching_own", ratio, _OWN_GOAL).line())
    return Result("batching", ratio / peer_ratio, _GOAL)


def _ratio(name: str, rates: list[tuple[float, float]]) -> float:
    one = statistics.median(one for one, _ in rates)
    many = statistics.median(many for _, many in rates)
    print(f"{name:10} 1 request {one:.1f} tokens/s, {SEQUENCES} requests {many:.1f} tokens/s")
    return many / one


def prompts(count: int) -> list[str]:
    """Return what is asked, another thing in each request."""
    return [f"Write a long story about {topic}." for topic in _TOPICS[:count]]


async def _rate(engine: LlamaEngine, count: int, tokens: int) -> float:
    """Return the tokens per second of `count` requests at once."""

    async def write(prompt: str) -> int:
        request = GenerationRequest(
            model="bench",
            messages=[Message("user", prompt)],
            purpose="bench",
            max_tokens=tokens,
            sampling=Sampling(repeat_penalty=1.0),
        )
        async for delta in engine.generate(request):
            if delta.usage is not None:
                return delta.usage.output_tokens
        raise AssertionError("a generation ends with its usage")

    started_s = time.perf_counter()
    written = await asyncio.gather(*(write(prompt) for prompt in prompts(count)))
    return sum(written) / (time.perf_counter() - started_s)


def _peer_rate(orders: IO[str], answers: IO[str], count: int, tokens: int) -> float:
    orders.write(json.dumps({"prompts": prompts(count), "tokens": tokens}) + "\n")
    orders.flush()
    return float(answers.readline())
