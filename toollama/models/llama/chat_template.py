"""The chat format that a model file asks for, from its own template or from llama.cpp's list.

Owns the templates whose format llama.cpp has built in, and the rendering of all others in a
confined process (`jinja_child`). A template is code by a stranger: it never runs in this process,
and what it cannot do right is `Unusable` with the reason, never an error.
"""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic_core import from_json, to_json

from toollama.models.llama.chat_frame import ChatFrame, marked, new_marks, read_frame, shapes
from toollama.text import one_line, visible

BUILT_IN = {
    "872be49dbb638044ad01b60388f48d469ff2980e5f0dccdc22ec907db54d0788": "chatml",  # SmolLM2
    "cd8e9439f0570856fd70470bf8889ebd8b5d1107207f67a5efb46e342330527f": "chatml",  # Qwen2.5
    "d5495a1e5db0611132a97e46a65dbb64a642a499421228b9c8b93229097fa9a4": "chatml",  # Qwen2.5, later
}
"""llama.cpp's name of a format by the sha256 of a template that writes it.

The built-in format is the same but for a default system prompt, which these templates add where
there is none: a role's own prompt is the only one that this program wants.
"""

_MAX_TEMPLATE_CHARACTERS = 1 << 17
_DEADLINE_S = 10.0
"""Of the wall clock: on a busy machine the child may wait long for its half second of computing."""
_PROGRAM = Path(__file__).with_name("jinja_child.py")
_INHERITED = ("HOME", "LANG", "LC_ALL", "PATH", "PYTHONHOME", "PYTHONPATH", "TZ", "VIRTUAL_ENV")
_SHORTEST = ("user",)


@dataclass(frozen=True, slots=True)
class Unusable:
    """A template that cannot be followed, and why. The reason is safe to show."""

    reason: str


def built_in_format(template: str) -> str:
    """Return llama.cpp's name of the format that this very template writes, or `""`."""
    return BUILT_IN.get(hashlib.sha256(template.encode()).hexdigest(), "")


@lru_cache(maxsize=256)
def frame_of(template: str, roles: tuple[str, ...], *, bos: str, eos: str) -> ChatFrame | Unusable:
    """Return what the template writes around messages of these roles.

    `bos` and `eos` are the texts of the vocabulary's tokens. The first call for a template and a
    sequence of roles takes a tenth of a second, and up to half a second of computing for a template
    that does not end; a template that fails for one plain question is not tried again.
    """
    if len(template) > _MAX_TEMPLATE_CHARACTERS:
        return Unusable(f"it is longer than {_MAX_TEMPLATE_CHARACTERS} characters")
    if roles != _SHORTEST:
        shortest = frame_of(template, _SHORTEST, bos=bos, eos=eos)
        if isinstance(shortest, Unusable):
            return shortest
    marks = new_marks(len(roles))
    conversations = [marked(turns, marks) for turns in shapes(roles)]
    renderings = _rendered(template, conversations, bos=bos, eos=eos)
    if isinstance(renderings, Unusable):
        return renderings
    frames = (read_frame(each.get("text", ""), marks) for each in renderings)
    found = next((frame for frame in frames if frame is not None), None)
    if found is not None:
        return found
    faults = [each["fault"] for each in renderings if "fault" in each]
    reason = faults[-1] if faults else "it changes or drops what the messages say"
    return Unusable(one_line(visible(reason)))


def describe(template: str | None) -> str:
    """Return in a few words which chat format a file's template leads to."""
    if template is None:
        return "ChatML: the file has no template"
    if built_in := built_in_format(template):
        return f"{built_in}, built in"
    frame = frame_of(template, ("system", "user"), bos="", eos="")
    if isinstance(frame, Unusable):
        return f"llama.cpp's guess, else ChatML: the file's template is not usable: {frame.reason}"
    return "the file's own template"


def _rendered(
    template: str, conversations: Sequence[object], *, bos: str, eos: str
) -> list[dict[str, str]] | Unusable:
    """Return for each conversation its `text` or its `fault`."""
    job = {"template": template, "conversations": conversations, "bos": bos, "eos": eos}
    try:
        # Only this interpreter and our own program are run; the template is data on its stdin.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-P", str(_PROGRAM)],
            input=to_json(job),
            capture_output=True,
            timeout=_DEADLINE_S,
            env={name: os.environ[name] for name in _INHERITED if name in os.environ},
            start_new_session=True,  # Ctrl-C is ours, and no fault of the template
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as fault:
        return Unusable(f"it could not be rendered: {type(fault).__name__}")
    if done.returncode == -signal.SIGPROF:
        return Unusable("it does not come to an end")
    if done.returncode != 0:
        return Unusable(f"rendering it failed (exit status {done.returncode})")
    try:
        renderings: list[dict[str, str]] = from_json(done.stdout)
    except ValueError:  # half of a surrogate pair
        return Unusable("it writes what is no text")
    return renderings
