"""The hierarchy on models that follow instructions, where they are on this machine."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.e2e.conftest import Toollama

MODELS = Path(os.environ.get("TOOLLAMA_EVAL_MODELS", "~/.cache/toollama-eval")).expanduser()
SMALL, LARGE = MODELS / "qwen2.5-coder-0.5b.gguf", MODELS / "qwen2.5-coder-1.5b.gguf"
QUESTION = "Which region has the highest total revenue, and what share of the whole is it?"

pytestmark = pytest.mark.skipif(
    not (SMALL.exists() and LARGE.exists()), reason=f"no larger models in {MODELS}"
)


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    path.write_text(
        "region,product,revenue\nNorth,Chairs,1300\nSouth,Tables,1200\nNorth,Tables,2000\n"
        "East,Lamps,1500\n"
    )
    return path


def test_the_crew_answers_from_a_table_with_its_source(toollama: Toollama, sales: Path) -> None:
    outcome = toollama("ask", "-m", f"all={LARGE}", "-f", str(sales), QUESTION)
    assert outcome.returncode == 0, outcome.stderr
    assert "North" in outcome.stdout
    assert re.search(r"\b55(?:\.0)?\s?%", outcome.stdout)
    assert "[1] sales.csv" in outcome.stdout


def test_a_budget_for_one_model_makes_two_of_them_swap(toollama: Toollama, sales: Path) -> None:
    budget = 1_900_000_000
    outcome = toollama(
        "ask", "--jsonl", "--vram", str(budget), "-m", f"camina={LARGE}", "-m",
        f"drummer={SMALL}", "-f", str(sales), QUESTION,
    )  # fmt: skip
    events = [json.loads(line) for line in outcome.stdout.splitlines()]
    answer = events[-1]["data"]["answer"]
    assert "North" in answer
    assert "55" in answer
    assert [e["data"]["model"] for e in events if e["type"] == "model.unloaded"] == [SMALL.stem]
    resident = [e["data"]["resident_bytes"] for e in events if e["type"] == "model.load.completed"]
    assert len(resident) == 2
    assert max(resident) <= budget
