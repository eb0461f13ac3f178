"""The options before the command, which hold for every command: settings, places, questions, logs.

Each becomes the environment variable that stands for it, so that child processes see the same.
"""

import os
from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from toollama.errors import InputError
from toollama.paths import written


class Level(StrEnum):
    """From which severity on the libraries' log lines are kept."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Read these settings, not your config.toml."),
]
Profile = Annotated[
    str | None, typer.Option("--profile", metavar="NAME", help="The crew to use, from models.toml.")
]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="Keep runs and pulled models there."),
]
NoInput = Annotated[bool, typer.Option("--no-input", help="Never ask a person anything.")]
LogFile = Annotated[
    Path | None,
    typer.Option("--log-file", metavar="FILE", help="Write libraries' log lines there."),
]
LogLevel = Annotated[Level, typer.Option("--log-level", help="From which severity on.")]

_NOT_MIRRORED = frozenset({"help", "yes", "session", "profile", "vram", "offline"})
"""An approval is said each time; TOOLLAMA_SESSION names the terminal; settings have variables."""


def hold(
    *,
    command: str,
    config: Path | None,
    profile: str | None,
    data_dir: Path | None,
    no_input: bool,
) -> None:
    """Let the options hold for the rest of the process. Raises `InputError`."""
    # Path's own raises for a name that is too long.
    if config is not None and command != "config" and not os.path.isfile(written(config)):  # noqa: PTH113
        raise InputError(
            f"--config {config}: there is no such file",
            fix=f"toollama --config {quote(str(config))} config init",
        )
    given = {
        "TOOLLAMA_CONFIG": config and written(config).absolute(),
        "TOOLLAMA_PROFILE": profile,
        "TOOLLAMA_DATA_DIR": data_dir and written(data_dir).absolute(),
        "TOOLLAMA_NO_INPUT": "1" if no_input else None,
    }
    os.environ.update({name: str(value) for name, value in given.items() if value})


def mirror(command: Any) -> None:
    """Let `TOOLLAMA_<OPTION>` stand for every option of a command that is not given."""
    for parameter in command.params:
        long = next((name for name in parameter.opts if name.startswith("--")), "")
        name = long.removeprefix("--")
        if name and name not in _NOT_MIRRORED:
            parameter.envvar = f"TOOLLAMA_{name.replace('-', '_').upper()}"
            parameter.show_envvar = False


def log_to(file: Path | None, level: Level) -> None:
    """Keep libraries' log lines, which are untrusted text, in a file; else nowhere.

    Raises `InputError` where the file cannot be written.
    """
    import logging

    root = logging.getLogger()
    if file is None:
        root.addHandler(logging.NullHandler())
        return
    from toollama.secrets import process_redactor
    from toollama.text import visible

    class Redacted(logging.Formatter):
        """Lines without a key that this process has read, and without control characters."""

        def format(self, record: logging.LogRecord) -> str:
            return visible(process_redactor.redact(super().format(record)))

    try:
        handler = logging.FileHandler(written(file), encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"--log-file {file}: {error.strerror}", fix="name a file that can be written"
        ) from error
    handler.setFormatter(Redacted("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel(level.value.upper())
