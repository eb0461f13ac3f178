"""What a person types into `toollama chat` or the dashboard besides a request. Pure.

Owns the commands, their help, and how a line is read: `/name argument`, `!tool key=value`, `@file`
in a request. It runs nothing; the two screens do.
"""

import re
import shlex
from dataclasses import dataclass
from difflib import get_close_matches

from toollama.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One slash command."""

    name: str
    summary: str
    argument: str = ""
    """What follows the name, as the help shows it; in brackets where it may be left out."""

    @property
    def usage(self) -> str:
        """Return how it is typed."""
        return f"/{self.name} {self.argument}".rstrip()


COMMANDS: tuple[Command, ...] = (
    Command(name="help", summary="List the commands."),
    Command(name="new", summary="Begin another conversation.", argument="[NAME]"),
    Command(name="sessions", summary="List the conversations."),
    Command(name="open", summary="Go on with a conversation.", argument="NAME"),
    Command(name="fork", summary="Go on in a conversation of its own.", argument="[NAME]"),
    Command(name="model", summary="Show or change who plays a role.", argument="[ROLE=MODEL]"),
    Command(name="tools", summary="List the tools."),
    Command(name="agents", summary="List the crew."),
    Command(name="plan", summary="Show the plan of a request; run nothing.", argument="REQUEST"),
    Command(name="tree", summary="Show what the last request led to.", argument="[RUN]"),
    Command(name="why", summary="Show why the last request went to these tools."),
    Command(name="trace", summary="Show every event of the last request.", argument="[RUN]"),
    Command(name="search", summary="Find earlier requests by their words.", argument="WORDS"),
    Command(name="cancel", summary="Stop the request, or one of its tasks.", argument="[TASK]"),
    Command(name="then", summary="Ask this after the request that goes on.", argument="REQUEST"),
    Command(name="unqueue", summary="Take back the last request that waits."),
    Command(name="retry", summary="Ask the last request again."),
    Command(name="copy", summary="Copy the last answer to the clipboard."),
    Command(name="save", summary="Write the last answer to a file.", argument="FILE"),
    Command(name="export", summary="Write the last run to a file: .md .json .jsonl .html.",
            argument="FILE"),
    Command(name="quit", summary="Leave; the conversation stays."),
)  # fmt: skip
"""Every command, in the order of the help."""

BY_NAME = {command.name: command for command in COMMANDS}


@dataclass(frozen=True, slots=True)
class Slash:
    """A command and what follows it."""

    command: Command
    argument: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool to run without a model, with `key=value` or `key:=JSON` pairs."""

    tool: str
    pairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, and the files that it names with @."""

    text: str
    files: tuple[str, ...] = ()


Line = Slash | ToolCall | Ask

_FILE = re.compile(r'(?<!\S)@(?:"([^"]+)"|(\S*[^\s.,;:!?)\]]))')


def parse(line: str) -> Line | None:
    """Return what a line says; None for an empty one. Raises `InputError`.

    Two slashes or two exclamation marks at the start stand for one, without its meaning.
    """
    text = line.strip()
    if not text:
        return None
    if text.startswith(("//", "!!")):
        return _request(text[1:])
    if text.startswith("/"):
        return _slash(text)
    if text.startswith("!"):
        return _tool_call(text)
    return _request(text)


def help_lines() -> list[str]:
    """Return the help as lines, the usages in one column."""
    rows = [(command.usage, command.summary) for command in COMMANDS]
    rows += [
        ("@FILE", "Attach a file, wherever it stands in a request."),
        ("!TOOL key=value", "Run a tool without a model."),
        ('"""', "Begin and end a request of several lines; so does \\ at the end of a line."),
        ("Ctrl-C", "Stop the request and keep what there is; twice leaves."),
    ]
    width = max(len(usage) for usage, _ in rows)
    return [f"{usage:{width}}  {summary}" for usage, summary in rows]


def completions(word: str) -> list[str]:
    """Return the commands that begin with a word such as `/se`."""
    return [f"/{name}" for name in BY_NAME if f"/{name}".startswith(word)]


def _slash(text: str) -> Slash:
    name, _, argument = text[1:].partition(" ")
    command = BY_NAME.get(name.lower())
    if command is None:
        near = get_close_matches(name.lower(), BY_NAME, n=1)
        fix = f"did you mean /{near[0]}?" if near else "/help lists the commands"
        raise InputError(f"there is no command /{name}", fix=fix)
    argument = argument.strip()
    if command.argument and not command.argument.startswith("[") and not argument:
        raise InputError(f"/{command.name} needs {command.argument}", fix=command.usage)
    return Slash(command, argument)


def _tool_call(text: str) -> ToolCall:
    try:
        words = shlex.split(text[1:])
    except ValueError as error:
        raise InputError(f"!: {error}", fix="close the quotes") from error
    if not words:
        raise InputError("! needs a tool", fix="!calculator expression='2 + 2'; /tools lists them")
    return ToolCall(words[0], tuple(words[1:]))


def _request(text: str) -> Ask:
    files = tuple(quoted or bare for quoted, bare in _FILE.findall(text))
    return Ask(_FILE.sub(lambda found: found[1] or found[2], text), files)
