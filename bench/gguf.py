"""Damaged GGUF headers: how many of 100,000 mutants are neither used nor refused with an error.

What can still be read is also put to the memory plan, which counts with the figures of the header.
The headers are hand-made and small, so that a mutation often hits a length, a count or an offset:
bytes flipped, integers set to extremes, pieces cut out, repeated and moved, ends cut off.
"""

import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.report import Result
from tests.models.gguf_bytes import ARRAY, LLAMA, STRING, U32, header, long_array, packed
from toollama.errors import ModelCorrupt
from toollama.models.fit import Placement, predict
from toollama.models.gguf import read_header

_MUTANTS = 100_000
_QUICK_S = 40.0
_GOOD = {"used", "refused"}
_EXTREMES = [0, 1, 2**7, 2**8, 2**15, 2**16, 2**31, 2**32 - 1, 2**62, 2**63, 2**64 - 1]


def run(*, quick: bool) -> Result:
    """Read mutants until all are read, or with `quick` until 40 s are over."""
    randomness = random.Random(11)
    seeds = _seeds()
    outcomes: Counter[str] = Counter()
    slowest_s = 0.0
    ends_at_s = time.monotonic() + _QUICK_S
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "mutant.gguf"
        for number in range(_MUTANTS):
            if quick and time.monotonic() > ends_at_s:
                break
            mutant = mutate(randomness.choice(seeds), randomness)
            path.write_bytes(mutant)
            started_s = time.perf_counter()
            outcome = _outcome(path)
            slowest_s = max(slowest_s, time.perf_counter() - started_s)
            outcomes[outcome] += 1
            if outcome not in _GOOD:
                print(f"mutant {number}: {outcome}: {mutant[:200]!r}")
    uncaught = sum(count for outcome, count in outcomes.items() if outcome not in _GOOD)
    print(f"{outcomes.total()} mutants: {dict(outcomes)}, slowest {slowest_s * 1000:.1f} ms")
    return Result("gguf", uncaught, 0, most=True)


def mutate(raw: bytes, randomness: random.Random) -> bytes:
    """Return the bytes with one to four faults."""
    data = bytearray(raw)
    for _ in range(randomness.randint(1, 4)):
        at = randomness.randrange(len(data)) if data else 0
        length = randomness.choice([1, 4, 8, randomness.randint(1, 64)])
        match randomness.randrange(6):
            case 0 if data:
                data[at] ^= 1 << randomness.randrange(8)
            case 1:
                width = randomness.choice([4, 8])
                value = randomness.choice(_EXTREMES) % 2 ** (8 * width)
                data[at : at + width] = value.to_bytes(width, "little")
            case 2:
                del data[at : at + length]
            case 3:
                data[at:at] = data[at : at + length]
            case 4:
                data[at : at + length] = randomness.randbytes(length)
            case _:
                del data[at:]
    return bytes(data)


def _seeds() -> list[bytes]:
    tokens = long_array(STRING, 40) + b"".join(packed(f"token{n}") for n in range(40))
    heads = long_array(U32, 4) + b"\x02\0\0\0" * 4
    keys = [
        *LLAMA,
        ("general.name", STRING, "a model"),
        ("general.alignment", U32, 32),
        ("llama.attention.head_count", U32, 4),
        ("llama.attention.head_count_kv", ARRAY, heads),
        ("tokenizer.chat_template", STRING, "{{ messages }}"),
        ("tokenizer.ggml.tokens", ARRAY, tokens),
    ]
    tensors = [(f"blk.{n}.attn_q.weight", [32, 2], 0, 256 * n) for n in range(8)]
    return [
        header(keys, tensors) + bytes(2304),
        header(keys, tensors, version=2) + bytes(2304),
        header(LLAMA, tensors[:1]) + bytes(320),
    ]


def _outcome(path: Path) -> str:
    try:
        header_read = read_header(path)
        plan = predict(header_read, context_tokens=2048, batch=512, kv_type="f16")
        Placement(header_read).on_gpu(plan, gpu_layers=1)
    except ModelCorrupt:
        return "refused"
    except Exception as uncaught:  # noqa: BLE001 - counting these is the purpose
        return type(uncaught).__name__
    return "used"
