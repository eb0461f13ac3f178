"""Screens without a terminal: an app over a recorded run, or over a crew that a test plays."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from toollama import paths
from toollama.clock import FixedClock
from toollama.config import Settings
from toollama.events import Agent, Bus, Event
from toollama.events.payloads import Payload
from toollama.host.archive import Archive
from toollama.host.crew import Crew
from toollama.host.notices import Command, EndedNotice, EventNotice, Notice
from toollama.host.replay import ReplayCrew
from toollama.store import Store
from toollama.store.recording import read_events
from toollama.tui import launch
from toollama.tui.app import ToolLamaApp
from toollama.tui.screens.main import MainScreen
from toollama.tui.widgets.prompt import Prompt

NOW = datetime(2026, 11, 22, 21, 43, tzinfo=UTC)
FIXTURES = Path(__file__).parent / "fixtures"
DRUMMER = Agent(id="drummer.analysis#1", name="drummer.analysis", role="drummer")


def recorded(name: str = "three_tasks.jsonl") -> list[Event]:
    return read_events(FIXTURES / name)


def kept_run(database: Path | None = None) -> Archive:
    """Put the recorded run into a log, that of the test by itself; return the test's archive."""
    clock = FixedClock(NOW)
    store = Store.open(database or paths.database(), clock)
    for event in recorded():
        store.append(event)
    store.close()
    return Archive(clock)


def events(
    *payloads: Payload, run_id: str = "20261122-214300-0001", task_id: str | None = None
) -> list[Event]:
    """Return payloads as the events of one run, numbered from 1."""
    found: list[Event] = []
    bus = Bus(run_id, FixedClock(NOW))
    bus.subscribe(found.append)
    for payload in payloads:
        with bus.span(agent=DRUMMER, task_id=task_id):
            bus.emit(payload)
    return found


class PlayedCrew:
    """A crew whose notices the test gives and whose commands it reads."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.closed = False
        self._notices: list[Notice] = []

    def send(self, command: Command) -> None:
        self.commands.append(command)

    def drain(self, most: int) -> list[Notice]:
        taken, self._notices = self._notices[:most], self._notices[most:]
        return taken

    def close(self) -> None:
        self.closed = True

    def tell(self, *notices: Notice) -> None:
        self._notices += notices

    def play(self, happened: Sequence[Event], *, ended: bool = True) -> None:
        self.tell(*(EventNotice(event=event) for event in happened))
        if ended:
            self.tell(EndedNotice())


def app_over(
    crew: Crew,
    *,
    theme: str = "",
    ascii_only: bool = False,
    settings: Settings | None = None,
    clock: FixedClock | None = None,
) -> ToolLamaApp:
    options = launch.Options(theme=theme, ascii_only=ascii_only, session="tests", replay="-")
    app = launch.build_app(options, settings or Settings(), crew, clock or FixedClock(NOW))
    app.animation_level = "none"
    return app


@asynccontextmanager
async def screen_over(
    crew: Crew,
    *,
    clock: FixedClock | None = None,
    settings: Settings | None = None,
    size: tuple[int, int] = (140, 40),
) -> AsyncIterator[Pilot[int]]:
    """Show a crew on a screen that takes keys."""
    app = app_over(crew, clock=clock, settings=settings)
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_until(pilot, lambda: bool(app.screen.query(Prompt)))
        yield pilot


def replayed(
    *, until_seq: int | None = None, theme: str = "", ascii_only: bool = False
) -> ToolLamaApp:
    crew = ReplayCrew(recorded(), FixedClock(NOW), speed=0, until_seq=until_seq)
    return app_over(crew, theme=theme, ascii_only=ascii_only)


def main_of(pilot: Pilot[int]) -> MainScreen:
    """Return the main screen, whatever is laid over it."""
    return next(one for one in pilot.app.screen_stack if isinstance(one, MainScreen))


async def wait_until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    """Let the app work until something holds; fail where it never does."""
    for _ in range(200):
        await pilot.pause()
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to hold")


def lines_of(pilot: Pilot[int]) -> list[str]:
    """Return what the screen shows, line by line."""
    return [strip.text for strip in pilot.app.screen._compositor.render_strips()]


def text_of(pilot: Pilot[int]) -> str:
    return "\n".join(lines_of(pilot))
