"""A real model with random weights in every role: noise, through the real engine."""

from pathlib import Path

import pytest

from bench.faults.tools import Calls, figure, registry
from bench.faults.world import THREE_PARTS
from tests.models.llama.harness import ONE_THREAD
from tests.tiny_gguf import write_tiny_gguf
from toollama.agents.budget import Budget
from toollama.agents.figures import figures
from toollama.clock import SystemClock
from toollama.config import Settings
from toollama.events import Event
from toollama.models.catalog import load_catalog
from toollama.session import AskOptions, Session
from toollama.store import Store


async def test_a_model_of_random_weights_ends_in_an_answer_without_an_invented_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*ONE_THREAD)
    path = write_tiny_gguf(tmp_path / "noise.gguf", context=8192)
    models_toml = tmp_path / "models.toml"
    models_toml.write_text(
        f'[models.noise]\nfile = "{path}"\ntier = "T1"\n'
        '[profiles.noise]\nsummary = "noise"\nroles = { all = "noise" }\n'
    )
    clock = SystemClock()
    calls = Calls()
    session = Session(
        settings=Settings(timezone="UTC", offline=True, output_dir=tmp_path),
        catalog=load_catalog(models_toml),
        store=Store.open(tmp_path / "runs.db", clock),
        clock=clock,
        registry=registry(calls, certain=False),
    )
    events: list[Event] = []
    try:
        options = AskOptions(
            prompt=THREE_PARTS, profile="noise", use_gpu=False, budget=Budget(tokens=4000)
        )
        answer = await session.ask(options, subscribers=[events.append])
    finally:
        await session.close()
    known = {figure(place) for place in ("Oslo", "Bergen", "Lima")}
    assert {int(n.value) for n in figures(answer.text).values() if n.value > 9} == known
    assert events[-1].type == "run.completed"
    assert any(event.type == "inference.completed" for event in events)
    assert len(calls.made) == 3
