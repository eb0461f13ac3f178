"""One run in a world of faults: everything real but engine, tools, time and store."""

import asyncio
import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

from bench.faults.models import FaultyEngine
from bench.faults.tools import Calls, registry
from bench.faults.virtual import VirtualClock, run
from toollama.agents.messages import Answer
from toollama.agents.plan_file import PlanFile, PlannedInFile
from toollama.agents.questions import Clarify
from toollama.config import Settings
from toollama.errors import ToolLamaError
from toollama.events import Event
from toollama.models.catalog import Catalog, load_catalog
from toollama.models.scripted import ScriptedEngine
from toollama.session import AskOptions, Session
from toollama.store import Store
from toollama.tools.registry import Registry

_CREW = """
[models.weak]
file = "weak.gguf"
tier = "T0"
[models.small]
file = "small.gguf"
tier = "T1"
[models.large]
file = "large.gguf"
tier = "T2"
[profiles.weak]
summary = "one weak model"
roles = { all = "weak" }
[profiles.small]
summary = "one small model"
roles = { all = "small" }
[profiles.pair]
summary = "a large model leads small ones"
roles = { all = "small", camina = "large" }
"""
THREE_PARTS = (
    "What is the rainfall in Oslo? What is the population of Bergen? What is the altitude of Lima?"
)
ONE_PART = "What is the rainfall in Oslo?"


@dataclass
class Outcome:
    """What one run led to."""

    events: list[Event] = field(default_factory=list)
    answer: Answer | None = None
    error: ToolLamaError | None = None
    duration_s: float = 0.0
    tasks_left: int = 0
    threads_left: int = 0
    under_way: int = 0
    """Inferences, loads and calls that were not ended."""
    residents_left: int = 0
    unheard: list[str] = field(default_factory=list)
    """Errors of tasks that nobody waited for."""

    @property
    def text(self) -> str:
        """Return the answer."""
        assert self.answer is not None, self.error
        return self.answer.text

    @property
    def status(self) -> str:
        """Return how the run ended, as its last event says."""
        last = self.events[-1]
        return str(last.data["status"]) if last.type == "run.completed" else last.type[4:]

    @property
    def exit_code(self) -> int:
        """Return the exit code of the run's last event."""
        return int(self.events[-1].data["exit_code"])

    def left(self) -> dict[str, object]:
        """Return what was left behind, by kind."""
        left: dict[str, object] = {
            "tasks": self.tasks_left,
            "threads": self.threads_left,
            "under way": self.under_way,
            "models": self.residents_left,
            "errors": self.unheard,
        }
        return {kind: what for kind, what in left.items() if what}

    @property
    def clean(self) -> bool:
        """Return whether nothing was left behind."""
        return not self.left()

    def data(self, type_: str) -> list[dict[str, Any]]:
        """Return the data of every event of one type."""
        return [event.data for event in self.events if event.type == type_]

    def rungs(self) -> list[str]:
        """Return the rungs taken, in order."""
        return [rung["rung"] for rung in self.data("rung")]


class _NoStore:
    """Keeps nothing: the store has tests of its own, and takes most of a run's time."""

    def append(self, event: Event) -> None:
        """Let the event go."""

    def add_evidence(self, run_id: str, **evidence: object) -> None:
        """Let the text go."""

    def close(self) -> None:
        """Do nothing."""


@cache
def _catalog() -> Catalog:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "models.toml")
        path.write_text(_CREW)
        return load_catalog(path)


def plan(*tasks: tuple[str, str]) -> PlanFile:
    """Return a plan of these tools and asks, as a person would give it."""
    return PlanFile(
        tasks=tuple(
            PlannedInFile(task=number, belter="research", ask=ask, tools=(tool,))
            for number, (tool, ask) in enumerate(tasks, 1)
        )
    )


Watch = Callable[[Event, Session, "asyncio.Task[Answer]"], None]
"""Sees every event with the session and the task of the run, which it may cancel."""


def serve(
    prompt: str,
    *,
    engine: ScriptedEngine | None = None,
    calls: Calls | None = None,
    certain: bool = True,
    crew: str = "small",
    watch: Watch | None = None,
    subscribers: Sequence[Callable[[Event], None]] = (),
    clarify: Clarify | None = None,
    tools: Registry | None = None,
    **options: Any,
) -> Outcome:
    """Serve one request on virtual time. Raises `Hung`, and what is no `ToolLamaError`."""
    engine = engine or FaultyEngine()
    calls = calls or Calls()
    outcome = Outcome()
    threads = threading.active_count()
    asked = AskOptions(prompt=prompt, profile=crew, interactive=clarify is not None, **options)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, told: outcome.unheard.append(repr(told)))
        session = _session(loop, engine, tools or registry(calls, certain=certain))

        def record(event: Event) -> None:
            outcome.events.append(event)
            if watch:
                watch(event, session, asking)

        readers = [*subscribers, record]
        asking = loop.create_task(session.ask(asked, subscribers=readers, clarify=clarify))
        with contextlib.suppress(asyncio.CancelledError):  # it came after the last event
            try:
                outcome.answer = await asking
            except ToolLamaError as error:
                outcome.error = error
        outcome.duration_s = loop.time()
        outcome.tasks_left = len(asyncio.all_tasks()) - 1
        await session.close()
        outcome.residents_left = len(engine.status().residents)

    run(main())
    outcome.threads_left = max(threading.active_count() - threads, 0)
    outcome.under_way = getattr(engine, "under_way", 0) + calls.under_way
    return outcome


def _session(loop: asyncio.AbstractEventLoop, engine: ScriptedEngine, tools: Registry) -> Session:
    return Session(
        settings=Settings(timezone="UTC", offline=True, output_dir=Path("/nonexistent")),
        catalog=_catalog(),
        store=cast("Store", _NoStore()),
        clock=VirtualClock(loop),
        registry=tools,
        engine=engine,
    )


@contextlib.contextmanager
def quiet_logs() -> Iterator[None]:
    """Keep the bus from writing down subscribers that raise on purpose."""
    import logging

    logger = logging.getLogger("toollama.events.bus")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
