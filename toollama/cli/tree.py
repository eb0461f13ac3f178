"""The command tree as data: what `spec`, `man` and `completion` are made from."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, get_args

from toollama.errors import ExitCode

EXIT_STATUS = {
    ExitCode.OK: "A complete answer.",
    ExitCode.FAILED: "The run failed: there is no usable answer.",
    ExitCode.USAGE: "Wrong usage, configuration or input.",
    ExitCode.MODEL: "A model is missing, damaged, does not fit, or cannot be loaded.",
    ExitCode.APPROVAL: "An approval is needed and nobody can be asked, or it was denied.",
    ExitCode.NETWORK: "A required tool lacks a key or the network.",
    ExitCode.SCHEMA: "The answer cannot be given in the form of --schema.",
    ExitCode.BUDGET: "The budget or the time is spent; what there is was answered.",
    ExitCode.PARTIAL: "With --strict: parts of the answer are missing.",
    ExitCode.HANGUP: "The terminal was closed; what there is was kept.",
    ExitCode.INTERRUPTED: "Ctrl-C; what there is was kept.",
    ExitCode.BROKEN_PIPE: "The reader of the output is gone; what there is was kept.",
    ExitCode.TERMINATED: "SIGTERM; what there is was kept.",
}
"""What every exit code means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One option or argument."""

    names: tuple[str, ...]
    """`-f` and `--file`; of an argument its metavar."""
    off_names: tuple[str, ...] = ()
    """`--no-stdin` of `--stdin/--no-stdin`."""
    help: str
    metavar: str = ""
    """What stands for its value; empty for a flag."""
    choices: tuple[str, ...] = ()
    required: bool = False
    repeatable: bool = False
    is_option: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One command or group."""

    path: str
    """`toollama runs show`."""
    help: str
    parameters: tuple[Parameter, ...]
    commands: tuple["Node", ...] = ()

    @property
    def name(self) -> str:
        """Return the last word of the path."""
        return self.path.rpartition(" ")[2]

    def command(self, name: str) -> "Node | None":
        """Return the command of this name below."""
        return next((node for node in self.commands if node.name == name), None)


def build() -> Node:
    """Return the whole tree, hidden commands left out."""
    from toollama.cli.app import build_command

    return _node(build_command(), "toollama")


def _node(command: Any, path: str) -> Node:
    names = list(getattr(command, "commands", ()))
    below = {name: command.get_command(None, name) for name in names}
    return Node(
        path=path,
        help=_unwrapped(command.help or ""),
        parameters=(*map(_parameter, command.params), _HELP),
        commands=tuple(
            _node(each, f"{path} {name}") for name, each in below.items() if not each.hidden
        ),
    )


_HELP = Parameter(names=("-h", "--help"), help="Show this message and exit.")


def _parameter(parameter: Any) -> Parameter:
    is_option = parameter.param_type_name == "option"
    takes_value = not (is_option and (parameter.is_flag or parameter.count))
    kind = parameter.type_descriptor.annotation
    metavar = (parameter.metavar or parameter.name.upper()) if takes_value else ""
    return Parameter(
        names=tuple(parameter.opts) if is_option else (metavar,),
        off_names=tuple(parameter.secondary_opts),
        help=parameter.help or "",
        metavar=metavar,
        choices=_choices(kind),
        required=parameter.required,
        repeatable=bool(parameter.multiple if is_option else parameter.nargs == -1),
        is_option=is_option,
    )


def _choices(kind: Any) -> tuple[str, ...]:
    """Return the values of an enumeration, bare or inside `list` and `None`."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(member.value) for member in kind)
    return next(filter(None, map(_choices, get_args(kind))), ())


def _unwrapped(text: str) -> str:
    """Return paragraphs as one line each."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
