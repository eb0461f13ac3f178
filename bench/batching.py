"""What batching gives: tokens/s of 8 requests at once ÷ those of one, beside xllamacpp's ratio.

Both run the same model and prompts with as many threads, every request to its last token. The peer
is llama.cpp's own server code in a child process, so that two copies of the library never share
one; ours and its rounds take turns.

What one step of eight tokens can give depends on the kernels of a file's number format, so the
bundled Q4_1 file is measured as it is and as Q8_0, beside a loop of `llama_decode`; `--quick`
leaves out the first.
"""

import asyncio
import ctypes
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

from bench.raw import RawLoop
from bench.report import Result, larger_model, starter_model
from toollama.models.engine import GenerationRequest, Message, Sampling
from toollama.models.fit import SEQUENCES
from toollama.models.llama.binding import lib
from toollama.models.llama.engine import LlamaEngine
from toollama.models.llama.model import default_threads
from toollama.models.spec import ModelSpec

_GOAL = 0.95
_OWN_GOAL = 1.9
_CONTEXT_TOKENS = 4096
_ROUNDS, _QUICK_ROUNDS, _LARGER_ROUNDS = 5, 2, 2
_LLAMA_FTYPE_Q8_0 = 7  # llama.h
_TOKENS = 64
_RULES = (
    "Read the request twice, name your sources, never guess a figure, keep every constraint that "
    "the user gave, and say what you could not find out. "
) * 9
_LARGER = "qwen2.5-coder-1.5b.gguf"
_TOPICS = ("tides", "deltas", "fjords", "reefs", "dunes", "lakes", "springs", "caves")


def run(*, quick: bool) -> Result:
    """Measure both in turns, print both ratios, and return ours ÷ the peer's."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise SystemExit("the peer is missing: pip install 'toollama[bench]'")
    small, rounds = starter_model(), _QUICK_ROUNDS if quick else _ROUNDS
    ratios = [] if quick else [_measure("smollm2", small, rounds=rounds)]
    with tempfile.TemporaryDirectory() as directory:
        rewritten = _as_q8_0(small, Path(directory) / "q8_0.gguf")
        ratios.append(_measure("smollm2 q8_0", rewritten, rounds=rounds))
    of_a_role = _ratio("one role", "toollama", asyncio.run(_role_rates(small, rounds=rounds)))
    if not quick and (larger := larger_model(_LARGER)):
        ratios.append(_measure("qwen2.5-1.5b", larger, rounds=_LARGER_ROUNDS))
    print(Result("batching_role", of_a_role, _OWN_GOAL).line())
    print(Result("batching_own", max(ours for ours, _ in ratios), _OWN_GOAL).line())
    return Result("batching", min(ours / peer for ours, peer in ratios), _GOAL)


def _measure(name: str, path: Path, *, rounds: int) -> tuple[float, float]:
    """Return our ratio and the peer's on one model."""
    command = [sys.executable, "-m", "bench.xllamacpp_peer", str(path), str(default_threads())]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as peer:
        assert peer.stdin is not None
        assert peer.stdout is not None
        ask_peer = partial(_peer_rate, peer.stdin, peer.stdout)
        rates = asyncio.run(_rates(path, ask_peer, rounds=rounds))
        peer.stdin.close()
    ours, theirs = _ratio(name, "toollama", rates[0]), _ratio(name, "xllamacpp", rates[1])
    _ratio(name, "raw loop", [(_limit_rate(path, 1), _limit_rate(path, SEQUENCES))])
    return ours, theirs


async def _rates(
    path: Path, ask_peer: Callable[[int], float], *, rounds: int
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Return tokens per second of one request and of many, by round, for us and for the peer."""
    engine = LlamaEngine(resolve=lambda spec: Path(spec.file))
    await engine.load(
        ModelSpec(id="bench", file=str(path), context=_CONTEXT_TOKENS), lambda _payload: None
    )
    ours, theirs = [], []
    for at in range(rounds + 1):  # the first is for warming up
        mine = await _rate(engine, 1), await _rate(engine, SEQUENCES)
        peer = ask_peer(1), ask_peer(SEQUENCES)
        if at:
            ours.append(mine)
            theirs.append(peer)
    await engine.close()
    return ours, theirs


async def _role_rates(path: Path, *, rounds: int) -> list[tuple[float, float]]:
    """Return our tokens per second where all requests begin with a role's new instructions."""
    engine = LlamaEngine(resolve=lambda spec: Path(spec.file))
    await engine.load(
        ModelSpec(id="bench", file=str(path), context=_CONTEXT_TOKENS), lambda _payload: None
    )
    rates = [
        (
            await _rate(engine, 1, role(2 * at)),
            await _rate(engine, SEQUENCES, role(2 * at + 1)),
        )
        for at in range(rounds)
    ]
    await engine.close()
    return rates


def _as_q8_0(path: Path, rewritten: Path) -> Path:
    """Rewrite a model with 8 bits a weight; it says nothing worse or better, only faster."""
    params = lib.llama_model_quantize_default_params()
    params.ftype, params.allow_requantize, params.nthread = _LLAMA_FTYPE_Q8_0, True, 2
    source, target = os.fsencode(path), os.fsencode(rewritten)
    if lib.llama_model_quantize(source, target, ctypes.byref(params)) != 0:
        raise SystemExit(f"llama.cpp could not rewrite {path.name}")
    return rewritten


def _limit_rate(path: Path, count: int) -> float:
    """Return what llama.cpp gives without a program around it."""
    raw = RawLoop(path, context_tokens=_CONTEXT_TOKENS, sequences=count)
    raw.step(10)
    started_s = time.perf_counter()
    for _ in range(_TOKENS):
        raw.step(10)
    rate = count * _TOKENS / (time.perf_counter() - started_s)
    raw.close()
    return rate


def _ratio(model: str, name: str, rates: list[tuple[float, float]]) -> float:
    one = statistics.median(one for one, _ in rates)
    many = statistics.median(many for _, many in rates)
    print(
        f"{model:12} {name:10} 1 request {one:6.1f} tokens/s, {SEQUENCES} requests "
        f"{many:6.1f} tokens/s: {many / one:.2f}"
    )
    return many / one


def role(number: int) -> str:
    """Return instructions of about 270 tokens that nobody has read yet."""
    return f"You are member {number} of a crew. " + _RULES


def prompts(count: int) -> list[str]:
    """Return what is asked, another thing in each request."""
    return [f"Write a long story about {topic}." for topic in _TOPICS[:count]]


async def _rate(engine: LlamaEngine, count: int, system: str = "") -> float:
    """Return the tokens per second of `count` requests at once."""
    before = [Message("system", system)] if system else []

    async def write(prompt: str) -> int:
        request = GenerationRequest(
            model="bench",
            messages=[*before, Message("user", prompt)],
            purpose="bench",
            max_tokens=_TOKENS,
            sampling=Sampling(repeat_penalty=1.0),
        )
        async for delta in engine.generate(request):
            if delta.usage is not None:
                return delta.usage.output_tokens
        raise AssertionError("a generation ends with its usage")

    started_s = time.perf_counter()
    written = await asyncio.gather(*(write(prompt) for prompt in prompts(count)))
    return sum(written) / (time.perf_counter() - started_s)


def _peer_rate(orders: IO[str], answers: IO[str], count: int) -> float:
    order = {"prompts": prompts(count), "tokens": _TOKENS}
    orders.write(json.dumps(order) + "\n")
    orders.flush()
    return float(answers.readline())
