"""A session over scripted models: the whole hierarchy, without a model file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest

from toollama.agents.messages import Answer, Attached
from toollama.clock import SystemClock
from toollama.config import Settings
from toollama.errors import ToolLamaError
from toollama.events import Event
from toollama.models.catalog import load_catalog
from toollama.models.scripted import Reply, ScriptedEngine
from toollama.session import Approve, AskOptions, Session
from toollama.store import Store

CREW = """
[models.weak]
file = "weak.gguf"
tier = "T0"
[models.small]
file = "small.gguf"
tier = "T1"
[models.other]
file = "other.gguf"
tier = "T1"
[profiles.weak]
summary = "one weak model"
roles = { all = "weak" }
[profiles.small]
summary = "one small model"
roles = { all = "small" }
[profiles.pair]
summary = "two models"
roles = { all = "small", drummer = "other" }
[profiles.waves]
summary = "a model of their own for the Belters"
roles = { all = "small", belter = "other" }
"""


@dataclass
class Outcome:
    """What one request led to."""

    events: list[Event]
    engine: ScriptedEngine
    store: Store
    run_id: str
    answer: Answer | None = None
    error: ToolLamaError | None = None

    def types(self) -> list[str]:
        """Return the event types in order."""
        return [event.type for event in self.events]

    def data(self, type_: str) -> list[dict[str, Any]]:
        """Return the data of every event of one type."""
        return [event.data for event in self.events if event.type == type_]

    @property
    def text(self) -> str:
        """Return the answer's text."""
        assert self.answer is not None, self.error
        return self.answer.text


During = Callable[[Session, Event], None]
"""Does something to the session at an event of the run that goes on."""


class Ask(Protocol):
    """Serve one request on scripted models."""

    async def __call__(
        self,
        prompt: str,
        *replies: Reply,
        files: Sequence[Path] = (),
        stdin: str | None = None,
        crew: str = "small",
        approve: Approve | None = None,
        engine: ScriptedEngine | None = None,
        during: During | None = None,
        **options: Any,
    ) -> Outcome: ...


@dataclass
class _Stores:
    opened: list[Store] = field(default_factory=list)


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Return the function that serves requests; crews `weak` (T0), `small` (T1) and `pair`."""
    monkeypatch.chdir(tmp_path)
    models_toml = tmp_path / "models.toml"
    models_toml.write_text(CREW)
    stores = _Stores()

    async def serve(
        prompt: str,
        *replies: Reply,
        files: Sequence[Path] = (),
        stdin: str | None = None,
        crew: str = "small",
        approve: Approve | None = None,
        engine: ScriptedEngine | None = None,
        during: During | None = None,
        **options: Any,
    ) -> Outcome:
        clock = SystemClock()
        store = Store.open(tmp_path / "runs.db", clock)
        stores.opened.append(store)
        scripted = engine or ScriptedEngine(replies)
        session = Session(
            settings=Settings(timezone="UTC", offline=True, output_dir=tmp_path / "out"),
            catalog=load_catalog(models_toml),
            store=store,
            clock=clock,
            engine=scripted,
        )
        attached = [Attached(name=path.name, path=path) for path in files]
        if stdin is not None:
            attached.append(Attached(name="stdin", text=stdin))
        events: list[Event] = []
        outcome = Outcome(events, scripted, store, "")
        try:
            outcome.answer = await session.ask(
                AskOptions(
                    prompt=prompt,
                    attachments=tuple(attached),
                    profile=crew,
                    interactive=approve is not None,
                    **options,
                ),
                subscribers=[events.append, *([partial(during, session)] if during else [])],
                approve=approve,
            )
        except ToolLamaError as error:
            outcome.error = error
        outcome.run_id = session.run_id
        return outcome

    yield serve
    for store in stores.opened:
        store.close()


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """A table whose highest total is North with 3,300 of 6,000, which is 55 %."""
    path = tmp_path / "sales.csv"
    path.write_text(
        "region,product,revenue,cost\n"
        "North,Chairs,1300,100\nSouth,Tables,1200,200\nNorth,Tables,2000,300\nEast,Lamps,1500,50\n"
    )
    return path
