"""Files that a person edits: written for their eyes only, opened in their own editor."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from toollama.cli import approval
from toollama.errors import InputError

_USUAL = ("editor", "nano", "vi")


def plan_file() -> Path:
    """Return the file in which the plan of a chat is edited."""
    from toollama import paths

    return paths.state_dir() / "plan.yaml"


def write(path: Path, text: str) -> None:
    """Write a file of the user's, with its directory. Raises `InputError`."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written: {error.strerror}", fix="check the directory"
        ) from error


def edit(path: Path) -> None:
    """Open the file in the user's editor and wait for its end. Raises `InputError`.

    $VISUAL comes before $EDITOR, as POSIX has it for programs with a screen; both may hold
    arguments.
    """
    if not approval.can_ask():
        raise InputError("an editor needs a terminal", fix=f"edit {path} yourself")
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or _usual())
    try:
        done = subprocess.run([*command, str(path)], check=False)  # noqa: S603 - the user's own editor
    except OSError as error:
        raise InputError(f"{command[0]}: {error.strerror}", fix="set EDITOR") from error
    if done.returncode:
        raise InputError(f"{command[0]} ended with {done.returncode}", fix=f"look at {path}")


def _usual() -> str:
    found = next(filter(shutil.which, _USUAL), None)
    if found is None:
        raise InputError("no editor is known", fix="export EDITOR=…")
    return found
