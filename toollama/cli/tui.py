"""`toollama tui`: the full-screen interface, live, replayed, or watching another run."""

import os
import sys
from typing import Annotated, Literal

import typer

from toollama.cli import groups, out
from toollama.errors import InputError

Theme = Annotated[str, typer.Option(metavar="NAME", help="Colours, such as ansi-dark.")]
SessionName = Annotated[
    str, typer.Option("--session", "-s", metavar="NAME", help="The conversation to go on with.")
]
Replay = Annotated[
    str, typer.Option(metavar="RUN", help="Show a recorded run, or a .jsonl file, without a model.")
]
Speed = Annotated[
    float, typer.Option(min=0.0, help="Times the recorded speed; 0 shows the end at once.")
]
Until = Annotated[
    int | None, typer.Option(min=1, metavar="SEQ", help="End the replay with this event.")
]
Attach = Annotated[
    str, typer.Option(metavar="RUN", help="Watch a run of another process; last is the newest.")
]
Connect = Annotated[str, typer.Option(metavar="SOCKET", hidden=True)]
Ascii = Annotated[bool, typer.Option("--ascii", help="Draw with ASCII signs only.")]
LayoutName = Annotated[
    Literal["auto", "columns", "tabs", "single"],
    typer.Option("--layout", help="How the panes stand; auto follows the width."),
]
NoMouse = Annotated[bool, typer.Option("--no-mouse", help="Leave the mouse to the terminal.")]


@groups.spread
def tui(
    *,
    theme: Theme = "",
    session: SessionName = "",
    replay: Replay = "",
    speed: Speed = 1.0,
    until: Until = None,
    attach: Attach = "",
    connect: Connect = "",
    ascii_only: Ascii = False,
    no_mouse: NoMouse = False,
    layout: LayoutName = "auto",
    crew: groups.Crew,
) -> None:
    """Ask, watch and steer runs on the full screen."""
    from pathlib import Path

    from toollama.cli import terminal
    from toollama.tui import launch

    if not connect:
        _check_terminal()
    options = launch.Options(
        theme=theme,
        session=session,
        replay=replay,
        speed=speed,
        until_seq=until,
        attach=attach,
        connect=Path(connect) if connect else None,
        ascii_only=ascii_only,
        mouse=not no_mouse,
        layout=layout,
        terminal=terminal.terminal_id(),
        models=tuple(crew.by_role().items()),
        profile=crew.profile,
    )
    raise typer.Exit(launch.run(options))


def _check_terminal() -> None:
    """Raise `InputError` where no screen can be drawn."""
    instead = 'toollama chat --plain, or toollama ask "…"'
    if not all(map(out.is_terminal, (sys.stdin, sys.stdout, sys.stderr))):
        raise InputError("the full screen needs a terminal", fix=instead)
    if out.is_dumb(os.environ):
        kind = os.environ.get("TERM") or "not set"
        raise InputError(
            f"the full screen needs a terminal whose cursor moves, and TERM is {kind}", fix=instead
        )
