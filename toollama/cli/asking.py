"""From the words of a command line to a request and a session that is ready to serve it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from toollama.cli import attachments, groups, out, running, shape
from toollama.cli.views import View
from toollama.cli.warming import WarmUp
from toollama.errors import InputError

if TYPE_CHECKING:
    from toollama.ask_options import AskOptions
    from toollama.session import Session


def gather(
    given: groups.Given, options: "AskOptions", view: View, *, offline: bool = False
) -> "tuple[Session, AskOptions]":
    """Return a session, and the options with the prompt and what is attached to it.

    While stdin is silent, the model that answers is loaded. Raises `ToolLamaError`.
    """
    sessions: list[Session] = []
    warm_up = WarmUp(shown=view.animated)

    def use_the_time() -> None:
        sessions.append(running.open_session(offline=offline))
        if not options.dry_run:
            warm_up.begin(sessions[0], options)

    text, attached = shape.prompt(
        given.prompt or (),
        given.files or (),
        given.intake(use_the_time),
        template=given.template,
        parameters=given.parameters or (),
        offline=offline,
    )
    pictures = attachments.pictures(attached)
    if pictures and not view.quiet:
        out.note(
            f"note: no model here sees pictures; {', '.join(pictures)} is for tools that read one"
        )
    session = sessions[0] if sessions else running.open_session(offline=offline)
    warm_up.join()
    return session, replace(options, prompt=text, attachments=attached)


def models_by_role(pairs: Sequence[str]) -> dict[str, str]:
    """Return `ROLE=MODEL` pairs. Raises `InputError`."""
    models = {}
    for pair in pairs:
        role, separator, model = pair.partition("=")
        if not (role and separator and model):
            raise InputError(f"-m {pair} is not ROLE=MODEL", fix="write it as -m camina=MODEL")
        models[role] = model
    return models
