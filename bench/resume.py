"""Whether a run that is killed goes on: kill −9 after every event, resume, compare the answers.

Two writing tools: the shipped one can tell what an earlier call has done, so the answer must be the
one of the unbroken run; one that appends cannot, so it must write at most once and say what it does
not know.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.report import Result

_QUICK_STEP = 8


def run(*, quick: bool) -> Result:
    """Return the share of deaths after which a resumed run holds."""
    held = deaths = 0
    for tool in ("rename", "append"):
        unbroken, *killed = trials(tool, step=_QUICK_STEP if quick else 1)
        failed = [
            trial for trial in killed if not holds(trial, unbroken, can_be_unknown=tool == "append")
        ]
        print(f"{tool}: {len(killed)} deaths, {len(killed) - len(failed)} hold")
        for trial in failed:
            print(f"  after event {trial['died_at']}: {json.dumps(trial)}")
        held += len(killed) - len(failed)
        deaths += len(killed)
    return Result("resume", held / deaths, 1.0)


def trials(tool: str, *, step: int) -> list[dict[str, Any]]:
    """Return the unbroken run and a trial for every `step`-th event, as `kill_child` tells them."""
    # A kill leaves the page cache alone, so the log need not lie on a disk that is slow to flush.
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as directory:
        done = subprocess.run(
            [sys.executable, "-m", "bench.kill_child", directory, tool, str(step)],
            capture_output=True,
            text=True,
            check=True,
        )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def holds(trial: dict[str, Any], unbroken: dict[str, Any], *, can_be_unknown: bool) -> bool:
    """Return whether the effect is there at most once and the answer is the unbroken one.

    `can_be_unknown` accepts an answer that says what nobody can tell.
    """
    if len(trial["written"]) > 1 or len(trial["written"]) < len(trial["written_before"]):
        return False
    told = ("text", "status", "limits", "sources", "written")
    same = all(trial.get(key) == unbroken[key] for key in told)
    return same or (can_be_unknown and owns_up(trial))


def owns_up(trial: dict[str, Any]) -> bool:
    """Return whether the answer says that nobody can tell if the write took effect."""
    unknown = any("is not known, and it is not repeated" in limit for limit in trial["limits"])
    return trial["status"] == "partial" and unknown
