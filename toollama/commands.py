"""What a person types into `toollama chat` or the full screen besides a request. Pure.

Owns the one table of commands, their help, and how a line is read: `/name argument`,
`!tool key=value`, `@file` in a request. It runs nothing; the chat and the screen do.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from toollama.errors import InputError

Place = Literal["chat", "screen"]
"""Where a line is typed: into the line chat, or into the prompt of the full screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One slash command."""

    name: str
    summary: str
    argument: str = ""
    """What follows the name, as the help shows it; in brackets where it may be left out."""
    where: Literal["both", "chat", "screen"] = "both"
    instead: str = ""
    """What does the same in the other place, where it is typed in one only."""
    meanwhile: bool = False
    """The chat does it at once while a run goes on; others wait for its end."""

    @property
    def usage(self) -> str:
        """Return how it is typed."""
        return f"/{self.name} {self.argument}".rstrip()

    @property
    def needs_argument(self) -> bool:
        """Return whether something must follow the name."""
        return bool(self.argument) and not self.argument.startswith("[")


COMMANDS: tuple[Command, ...] = (
    Command(name="help", summary="List the commands.", meanwhile=True),
    Command(name="new", summary="Begin another conversation.", argument="[NAME]"),
    Command(name="sessions", summary="List the conversations."),
    Command(name="open", summary="Go on with a conversation, or from that of a run.",
            argument="[NAME]"),
    Command(name="fork", summary="Go on in a conversation of its own.", argument="[NAME]"),
    Command(name="model", summary="Show or change who plays a role.", argument="[ROLE=MODEL]"),
    Command(name="tools", summary="List the tools."),
    Command(name="agents", summary="List the crew."),
    Command(name="plan", summary="Show the plan of a request; run nothing.", argument="REQUEST"),
    Command(name="edit", summary="Edit that plan, or read an edited one.", argument="[FILE]"),
    Command(name="run", summary="Run the plan."),
    Command(name="cancel", summary="Stop the request, or one of its tasks.", argument="[TASK]",
            meanwhile=True),
    Command(name="retry", summary="Do a task again with what needs it, or the whole request.",
            argument="[TASK]"),
    Command(name="then", summary="Ask this after the request that goes on.", argument="REQUEST",
            meanwhile=True),
    Command(name="queue", summary="List the requests that wait for the run.", meanwhile=True),
    Command(name="unqueue", summary="Take back the last words that wait.", meanwhile=True),
    Command(name="why", summary="Show why the request, or a task, got its tools.",
            argument="[TASK]", meanwhile=True),
    Command(name="prompt", summary="Show the exact prompts and samplers.", argument="[TASK]",
            meanwhile=True),
    Command(name="sources", summary="List the sources, or show what one of them came from.",
            argument="[N]", meanwhile=True),
    Command(name="tree", summary="Show what the last run, or another, led to.", argument="[RUN]",
            meanwhile=True),
    Command(name="trace", summary="Show the events of a run, a line for each.", argument="[RUN]",
            meanwhile=True),
    Command(name="observer", summary="Show what the Observer and the gate saw, with the events.",
            argument="[RUN]", meanwhile=True),
    Command(name="apply", summary="Do what an insight suggests.", argument="[N]", meanwhile=True),
    Command(name="event", summary="Show events whole, by their numbers.", argument="N…",
            meanwhile=True),
    Command(name="models", summary="Show the models of a run, its swaps and its memory.",
            argument="[RUN]", meanwhile=True),
    Command(name="usage", summary="Show what of its budget a run has spent.", argument="[RUN]",
            meanwhile=True),
    Command(name="runs", summary="List earlier runs, or find them by their words.",
            argument="[WORDS]"),
    Command(name="replay", summary="Tell a run again, event by event.", argument="[RUN]",
            where="chat", instead="toollama tui --replay RUN"),
    Command(name="attach", summary="Watch a run of another process to its end.", argument="[RUN]",
            where="chat", instead="toollama tui --attach RUN"),
    Command(name="copy", summary="Copy the last answer to the clipboard."),
    Command(name="save", summary="Write the last answer to a file.", argument="FILE"),
    Command(name="export", argument="FILE",
            summary="Write the last run to a file: .md .json .jsonl .html .otlp."),
    Command(name="theme", summary="Change the colours.", argument="NAME",
            where="screen", instead="the colours are the terminal's own; --color turns them off"),
    Command(name="quit", summary="Leave; the conversation stays."),
)  # fmt: skip
"""Every command, in the order of the help."""

BY_NAME = {command.name: command for command in COMMANDS}

_TYPED: dict[Place, tuple[tuple[str, str], ...]] = {
    "chat": (
        ('"""', "Begin and end a request of several lines; so does \\ at the end of a line."),
        ("Ctrl-C", "Stop the request and keep what there is; twice leaves."),
    ),
    "screen": (
        ("Ctrl+J", "Break the line."),
        ("Ctrl+Left, Ctrl+Right", "Move by words; Ctrl+W deletes one, Ctrl+U the line so far."),
    ),
}
"""What else can be typed."""


def commands_of(place: Place) -> tuple[Command, ...]:
    """Return the commands that a place has."""
    return tuple(command for command in COMMANDS if command.where in ("both", place))


@dataclass(frozen=True, slots=True)
class Slash:
    """A command and what follows it."""

    command: Command
    argument: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool to run without a model."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, and the files that it names with @."""

    text: str
    files: tuple[str, ...] = ()


Line = Slash | ToolCall | Ask

