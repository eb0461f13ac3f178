"""`toollama tui`: the full-screen interface, live, replayed, or watching another run."""

import sys
from typing import Annotated

import typer

from toollama.cli import out
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
Attach = Annotated[
    str, typer.Option(metavar="RUN", help="Watch a run of another process; last is the newest.")
]
Connect = Annotated[str, typer.Option(metavar="SOCKET", hidden=True)]
Ascii = Annotated[bool, typer.Option("--ascii", help="Draw with ASCII signs only.")]
NoMouse = Annotated[bool, typer.Option("--no-mouse", help="Leave the mouse to the terminal.")]
Models = Annotated[
    list[str] | None,
    typer.Option("--model", "-m", metavar="ROLE=MODEL", help="Give a role another model."),
]
Profile = Annotated[
    str | None, typer.Option(metavar="NAME", help="The crew to use, from models.toml.")
]


def tui(
    *,
    theme: Theme = "",
    session: SessionName = "",
    replay: Replay = "",
    speed: Speed = 1.0,
    attach: Attach = "",
    connect: Connect = "",
    ascii_only: Ascii = False,
    no_mouse: NoMouse = False,
    models: Models = None,
    profile: Profile = None,
) -> None:
    """Ask, watch and steer runs on the full screen."""
    from pathlib import Path

    from toollama.cli import terminal
    from toollama.tui import launch

    if not connect and not all(map(out.is_terminal, (sys.stdin, sys.stdout, sys.stderr))):
        raise InputError("the full screen needs a terminal", fix='toollama ask "…"')
    options = launch.Options(
        theme=theme,
        session=session,
        replay=replay,
        speed=speed,
        attach=attach,
        connect=Path(connect) if connect else None,
        ascii_only=ascii_only,
        mouse=not no_mouse,
        terminal=terminal.terminal_id(),
        models=_models_by_role(models or []),
        profile=profile,
    )
    raise typer.Exit(launch.run(options))


def _models_by_role(words: list[str]) -> tuple[tuple[str, str], ...]:
    if not words:
        return ()
    from toollama.cli import asking  # what `ask` needs, and the screen does not

    return tuple(asking.models_by_role(words).items())
