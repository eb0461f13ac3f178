"""A load that was made before the request is told by the run that it was for."""

from pathlib import Path

from tests.agents.conftest import CREW
from toollama.ask_options import AskOptions
from toollama.clock import SystemClock
from toollama.config import Settings
from toollama.events import Event
from toollama.models.catalog import load_catalog
from toollama.models.scripted import ScriptedEngine
from toollama.session import Session
from toollama.store import Store


async def test_a_warm_up_is_in_the_log_of_the_next_run_with_its_own_times(tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text(CREW)
    clock = SystemClock()
    session = Session(
        settings=Settings(timezone="UTC", offline=True, output_dir=tmp_path),
        catalog=load_catalog(tmp_path / "models.toml"),
        store=Store.open(tmp_path / "runs.db", clock),
        clock=clock,
        engine=ScriptedEngine(["I am a model.", "I am a model."]),
    )
    events: list[Event] = []
    told: list[str] = []
    options = AskOptions(prompt="hello there, who are you", profile="small", direct=True)
    try:
        await session.warm_up(options, lambda payload: told.append(payload.type))
        await session.ask(options, subscribers=[events.append])
        started, *loads = events[:3]
        assert [load.type for load in loads] == told
        assert told == ["model.load.started", "model.load.completed"]
        assert all(load.ts < started.ts for load in loads)
        assert [event.type for event in events].count("model.load.started") == 1
        events.clear()
        await session.ask(options, subscribers=[events.append])
        assert "model.load.started" not in [event.type for event in events]
    finally:
        await session.close()
