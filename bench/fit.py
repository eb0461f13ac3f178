"""Predicted ÷ real memory of a load, and the ladder on 100,000 simulated machines.

Part A compares the dry run with what llama.cpp allocates for the same SmolLM2 context; beside it
the closed formula, and the peer's rule (file size plus f16 KV cache: Ollama's `PredictServerVRAM`).
Part B lets a simulated device fail at random although the prediction fits.
"""

import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bench.report import Result, starter_model
from toollama.errors import ModelDoesNotFit
from toollama.models import fit, gguf
from toollama.models.ladder import MAX_ATTEMPTS, Attempt, Budget, Occupant, Wanted, decide
from toollama.models.spec import KvType, ModelSpec

_GOAL_PERCENT = 1.0
_CASES = 100_000
_QUICK_CASES = 5_000
_CONTEXTS = (512, 2048, 8192)
_KV_TYPES: tuple[KvType, ...] = ("f16", "q8_0", "q4_0")
_SEQUENCES = (1, 4, 8)
_QUICK_SEQUENCES = (1, 4)
_KV_CODES: dict[KvType, int] = {"f16": 1, "q8_0": 8, "q4_0": 2}
_MIB = 1 << 20


def run(*, quick: bool) -> Result:
    """Return the dry run's largest error in percent; infinite where the ladder broke a rule."""
    worst = _measure_errors(_QUICK_SEQUENCES if quick else _SEQUENCES)
    cases = _QUICK_CASES if quick else _CASES
    tries, broken = _simulate(cases)
    print(f"ladder: {cases} cases, tries {dict(sorted(tries.items()))}, rules broken {broken}")
    return Result("fit", math.inf if broken else worst, _GOAL_PERCENT, most=True)


def _measure_errors(sequence_counts: tuple[int, ...]) -> float:
    from toollama.models.llama import dryrun

    path = starter_model()
    header = gguf.read_header(path)
    errors: dict[str, list[float]] = {"dry run": [], "formula": [], "file + f16 KV": []}
    for context, kv_type, sequences in _configurations(sequence_counts):
        spec = ModelSpec(id="bench", file=str(path), kv_type=kv_type)
        predicted = {
            "dry run": dryrun.measure(
                path, spec, context_tokens=context, sequences=sequences
            ).total,
            "formula": fit.predict(
                header, context_tokens=context, batch=512, kv_type=kv_type, sequences=sequences
            ).total,
            "file + f16 KV": header.file_bytes + context * fit.kv_bytes_per_token(header, "f16"),
        }
        actual_bytes = _really_allocated(
            path, context=context, kv_type=kv_type, sequences=sequences
        )
        for rule, total in predicted.items():
            errors[rule].append(100 * abs(total - actual_bytes) / actual_bytes)
    for rule, found in errors.items():
        print(f"{rule:14} worst {max(found):.3f} %, mean {sum(found) / len(found):.3f} %")
    return max(errors["dry run"])


def _configurations(sequence_counts: tuple[int, ...]) -> Iterator[tuple[int, KvType, int]]:
    for sequences in sequence_counts:
        for context in _CONTEXTS:
            yield from ((context, kv_type, sequences) for kv_type in _KV_TYPES)


def _really_allocated(path: Path, *, context: int, kv_type: KvType, sequences: int) -> int:
    """Return the bytes of all buffers after a real load, as llama.cpp names them."""
    from toollama.models.llama.binding import lib, tap

    tap.reset()
    model_params = lib.llama_model_default_params()
    model_params.use_extra_bufts = False
    model = lib.llama_model_load_from_file(str(path).encode(), model_params)
    params = lib.llama_context_default_params()
    params.n_ctx = context
    params.n_batch = params.n_ubatch = min(512, context)
    params.n_seq_max = sequences
    params.kv_unified = True
    params.type_k = params.type_v = _KV_CODES[kv_type]
    params.flash_attn_type = -1 if kv_type == "f16" else 1
    native = lib.llama_init_from_model(model, params)
    total = tap.buffer_bytes("model", "KV", "RS", "compute", "output")
    lib.llama_free(native)
    lib.llama_model_free(model)
    return total


