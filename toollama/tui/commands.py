"""The words that begin with a slash: their names, what they take and what they do. Pure.

One table feeds the prompt's completion, the key help and the palette.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from toollama.errors import UnknownName


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """One command of the prompt."""

    name: str
    takes: str
    help: str


COMMANDS: tuple[SlashCommand, ...] = (
    SlashCommand("help", "", "Show every key and command"),
    SlashCommand("new", "", "Begin a new conversation"),
    SlashCommand("plan", "REQUEST", "Show the plan of a request, to edit before it runs"),
    SlashCommand("why", "", "Show why the selected call got its tool"),
    SlashCommand("prompt", "", "Show the exact prompts and sampler of the selected task"),
    SlashCommand("sources", "[N]", "Show the sources of the answer, or one of them whole"),
    SlashCommand("cancel", "[TASK]", "Stop a task, or the whole run"),
    SlashCommand("retry", "[TASK]", "Run a task again, with what needs it"),
    SlashCommand("then", "REQUEST", "Ask this after the run that goes on"),
    SlashCommand("unqueue", "", "Take back what was typed last and is not taken yet"),
    SlashCommand("runs", "[WORDS]", "Look through earlier runs"),
    SlashCommand("open", "RUN", "Show an earlier run"),
    SlashCommand("copy", "", "Copy the answer"),
    SlashCommand("theme", "NAME", "Change the colours"),
    SlashCommand("quit", "", "Leave"),
)


def parse(text: str) -> tuple[str, str]:
    """Return the name and the argument of a line that begins with a slash.

    Raises `UnknownName` with the nearest command.
    """
    name, _, argument = text.removeprefix("/").strip().partition(" ")
    names = [command.name for command in COMMANDS]
    if name not in names:
        near = get_close_matches(name, names, n=1)
        raise UnknownName(
            f"there is no command /{name[:40]}", fix=f"/{near[0]}" if near else "/help"
        )
    return name, argument.strip()


def completion(text: str, *, tools: Sequence[str] = ()) -> str:
    """Return what would complete the first word of a line; empty where nothing does."""
    if " " in text or len(text) < 2:
        return ""
    sign, word = text[0], text[1:]
    names = {"/": [command.name for command in COMMANDS], "!": list(tools)}.get(sign, [])
    found = next((name for name in names if name.startswith(word)), word)
    return found[len(word) :]
