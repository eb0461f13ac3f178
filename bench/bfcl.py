"""Right calls with SmolLM2-135M ÷ the best of raw prompting and `chatml-function-calling`.

BFCL live_simple, the same 100 items for every arm (`bfcl_ids.txt`, the first of a shuffle with seed
11). `--quick` leaves out raw prompting, the slow one, and takes as many items as fit into 40
seconds, which is too few to tell much. The data set is not part of the project:
docs/performance.md says where to put it. Tuned on this set, so the figure is of a development set.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

from bench.report import Result, starter_model
from toollama.agents.crew import Tier
from toollama.clock import SystemClock
from toollama.errors import InputError
from toollama.evaluation import tasks as task_sets
from toollama.evaluation.arms import CONTEXT_TOKENS, Arm, Handler, RawPrompt
from toollama.evaluation.drummer_arm import DrummerArm
from toollama.evaluation.tasks import Task
from toollama.evaluation.trial import Outcome, advantage, outcome, score
from toollama.models.llama.engine import LlamaEngine
from toollama.models.spec import ModelSpec

_GOAL = 1.6
_QUICK_S = 40.0
_FILE = "BFCL_v4_live_simple.json"
_VARIABLE = "TOOLLAMA_BFCL"
_SOURCE = "https://github.com/ShishirPatil/gorilla (berkeley-function-call-leaderboard)"

Outcomes = dict[str, list[Outcome]]


def run(*, quick: bool) -> Result:
    """Run every arm on every item and return the ratio, both counts half a call larger."""
    against = ("handler",) if quick else ("raw", "handler")
    done = asyncio.run(compare(starter_model(), "T0", items(), against, quick=quick))
    show(done)
    ours = done.pop("toollama")
    best = max(sum(one.right for one in other) for other in done.values())
    ratio = (sum(one.right for one in ours) + 0.5) / (best + 0.5)
    if not all(one.valid for one in ours):
        print("not every call of ours keeps to its schema")
        ratio = 0.0
    return Result("bfcl", ratio, _GOAL)


def items() -> list[Task]:
    """Return the 100 items. Raises `InputError` where the data set is absent."""
    directory = Path(os.environ.get(_VARIABLE, "~/.cache/toollama-eval/bfcl")).expanduser()
    if not (directory / _FILE).is_file():
        raise InputError(
            f"{_FILE} is not in {directory}",
            fix=f"put it and possible_answer_live_simple.json from {_SOURCE} there, "
            f"or set {_VARIABLE} to their directory",
        )
    known = {task.id: task for task in task_sets.load(str(directory / _FILE))}
    ids = Path(__file__).with_name("bfcl_ids.txt").read_text("utf-8").split()
    return [known[name] for name in ids]


async def compare(
    path: Path, tier: Tier, tasks: Sequence[Task], against: Sequence[str], *, quick: bool
) -> Outcomes:
    """Run our Drummer and the baselines, item by item; quick stops after 40 seconds."""
    clock = SystemClock()
    engine = LlamaEngine(resolve=lambda spec: Path(spec.file))
    spec = ModelSpec(id="bench", file=str(path), context=CONTEXT_TOKENS)
    await engine.load(spec, lambda _payload: None)
    arms: list[Arm] = [DrummerArm(engine, spec, tier, clock=clock)]
    arms += [RawPrompt(engine, "bench")] if "raw" in against else []
    arms += [Handler(path)] if "handler" in against else []
    done: Outcomes = {arm.name: [] for arm in arms}
    until_s = time.monotonic() + _QUICK_S
    for task in tasks:
        for arm in arms:
            done[arm.name].append(await outcome(arm, task, clock))
        if quick and time.monotonic() > until_s:
            break
    for arm in arms:
        await arm.close()
    await engine.close()
    return done


def show(done: Outcomes) -> None:
    """Print a line for each arm, and how far ahead of each ours is."""
    for name, outcomes in done.items():
        one = score(name, outcomes)
        print(
            f"{name:9} {one.right.value:.0%} right ({one.right.low:.0%} to {one.right.high:.0%})"
            f" of {one.items}, schema-valid {one.valid_share:.0%}, tokens {one.input_tokens:.0f}"
            f" in {one.output_tokens:.0f} out, {one.seconds:.1f} s an item"
        )
    for name, outcomes in done.items():
        if name != "toollama":
            ahead = advantage(done["toollama"], outcomes)
            print(f"toollama - {name}: {ahead.value:+.0%} ({ahead.low:+.0%} to {ahead.high:+.0%})")
