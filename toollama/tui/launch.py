"""Builds the interface: which crew it talks to, which settings and earlier runs it has."""

import gc
import locale
import logging
import os
import signal
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from toollama import paths
from toollama.agents.messages import Thread
from toollama.ask_options import AskOptions
from toollama.clock import Clock, SystemClock
from toollama.config import Settings, load_settings
from toollama.errors import ExitCode
from toollama.events import Event
from toollama.host.archive import Archive
from toollama.host.crew import Crew
from toollama.host.replay import ReplayCrew
from toollama.tui.conversation import Conversation
from toollama.tui.history import History
from toollama.tui.layout import Layout
from toollama.tui.leaving import leaving
from toollama.tui.marks import ASCII, UNICODE

if TYPE_CHECKING:
    from toollama.tui.app import ToolLamaApp


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was said on the command line."""

    theme: str = ""
    session: str = ""
    replay: str = ""
    """A run of the log, or a file of events, to show without a model."""
    speed: float = 1.0
    until_seq: int | None = None
    """The event that a replay ends with."""
    attach: str = ""
    """A run of another process to watch; `last` is the newest."""
    connect: Path | None = None
    """The socket of an engine host to ask in place of an engine of this process."""
    ascii_only: bool = False
    mouse: bool = True
    layout: Layout = "auto"
    terminal: str = ""
    """Which terminal this is, for conversations."""
    models: tuple[tuple[str, str], ...] = ()
    profile: str | None = None


def run(options: Options) -> int:
    """Show the interface until the user leaves. Raises `ToolLamaError`."""
    logging.getLogger().addHandler(logging.NullHandler())  # else libraries write on the screen
    os.environ.setdefault("ESCDELAY", "100")  # milliseconds in which Esc is told from a sequence
    settings = load_settings()
    clock = SystemClock()
    crew = crew_for(options, clock)
    try:
        app = build_app(options, settings, crew, clock)
        gc.freeze()  # what is imported is never garbage; looking for it costs 0.1 s at a time
        with leaving(partial(_leave, app), abandon=crew.close):
            code = app.run(mouse=options.mouse and settings.tui.mouse)
    finally:
        crew.close()
    return int(code or app.return_code or ExitCode.OK)


def _leave(app: "ToolLamaApp", code: ExitCode) -> None:
    app.exit(return_code=code)


def build_app(options: Options, settings: Settings, crew: Crew, clock: Clock) -> "ToolLamaApp":
    """Return the application over a crew. Raises `UnknownName` for a theme, or `ConfigError`."""
    from toollama.tui.app import ToolLamaApp
    from toollama.tui.screens.main import MainScreen

    ascii_only = options.ascii_only or settings.tui.ascii or not _writes_unicode()
    session = options.session or f"tui-{clock.now():%Y%m%d-%H%M%S}"
    base = AskOptions(
        prompt="",
        interactive=True,
        models=dict(options.models),
        profile=options.profile,
        thread=Thread(terminal=options.terminal, name=session),
    )

    def main() -> MainScreen:
        return MainScreen(
            Conversation(crew, base, session=session),
            clock=clock,
            marks=ASCII if ascii_only else UNICODE,
            history=History(paths.state_dir() / "history.jsonl"),
            tools=_tool_names,
            live=not options.replay,
            archive=Archive(clock),
            keys=settings.tui.keys,
            playback=crew if isinstance(crew, ReplayCrew) else None,
            layout=options.layout,
        )

    return ToolLamaApp(
        main,
        theme=options.theme or settings.tui.theme,
        keys=settings.tui.keys,
        ascii_only=ascii_only,
        notify=settings.tui.notify,
        title=settings.tui.title,
    )


def crew_for(options: Options, clock: Clock) -> Crew:
    """Return whom the interface talks to. Raises `ToolLamaError`."""
    if options.replay:
        events = recorded(options.replay, clock)
        return ReplayCrew(events, clock, speed=options.speed, until_seq=options.until_seq)
    if options.attach:
        from toollama.host.attach import AttachedCrew
        from toollama.store import Store

        store = Store.open(paths.database(), clock)
        return AttachedCrew(store, store.find_run(options.attach).run_id, clock)
    if options.connect:
        from toollama.host.client import SocketCrew

        return SocketCrew(options.connect, when_gone=_end_process)
    from toollama.host.local import LocalCrew

    return LocalCrew()


def _end_process() -> None:
    """End this process: with its host its page is gone, and nobody else would end it."""
    os.kill(os.getpid(), signal.SIGTERM)


def recorded(name: str, clock: Clock) -> list[Event]:
    """Return the events of a run of the log, or of a file that `--jsonl` wrote.

    Raises `UnknownName` or `InputError`.
    """
    from toollama.store import Store, recording

    path = Path(name)
    if path.suffix == recording.SUFFIX:
        return recording.read_events(path)
    with closing(Store.open(paths.database(), clock)) as store:
        return store.events(store.find_run(name).run_id)


def _tool_names() -> Sequence[str]:
    from toollama.tools.registry import Registry

    return tuple(Registry.names())


def _writes_unicode() -> bool:
    return "utf" in locale.getpreferredencoding(do_setlocale=False).lower()
