"""How many points more calls right than `chatml-function-calling` with Qwen2.5-Coder-1.5B.

The value is the lower end of the paired 95 % interval: above zero the sign is certain. The same
items as `bfcl`; `TOOLLAMA_BENCH_ITEMS` takes only the first of them.
"""

import asyncio
import os
from pathlib import Path

from bench.bfcl import compare, items, show
from bench.report import Result
from toollama.errors import ModelMissing
from toollama.evaluation.trial import advantage

_FILE = "qwen2.5-coder-1.5b.gguf"
_GOAL = 0.0


def run(*, quick: bool) -> Result:
    """Run both arms on every item and return the least advantage, in points."""
    directory = Path(os.environ.get("TOOLLAMA_EVAL_MODELS", "~/.cache/toollama-eval")).expanduser()
    path = directory / _FILE
    if not path.is_file():
        raise ModelMissing(f"{_FILE} is not in {directory}", fix="set TOOLLAMA_EVAL_MODELS")
    tasks = items()[: int(os.environ.get("TOOLLAMA_BENCH_ITEMS", "100"))]
    done = asyncio.run(compare(path, "T1", tasks, ("handler",), quick=quick))
    show(done)
    return Result("bfcl_larger", 100 * advantage(done["toollama"], done["handler"]).low, _GOAL)
