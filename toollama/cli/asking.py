"""From the words of a command line to a request and a session that is ready to serve it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from toollama.cli import running, shape, spans, stdin
from toollama.cli.warming import WarmUp
from toollama.errors import InputError

if TYPE_CHECKING:
    from toollama.ask_options import AskOptions
    from toollama.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the user gave: words, files, stdin, a template."""

    words: Sequence[str] = ()
    files: Sequence[str] = ()
    template: str | None = None
    parameters: Sequence[str] = ()
    read_stdin: bool | None = None
    stdin_timeout: str | None = None
    max_stdin: str = "2MiB"
    offline: bool = False

    def intake(self, on_silence: Callable[[], None]) -> stdin.Intake:
        """Return how stdin is read. Raises `InputError`."""
        from toollama.config import parse_bytes

        timeout = self.stdin_timeout
        return stdin.Intake(
            wanted=self.read_stdin,
            timeout_s=None if timeout is None else spans.seconds(timeout, "--stdin-timeout"),
            max_bytes=parse_bytes(self.max_stdin),
            on_silence=on_silence,
        )


def gather(said: Said, options: "AskOptions") -> "tuple[Session, AskOptions]":
    """Return a session, and the options with the prompt and what is attached to it.

    While stdin is silent, the model that answers is loaded. Raises `ToolLamaError`.
    """
    open_session = partial(running.open_session, offline=said.offline)
    sessions: list[Session] = []
    warm_up = WarmUp()

    def use_the_time() -> None:
        sessions.append(open_session())
        warm_up.begin(sessions[0], options)

    text, attached = shape.prompt(
        said.words,
        said.files,
        said.intake(use_the_time),
        template=said.template,
        parameters=said.parameters,
        offline=said.offline,
    )
    session = sessions[0] if sessions else open_session()
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
