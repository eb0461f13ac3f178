"""What a swap costs a role: time to first token after A→B→A ÷ never swapped, loads apart.

A role of about a thousand tokens answers three questions in turn. In between, the model is evicted
for another one and loaded again. The peer, `python -m llama_cpp.server` with the same two models,
gets the same requests; its load time is measured with a short prompt and taken off.
"""

import asyncio
import importlib.util
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.report import Result, starter_model
from toollama.models.engine import GenerationRequest, Message, Sampling
from toollama.models.llama.engine import LlamaEngine
from toollama.models.llama.model import LoadedModel
from toollama.models.llama.sequences import SequenceStore
from toollama.models.spec import ModelSpec

_GOAL = 1.2
_PEER_GOAL = 30
_CONTEXT_TOKENS = 2048
_ROLE = (
    "You look after research tasks in a small team. Read the request twice, name your sources, "
    "never guess a figure, and keep every constraint that the user gave. "
) * 32
_WORDS = (
    *("tide", "delta", "fjord", "reef", "dune", "lake", "spring", "cave", "cliff", "marsh"),
    *("glacier", "canyon", "island", "strait", "geyser", "moor", "oasis", "lagoon", "ridge"),
    *("crater", "bay", "cape", "gorge", "plain", "sound", "gulf", "mesa", "shoal", "weir"),
)
"""One for each question: a prompt that was seen before would not be read again."""


def run(*, quick: bool) -> Result:
    """Measure ours and the peer's, print both, and return ours."""
    path = starter_model()
    rounds = 6 if quick else 12
    never, returned = asyncio.run(_ours(path, rounds))
    ratio = returned / never
    print(f"toollama   first token never swapped {never:.3f} s, after A→B→A {returned:.3f} s")
    print(f"logits after a restore differ by {_logit_difference(path):g}")
    peer = _server_return_s(path, 1 if quick else 3)
    if peer is None:
        print("llama_cpp.server  not installed (extra `bench`): no comparison")
    else:
        outcome = "holds" if peer / returned >= _PEER_GOAL else "falls short"
        print(f"llama_cpp.server  first token after A→B→A {peer:.3f} s, its load taken off")
        print(f"swap_return_peer: {peer / returned:.1f} (goal ≥{_PEER_GOAL}) {outcome}")
    return Result("swap_return", ratio, _GOAL, most=True)


async def _ours(path: Path, rounds: int) -> tuple[float, float]:
    engine = LlamaEngine(resolve=lambda spec: Path(spec.file))
    role = ModelSpec(id="a", file=str(path), context=_CONTEXT_TOKENS)
    other = ModelSpec(id="b", file=str(path), context=256)

    async def first_token_s(question: str) -> float:
        request = GenerationRequest(
            model="a",
            messages=[Message("system", _ROLE), Message("user", question)],
            purpose="bench",
            max_tokens=1,
            sampling=Sampling(repeat_penalty=1.0),
        )
        async for delta in engine.generate(request):
            if delta.usage is not None:
                return delta.usage.time_to_first_token_s or 0.0
        raise AssertionError("a generation ends with its usage")

    await engine.load(role, lambda _payload: None)
    await first_token_s("What is a map?")
    never, returned = [], []
    words = iter(_WORDS)
    for _ in range(rounds):
        never.append(await first_token_s(f"What is a {next(words)}?"))
        await engine.unload("a")
        await engine.load(other, lambda _payload: None)
        await engine.unload("b")
        await engine.load(role, lambda _payload: None)
        returned.append(await first_token_s(f"What is a {next(words)}?"))
    await engine.close()
    return statistics.median(never), statistics.median(returned)


def _logit_difference(path: Path) -> float:
    """Return the largest difference between logits with and without a restore in between."""
    store = SequenceStore(ram_bytes=1 << 28)
    spec = ModelSpec(id="a", file=str(path))

    def load() -> LoadedModel:
        return LoadedModel(
            spec,
            path,
            context_tokens=_CONTEXT_TOKENS,
            progress=lambda _fraction: True,
            saved=store,
        )

    def next_logits(model: LoadedModel, tokens: list[int]) -> NDArray[np.float32]:
        sequence = model.cache.open(tokens[:-1], limit_tokens=_CONTEXT_TOKENS)
        assert sequence is not None
        rest = tokens[len(sequence.tokens) :]
        model.batch.clear()
        position = len(sequence.tokens)
        row = model.batch.add(rest, sequence=sequence.number, position=position, output=True)
        model.decode()
        model.cache.grown(sequence, rest)
        model.cache.close(sequence)
        return model.logits(row).copy()

    model = load()
    tokens = model.vocabulary.tokenize(_ROLE.encode())[: model.batch.capacity]
    next_logits(model, tokens)
    model.save()
    before = next_logits(model, [*tokens, tokens[0]])
    model.close()
    again = load()
    after = next_logits(again, [*tokens, tokens[0]])
    again.close()
    return float(np.abs(after - before).max())


@contextmanager
def _server(path: Path) -> Iterator[str]:
    """Run the peer with two models on loopback, and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    common = {"model": str(path), "chat_format": "chatml", "verbose": False}
    models = [
        {**common, "model_alias": "a", "n_ctx": _CONTEXT_TOKENS},
        {**common, "model_alias": "b", "n_ctx": 256},
    ]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "server.json")
        config.write_text(json.dumps({"host": "127.0.0.1", "port": port, "models": models}))
        process = subprocess.Popen(
            [sys.executable, "-m", "llama_cpp.server", "--config_file", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _server_return_s(path: Path, rounds: int) -> float | None:
    """Return the peer's seconds to the first token after A→B→A, its load time taken off."""
    if importlib.util.find_spec("uvicorn") is None:
        return None
    with _server(path) as base:
        _wait_until_up(base)
        measured = []
        for at in range(rounds):
            _post(base, "a", _ROLE, f"What is a {_WORDS[2 * at]}?")
            _post(base, "b", "", "Hi")
            with_role = _post(base, "a", _ROLE, f"What is a {_WORDS[2 * at + 1]}?")
            _post(base, "b", "", "Hi")
            load_only = _post(base, "a", "", "Hi")
            measured.append(max(with_role - load_only, 0.0))
        return statistics.median(measured)


def _wait_until_up(base: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{base}/v1/models", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the peer did not start")


def _post(base: str, model: str, system: str, question: str) -> float:
    """Return the seconds that a request for one token takes."""
    messages = [{"role": "system", "content": system}] if system else []
    body = {
        "model": model,
        "messages": [*messages, {"role": "user", "content": question}],
        "max_tokens": 1,
        "temperature": 0,
    }
    request = urllib.request.Request(
        f"{base}/v1/chat/completions",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    started_s = time.perf_counter()
    with urllib.request.urlopen(request, timeout=120) as reply:
        reply.read()
    return time.perf_counter() - started_s
