"""`toollama resume`: go on with a run that was cut short."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import options as opt
from toollama.cli.options import Json, Jsonl, NoInput, Quiet, Verbose
from toollama.errors import InputError

if TYPE_CHECKING:
    from toollama.session import Session

Name = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run's id or its beginning, or `last`."),
]


def resume(
    name: Name = "last",
    *,
    json: Json = False,
    jsonl: Jsonl = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    output: opt.Output = None,
    render: opt.RenderOption = opt.Render.AUTO,
    plain: opt.Plain = False,
    colour: opt.ColourOption = opt.Colour.AUTO,
    no_input: NoInput = False,
) -> None:
    """Go on with a run that was cut short, and print its answer.

    Finished steps are read from the log, and nothing is written or sent twice. A run that has
    ended is told again, with its exit code.
    """
    import asyncio

    from toollama.cli import approval, running, views

    view = views.View(
        json=json,
        jsonl=jsonl,
        quiet=quiet,
        verbose=verbose,
        output=output,
        look=views.look(render, plain=plain, width=None, colour=colour),
    )
    views.check(view)
    session = running.open_session()
    go_where_it_was_asked(session, name)
    interactive = approval.can_ask(no_input=no_input)
    code = asyncio.run(running.resume(session, name, view, interactive=interactive))
    raise typer.Exit(code)


def go_where_it_was_asked(session: "Session", name: str) -> None:
    """Enter the directory of the run: its request may name files from there.

    Raises `InputError` where it cannot be entered, and `UnknownName`.
    """
    directory = session.directory_of(name)
    if not directory:
        return
    try:
        os.chdir(directory)
    except OSError as error:
        raise InputError(
            f"{name} was asked in {directory}, which cannot be entered: {error.strerror}",
            fix=f"mkdir -p '{Path(directory)}', or ask again with: toollama ask",
        ) from error
