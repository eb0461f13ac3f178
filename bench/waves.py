"""Swaps of a request with three independent tasks, over two real files with room for one.

The same plan runs twice through the whole hierarchy: as it is, and with each task needing the one
before, which is how a program without waves would go about it. Camina and the Belters share one
file, the Drummers have the other. TOOLLAMA_EVAL_MODELS names the directory of the two files.
"""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydantic_core import to_json

from bench.report import Result
from toollama.agents import plan_file
from toollama.agents.messages import Attached
from toollama.clock import SystemClock
from toollama.config import Settings
from toollama.errors import ModelMissing
from toollama.events import Event
from toollama.models.catalog import load_catalog
from toollama.session import AskOptions, Session
from toollama.store import Store

_GOAL = 4
_FILES = ("qwen2.5-coder-0.5b.gguf", "qwen2.5-coder-1.5b.gguf")
_BUDGET_BYTES = 1_900_000_000
"""Either of the two fits, not both."""
_ASKS = (
    "Which region has the highest total revenue?",
    "Which product has the lowest total revenue?",
    "Which region has the highest total cost?",
)
_TABLE = (
    "region,product,revenue,cost\n"
    "North,Chairs,1300,100\nSouth,Tables,1200,200\nNorth,Tables,2000,300\nEast,Lamps,1500,50\n"
)


def run(*, quick: bool) -> Result:
    """Run the plan both ways, print the loads, and return the swaps of the waves."""
    folder = Path(os.environ.get("TOOLLAMA_EVAL_MODELS", "~/.cache/toollama-eval")).expanduser()
    small, large = (folder / name for name in _FILES)
    for path in (small, large):
        if not path.exists():
            raise ModelMissing(f"{path} is not there", fix="set TOOLLAMA_EVAL_MODELS")
    ways = (("waves", False),) if quick else (("waves", False), ("task by task", True))
    swaps = {name: asyncio.run(_swaps(name, small, large, chained=way)) for name, way in ways}
    return Result("waves", swaps["waves"], _GOAL, most=True)


async def _swaps(name: str, small: Path, large: Path, *, chained: bool) -> int:
    loads: list[str] = []

    def note(event: Event) -> None:
        if event.type == "model.load.completed":
            loads.append(str(event.data["model"]))

    with tempfile.TemporaryDirectory() as scratch:
        table = _write_table(Path(scratch, "sales.csv"))
        clock = SystemClock()
        session = Session(
            settings=Settings(timezone="UTC", offline=True),
            catalog=load_catalog(Path(scratch, "models.toml")),
            store=Store.open(Path(scratch, "runs.db"), clock),
            clock=clock,
        )
        options = AskOptions(
            prompt=" ".join(_ASKS),
            attachments=(Attached(name=table.name, path=table),),
            models={"all": str(small), "drummer": str(large)},
            vram_bytes=_BUDGET_BYTES,
            use_gpu=False,
            plan=_plan(_ASKS, chained=chained),
        )
        try:
            answer = await session.ask(options, subscribers=[note])
        finally:
            await session.close()
    print(f"{name}: {answer.swaps} swaps in {answer.duration_s:.1f} s: {', '.join(loads)}")
    print(f"  {answer.text}")
    return answer.swaps


def _write_table(path: Path) -> Path:
    path.write_text(_TABLE)
    return path


def _plan(asks: Sequence[str], *, chained: bool) -> plan_file.PlanFile:
    tasks = [
        {
            "task": number,
            "belter": "document",
            "ask": ask,
            "tools": ["data_group", "data_profile"],
            "clear": False,
            "needs": [number - 1] if chained and number > 1 else [],
        }
        for number, ask in enumerate(asks, start=1)
    ]
    return plan_file.parse(to_json({"tasks": tasks}), name="plan")
