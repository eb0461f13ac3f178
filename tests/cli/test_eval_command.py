"""`toollama eval` on a model of noise: what it prints is judged, not how well noise calls."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json, to_json

from tests.cli.harness import Cli
from tests.tiny_gguf import write_tiny_gguf
from toollama.evaluation import trial


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("llama_cpp")
    monkeypatch.setenv("TOOLLAMA_THREADS", "1")
    return write_tiny_gguf(tmp_path / "tiny.gguf", context=2048)


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """Two tasks: one that the words settle, one that only a model could."""
    lamp = {
        "name": "lamp",
        "description": "Switch a lamp.",
        "parameters": {
            "type": "dict",
            "required": ["state"],
            "properties": {"state": {"type": "string", "enum": ["ON", "OFF"]}},
        },
    }
    lines = [
        {
            "id": f"t{at}",
            "question": [[{"role": "user", "content": words}]],
            "function": [lamp],
            "ground_truth": [{"lamp": {"state": [state]}}],
        }
        for at, (words, state) in enumerate([("lamp off", "OFF"), ("it is dark", "never")])
    ]
    path = tmp_path / "set.jsonl"
    path.write_bytes(b"\n".join(map(to_json, lines)))
    return path


def test_a_set_is_marked_and_every_call_keeps_to_its_schema(
    cli: Cli, tiny: Path, tasks: Path
) -> None:
    done = cli("eval", str(tasks), "--model", str(tiny), "--json")
    (ours,) = from_json(done.out)["arms"]
    assert (done.code, ours["items"], ours["right"]["value"]) == (0, 2, 0.5)
    assert (ours["valid_share"], ours["swaps"]) == (1.0, 0)


def test_a_baseline_is_measured_on_the_same_tasks(cli: Cli, tiny: Path, tasks: Path) -> None:
    done = cli("eval", str(tasks), "--model", str(tiny), "--against", "raw", "--limit", "1")
    assert done.code == 0, done.err
    assert "toollama - raw: +100 points" in done.out
    assert "1 of 1 tasks, 1 right" in done.err


def test_an_unknown_baseline_names_those_that_exist(cli: Cli, tiny: Path) -> None:
    done = cli("eval", "--against", "magic", "--model", str(tiny))
    assert done.code == 2
    assert "raw,handler" in done.err


def test_a_set_without_tasks_is_refused(cli: Cli, tiny: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    done = cli("eval", str(empty), "--model", str(tiny))
    assert (done.code, "holds no tasks" in done.err) == (2, True)


def test_ctrl_c_prints_what_there_is(
    cli: Cli, tiny: Path, tasks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = trial.outcome

    async def stopped_at_the_second(arm: Any, task: Any, clock: Any) -> trial.Outcome:
        if task.id == "t1":
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(30)
        return await real(arm, task, clock)

    monkeypatch.setattr(trial, "outcome", stopped_at_the_second)
    done = cli("eval", str(tasks), "--model", str(tiny), "--json")
    shown = from_json(done.out)
    assert (done.code, shown["tasks"], shown["arms"][0]["items"]) == (130, 2, 1)
