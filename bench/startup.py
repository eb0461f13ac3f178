"""Start-up: the processor time of commands as ratios to a bare Python of the same run.

Wall time on a busy machine measures the machine, so the processor time of each child is taken,
bytecode compiled, the least of several runs interleaved with each other. `llm` is compared where
it is installed (it comes with the extra `starter`).
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from shutil import which

from bench.report import Result

_LLM_GOAL = 0.1
_COMMANDS: dict[str, float | None] = {
    "--version": None,
    "--help": 7.0,
    "ask --help": None,
    "completion bash": None,
    "models list": 16.0,
    "tools list": 16.0,
    "runs list": 16.0,
}
"""The most that a command may take, as a multiple of bare Python; None is only shown."""


def cpu_s(command: Sequence[str], environ: dict[str, str]) -> float:
    """Return the processor seconds, user and system, of one run of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environ, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(rounds: int, environ: dict[str, str]) -> dict[str, float]:
    """Return the least processor seconds of each command by name; `bare` is Python alone."""
    toollama = [sys.executable, "-m", "toollama"]
    lines = {"bare": [sys.executable, "-c", "pass"]}
    lines |= {name: [*toollama, *name.split()] for name in _COMMANDS}
    beside = str(Path(sys.executable).with_name("llm"))
    if peer := which(beside) or which("llm"):
        lines["llm --help"] = [peer, "--help"]
    least: dict[str, float] = {}
    for at in range(rounds + 1):
        for name, line in lines.items():
            spent_s = cpu_s(line, environ)
            if at:  # the first round compiles bytecode
                least[name] = min(spent_s, least.get(name, spent_s))
    return least


def run(*, quick: bool) -> Result:
    """Print every ratio; report the worst share of its goal."""
    environ = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as place:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            environ[f"TOOLLAMA_{kind}_DIR"] = f"{place}/{kind.lower()}"
        least = measure(3 if quick else 10, environ)
    bare_s = least["bare"]
    print(f"{'bare Python':16} {bare_s * 1000:6.0f} ms of processor time")
    shares = []
    for name, goal in _COMMANDS.items():
        ratio = least[name] / bare_s
        wanted = "" if goal is None else f"  (goal ≤{goal:g})"
        shares += [] if goal is None else [ratio / goal]
        print(f"{name:16} {least[name] * 1000:6.0f} ms  {ratio:5.1f}x of bare Python{wanted}")
    if peer_s := least.get("llm --help"):
        ratio = least["--help"] / peer_s
        shares.append(ratio / _LLM_GOAL)
        print(f"{'llm --help':16} {peer_s * 1000:6.0f} ms; ours is {ratio:.2f} of it (goal ≤0.1)")
    else:
        print("llm is not installed: not compared")
    return Result("startup", max(shares), 1.0, most=True)