_CONVERSATION = re.compile(r"\w[\w.-]{0,59}")
_FILE = re.compile(r'(?<!\S)@(?:"([^"]+)"|(\S*[^\s.,;:!?)\]]))')
_PATH = r'@(?:"[^"]+"|(?=\S*[./])\S*[^\s.,;:!?)\]])'
_GOES_ON = r"(?:and|or|vs|versus|with|is|are|was|were|has|have|does|do|can|says|shows|contains)\b"
"""What makes a file's name at the beginning a part of the sentence."""
_BEFORE = re.compile(rf"^{_PATH}[:,]?\s+(?=\S)(?!@|{_GOES_ON})", re.IGNORECASE)
_BEHIND = re.compile(rf"(^|[.?!])(?:(?:^|\s+){_PATH})+$")


def parse(line: str, place: Place = "chat") -> Line | None:
    """Return what a line says; None for an empty one. Raises `InputError`.

    Two slashes or two exclamation marks at the start stand for one, without its meaning.
    """
    text = line.strip()
    if not text:
        return None
    if text.startswith(("//", "!!")):
        return request(text[1:])
    if text.startswith("/"):
        return slash(text, place)
    if text.startswith("!"):
        return tool_call(text)
    return request(text)


def slash(text: str, place: Place) -> Slash:
    """Return the command of a line that begins with a slash. Raises `InputError`."""
    name, _, argument = text[1:].partition(" ")
    command = _command(name.lower(), place)
    argument = argument.strip()
    if command.needs_argument and not argument:
        raise InputError(f"/{command.name} needs {command.argument}", fix=command.usage)
    return Slash(command, argument)


def is_command(text: str) -> bool:
    """Return whether a line begins with the name of a command: a path may begin like one."""
    return text.startswith("/") and text[1:].partition(" ")[0].lower() in BY_NAME


def number(argument: str, *, of: str) -> int | None:
    """Return the number of a task or a source that an argument says; None for an empty one.

    Raises `InputError`.
    """
    bare = argument.strip("[]")
    if not bare:
        return None
    if not (bare.isascii() and bare.isdecimal()):
        raise InputError(f"{argument[:40]} is no {of}'s number", fix="a number, such as 2")
    return int(bare)


def check_conversation(name: str) -> None:
    """Raise `InputError` where a conversation cannot have this name."""
    if not _CONVERSATION.fullmatch(name):
        raise InputError(
            "a conversation's name takes letters, digits, . _ and -, at most 60",
            fix="choose another name, such as kitchen",
        )


def request(text: str) -> Ask:
    """Return a request with the names that it writes behind @, whether files or not."""
    return Ask(without_marks(text), tuple(mentioned(text)))


def mentioned(text: str) -> list[str]:
    """Return the names behind @, in their order."""
    return [quoted or bare for quoted, bare in _FILE.findall(text)]


def arguments(pairs: Sequence[str]) -> dict[str, Any]:
    """Return `key=text` and `key:=JSON` pairs as arguments; a repeated key makes a list.

    The notation is HTTPie's. Raises `InputError`.
    """
    given: dict[str, Any] = {}
    for pair in pairs:
        key, value = _argument(pair)
        if key not in given:
            given[key] = value
        elif isinstance(given[key], list):
            given[key].append(value)
        else:
            given[key] = [given[key], value]
    return given


def without_marks(text: str) -> str:
    """Return a request with the names of its files as plain words.

    A file before the first word or behind the last sentence is attached and needs no word:
    `@notes.md summarise`, `who wrote it? @notes.md`. As a word it would be a request of its own.
    Files without any words are to be summed up.
    """
    said = _BEHIND.sub(r"\1", _BEFORE.sub("", text))
    return _FILE.sub(lambda found: found[1] or found[2], said) or "Summarise what is attached."


def help_lines(place: Place) -> list[str]:
    """Return the help as lines, the usages in one column."""
    rows = [(command.usage, command.summary) for command in commands_of(place)]
    rows += [
        ("@FILE", "Attach a file, wherever it stands in a request."),
        ("!TOOL key=value", "Run a tool without a model."),
        *_TYPED[place],
    ]
    width = max(len(usage) for usage, _ in rows)
    return [f"{usage:{width}}  {summary}" for usage, summary in rows]


def completions(word: str, place: Place, *, tools: Sequence[str] = ()) -> list[str]:
    """Return the commands and tools that begin with a word such as `/se` or `!calc`."""
    names = [f"/{command.name}" for command in commands_of(place)]
    names += [f"!{tool}" for tool in tools]
    return [name for name in names if name.startswith(word)]


def _command(name: str, place: Place) -> Command:
    found = BY_NAME.get(name)
    here = [command.name for command in commands_of(place)]
    if found is None:
        near = get_close_matches(name, here, n=1)
        fix = f"did you mean /{near[0]}?" if near else "/help lists the commands"
        raise InputError(f"there is no command /{name[:40]}", fix=fix)
    if found.name not in here:
        where = "on the full screen" if place == "screen" else "in the chat"
        raise InputError(f"there is no /{name} {where}", fix=found.instead)
    return found


def _argument(pair: str) -> tuple[str, Any]:
    key, separator, value = pair.partition("=")
    if not separator or not key.rstrip(":"):
        raise InputError(f"{pair} is not key=value", fix="write it as key=value")
    if not key.endswith(":"):
        return key, value
    from pydantic_core import from_json

    try:
        return key.removesuffix(":"), from_json(value)
    except ValueError as error:
        raise InputError(f"{pair}: {error}", fix="write JSON after :=") from error


def tool_call(text: str) -> ToolCall:
    """Return the call of `!tool key=text key:=JSON`. Raises `InputError`."""
    try:
        words = shlex.split(text[1:])
    except ValueError as error:
        raise InputError(f"!: {error}", fix="close the quotes") from error
    if not words:
        raise InputError("! needs a tool", fix="!calculator expression='2 + 2'; /tools lists them")
    return ToolCall(words[0], arguments(words[1:]))
