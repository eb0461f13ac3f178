"""What the user typed, as a request: `@file` attaches, `!tool key=value` calls.

Pure but for looking whether a named file is there.
"""

import re
import shlex
from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json

from toollama import paths
from toollama.agents.messages import Attached
from toollama.errors import InputError
from toollama.text import one_line, visible, well_formed

_MENTION = re.compile(r"(?:^|(?<=\s))@(\"[^\"\n]+\"|\S+)")

_PUNCTUATION = "?!.,;:)"
"""What may follow a file's name in a sentence."""


def attachments(text: str, pasted: Sequence[str] = ()) -> tuple[Attached, ...]:
    """Return the files that a text mentions and the texts pasted with it.

    A word with @ that is no file stays a word where it holds no path separator and no dot.
    Raises `InputError` for a path that cannot be read.
    """
    found = [_file(name.strip('"')) for name in _MENTION.findall(text)]
    texts = [
        Attached(name=f"pasted-{number}.txt", text=well_formed(content))
        for number, content in enumerate(pasted, start=1)
    ]
    return (*(attached for attached in found if attached is not None), *texts)


def tool_call(text: str) -> tuple[str, dict[str, Any]]:
    """Return the tool and the arguments of `!tool key=text key:=JSON`. Raises `InputError`."""
    try:
        words = shlex.split(text.removeprefix("!"))
    except ValueError as error:
        raise InputError(
            f"!tool: {error}", fix='write it as !calculator expression="2 + 3"'
        ) from None
    if not words:
        raise InputError(
            "! needs a tool", fix='write !calculator expression="2 + 3"; /tools lists them'
        )
    return words[0], dict(_argument(pair) for pair in words[1:])


def _file(name: str) -> Attached | None:
    try:
        for candidate in (name, name.rstrip(_PUNCTUATION)):
            path = paths.written(candidate)
            if path.is_file():
                return Attached(name=str(visible(candidate)), path=path.resolve())
        looks_like_path = "/" in name or "." in name.strip(".")
        if not looks_like_path or "@" in name:
            return None
        fault = "is a folder" if path.is_dir() else "is not there"
    except (OSError, ValueError) as error:
        fault = f"cannot be read: {type(error).__name__}"
    raise InputError(f"@{one_line(name, 80)} {fault}", fix="check the path")


def _argument(pair: str) -> tuple[str, Any]:
    key, separator, value = pair.partition("=")
    if not separator or not key.rstrip(":"):
        raise InputError(f"!tool: {one_line(pair, 60)} is not key=value", fix="write key=value")
    if not key.endswith(":"):
        return key, value
    try:
        return key.removesuffix(":"), from_json(value)
    except ValueError as error:
        raise InputError(
            f"!tool: {one_line(pair, 60)}: {one_line(str(error), 80)}", fix="write JSON after :="
        ) from None