@dataclass(frozen=True)
class _Machine:
    """One simulated case: what is wanted, what is there, and how wrong the prediction is."""

    wanted: Wanted
    residents: list[Occupant]
    budget: Budget
    truth: float
    """Real bytes ÷ predicted bytes."""

    @classmethod
    def draw(cls, randomness: random.Random, header: gguf.GgufHeader) -> "_Machine":
        layers = randomness.randint(1, 80)
        layer_bytes = randomness.randint(1, 400) * _MIB
        tensors = {f"blk.{n}.w": layer_bytes for n in range(layers)}
        tensors["token_embd.weight"] = randomness.randint(1, 800) * _MIB
        gpu = randomness.choice([None, randomness.randint(0, 32_000) * _MIB])
        return cls(
            wanted=Wanted(
                model="wanted",
                header=replace(
                    header,
                    layers=layers,
                    tensor_bytes=tensors,
                    kv_heads=randomness.choice([1, 4, 8, 32]),
                    context_length=randomness.choice([512, 4096, 32_768, 131_072]),
                ),
                kv_type=randomness.choice(_KV_TYPES),
                context_tokens=randomness.choice([0, 0, randomness.randint(1, 65_536)]),
                batch=randomness.choice([0, 0, 64, 2048]),
                gpu_layers=randomness.choice([-1, -1, randomness.randint(0, 90)]),
            ),
            residents=[
                Occupant(
                    model=f"resident{n}",
                    gpu_bytes=randomness.randint(0, 12_000) * _MIB if gpu is not None else 0,
                    cpu_bytes=randomness.randint(0, 4_000) * _MIB,
                    busy=randomness.random() < 0.3,
                )
                for n in range(randomness.randint(0, 3))
            ],
            budget=Budget(
                gpu_bytes=gpu,
                cpu_bytes=randomness.choice([None, randomness.randint(0, 64_000) * _MIB]),
            ),
            truth=randomness.uniform(0.9, 1.6),
        )

    def breaks_a_rule(self, attempt: Attempt) -> bool:
        """Return whether the attempt exceeds a budget, changes a choice or evicts a busy model."""
        stay = [one for one in self.residents if one.model not in attempt.evict]
        gpu, cpu = self.budget.gpu_bytes, self.budget.cpu_bytes
        held_gpu, held_cpu = (
            sum(one.gpu_bytes for one in stay),
            sum(one.cpu_bytes for one in stay),
        )
        chosen = self.wanted
        return (
            (attempt.gpu_bytes > 0 and (gpu is None or held_gpu + attempt.gpu_bytes > gpu))
            or (cpu is not None and held_cpu + attempt.cpu_bytes > cpu)
            or chosen.context_tokens not in {0, attempt.context_tokens}
            or chosen.batch not in {0, attempt.batch}
            or any(one.busy for one in self.residents if one.model in attempt.evict)
        )

    def loads(self, attempt: Attempt) -> bool:
        """Return whether the real load, larger or smaller than predicted, finds room."""
        stay = [one for one in self.residents if one.model not in attempt.evict]
        free_gpu = (self.budget.gpu_bytes or 0) - sum(one.gpu_bytes for one in stay)
        return attempt.gpu_bytes * self.truth <= max(free_gpu, 0)


def _simulate(cases: int) -> tuple[Counter[str], int]:
    """Climb the ladder on random machines; return how many tries it took, and broken rules."""
    randomness = random.Random(11)
    header = gguf.read_header(starter_model())
    tries: Counter[str] = Counter()
    broken = 0
    for _ in range(cases):
        machine = _Machine.draw(randomness, header)
        try:
            attempts = decide(machine.wanted, residents=machine.residents, budget=machine.budget)
        except ModelDoesNotFit:
            tries["refused"] += 1
            continue
        broken += len(attempts) > MAX_ATTEMPTS
        broken += sum(machine.breaks_a_rule(attempt) for attempt in attempts)
        needed = next((n for n, one in enumerate(attempts, 1) if machine.loads(one)), None)
        tries[f"{needed}" if needed else "all failed"] += 1
    return tries, broken
