"""`toollama tools cache`: what public services answered before, counted or forgotten."""

from enum import StrEnum
from typing import Annotated

import typer

from toollama.cli import out
from toollama.cli.options import Json


class Action(StrEnum):
    """What to do with the answers."""

    SHOW = "show"
    CLEAR = "clear"


What = Annotated[Action, typer.Argument(help="show counts the answers, clear forgets them.")]


def cache(what: What = Action.SHOW, *, json: Json = False) -> None:
    """Count what public services answered before and need not be asked again, or forget it."""
    from toollama import paths
    from toollama.tools.reliability.cache import ResultCache
    from toollama.tools.reliability.usage import cache_usage

    held = cache_usage()
    if what is Action.CLEAR and held.answers:
        answers = ResultCache(paths.results_database())
        try:
            answers.clear()
        finally:
            answers.close()
    if json:
        out.json({"action": what, "answers": held.answers, "bytes": held.answer_bytes})
        return
    said = "forgotten" if what is Action.CLEAR else str(paths.results_database())
    out.data(f"{held.answers} answers, {held.answer_bytes:,} bytes: {said}\n")
