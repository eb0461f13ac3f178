"""The files that a call reads: which one a name means, and its bytes.

Whether a file may be read is policy's decision, made on the resolved paths that `locate` returns.
Refuses directories, devices and files over 20 MB.
"""

import difflib
import os
import stat
from pathlib import Path

from toollama.tools.base import Source, ToolContext, ToolFailure
from toollama.tools.refusal import refusal

MAX_BYTES = 20_000_000


def locate(name: str, context: ToolContext) -> Path:
    """Return the absolute path that `name` means, with every symbolic link resolved.

    Attachments come first, then the working directory, the readable roots and the output directory.
    The path need not exist.
    """
    for attachment in context.attachments:
        if attachment.path and name in {attachment.name, attachment.path.name}:
            return resolved(str(attachment.path), place=Path.cwd())
    places = [Path.cwd(), *context.read_roots, context.output_dir]
    options = [resolved(name, place=place) for place in places]
    return next((option for option in options if os.access(option, os.F_OK)), options[0])


def resolved(name: str, *, place: Path) -> Path:
    """Return `name` as an absolute path without symbolic links; relative ones start at `place`.

    Never raises: the path may be impossible, which opening it then tells.
    """
    try:
        asked = Path(name.replace("\0", "\N{REPLACEMENT CHARACTER}")).expanduser()
    except RuntimeError:  # `~name` of a user who does not exist is a plain name
        asked = Path(name)
    return Path(os.path.realpath(place / asked))


def given_text(name: str, context: ToolContext) -> str | None:
    """Return the text of the attachment called `name`, where it came without a file."""
    for attachment in context.attachments:
        if attachment.text is not None and name == attachment.name:
            return attachment.text
    return None


def read_paths(name: str, context: ToolContext) -> list[Path]:
    """Return what reading `name` touches: its file, or nothing for text given without one."""
    return [] if given_text(name, context) is not None else [locate(name, context)]


def source_of(name: str, context: ToolContext) -> Source:
    """Return where `name` came from, as a reader would cite it."""
    if given_text(name, context) is not None:
        return Source(title=name, locator=name, private=True)
    path = locate(name, context)
    return Source(title=path.name, locator=str(path), private=True)


def is_given(name: str, context: ToolContext) -> bool:
    """Return whether the user gave what `name` means, so that it may be read to propose from."""
    if given_text(name, context) is not None:
        return True
    path = locate(name, context)
    attached = [given.path for given in context.attachments if given.path]
    return any(path.is_relative_to(root.resolve()) for root in [*attached, *context.read_roots])


def read_bytes(path: Path) -> bytes:
    """Return the content of a regular file of 1 to 20 million bytes. Raises `ToolFailure`."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a directory" if path.is_dir() else "not a regular file"
            raise refusal(f"{path} is {what}", fix=f"name a file, such as one from: ls {path}")
        if status.st_size > MAX_BYTES:
            raise refusal(
                f"{path.name} has {status.st_size:,} bytes; the most that is read is {MAX_BYTES:,}",
                fix=f"split it first: split -C 19M {path.name}",
            )
        with path.open("rb") as file:
            data = file.read(MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _missing(path) from error
    except OSError as error:
        raise refusal(
            f"{path} cannot be read: {error.strerror}", fix=f"check it with: ls -l {path}"
        ) from error
    if not data.strip(b" \t\r\n\0"):
        raise refusal(f"{path.name} is empty", fix="name a file with content")
    return data


def _missing(path: Path) -> ToolFailure:
    siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, siblings, n=3, cutoff=0.6)
    fix = f"did you mean: {', '.join(near)}" if near else f"see what is there: ls {path.parent}"
    return ToolFailure(f"{path} does not exist", kind="not_found", fix=fix)
