"""`toollama resume`: go on with a run that was cut short."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import groups
from toollama.cli import options as opt
from toollama.errors import InputError

if TYPE_CHECKING:
    from toollama.session import Session

Name = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run's id or its beginning, or `last`."),
]


@groups.spread
def resume(
    *,
    name: Name = "last",
    json: opt.Json = False,
    jsonl: opt.Jsonl = False,
    output: opt.Output = None,
    no_input: opt.NoInput = False,
    shown: groups.Shown,
) -> None:
    """Go on with a run that was cut short, and print its answer.

    Finished steps are read from the log, and nothing is written or sent twice. A run that has
    ended is told again, with its exit code.
    """
    import asyncio

    from toollama.cli import approval, running

    view = shown.view(json=json, jsonl=jsonl, output=output)
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
