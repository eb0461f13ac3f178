"""`toollama man` and `toollama spec`: the command tree as a manual page, and as JSON."""

import re
from collections.abc import Iterator

from toollama._version import __version__
from toollama.cli import out
from toollama.cli.examples import EXAMPLES
from toollama.cli.tree import EXIT_STATUS, Node, Parameter, build

_ENVIRONMENT = (
    ("TOOLLAMA_CONFIG_DIR, …_DATA_DIR, …_STATE_DIR, …_CACHE_DIR", "Where files are kept."),
    ("TOOLLAMA_PROFILE, TOOLLAMA_VRAM, TOOLLAMA_OFFLINE", "Settings; they win over config.toml."),
    ("TOOLLAMA_CONFIG, TOOLLAMA_NO_INPUT", "As --config and --no-input."),
    (
        "TOOLLAMA_<OPTION>",
        "Stands for an option of ask, chat and the like, but --yes and --session: …_RENDER=never.",
    ),
    ("TOOLLAMA_SESSION", "Names this terminal for -c."),
    ("TOOLLAMA_DEBUG", "Show the traceback of an internal error."),
    ("NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE", "Colour never, or always."),
    ("ACCESSIBLE", "As --plain: nothing is redrawn."),
    ("PAGER, LESS", "What shows runs and sessions on a terminal; PAGER= is none."),
    ("VISUAL, EDITOR", "The editor of config edit and templates edit."),
)
_LEADING = re.compile(r"^[.']", re.MULTILINE)


def man() -> None:
    """Print the manual page; read it with: toollama man | man -l -."""
    out.data(page(build()))


def spec() -> None:
    """Print every command, option and exit code as JSON."""
    codes = [
        {"code": int(code), "name": code.name.lower(), "meaning": meaning}
        for code, meaning in EXIT_STATUS.items()
    ]
    out.json({"name": "toollama", "version": __version__, "exit_codes": codes, "tree": build()})


def page(root: Node) -> str:
    """Return the tree as a manual page in the macros of man(7). Pure."""
    lines = [
        f'.TH TOOLLAMA 1 "" "toollama {__version__}"',
        ".SH NAME",
        f"toollama \\- {_roff(root.help)}",
        ".SH SYNOPSIS",
        ".B toollama",
        "[OPTIONS] COMMAND [ARGS]",
        ".SH EXAMPLES",
        ".nf",
        *(_roff(line) for line in EXAMPLES["toollama"]),
        ".fi",
        ".SH OPTIONS",
        *(line for each in root.parameters[:-1] for line in _item(_usage(each), each.help)),
        ".SH COMMANDS",
        *(line for node in root.commands for line in _commands(node)),
        ".SH EXIT STATUS",
        *(line for code, text in EXIT_STATUS.items() for line in _item(str(int(code)), text)),
        ".SH ENVIRONMENT",
        *(line for name, text in _ENVIRONMENT for line in _item(name, text)),
    ]
    return "\n".join(lines) + "\n"


def _commands(node: Node) -> Iterator[str]:
    yield f".SS {_roff(node.path)}"
    yield _roff(node.help)
    if lines := EXAMPLES.get(node.path):
        yield from (".PP", ".nf", *map(_roff, lines), ".fi")
    for parameter in node.parameters[:-1]:
        yield from _item(_usage(parameter), parameter.help)
    for each in node.commands:
        yield from _commands(each)


def _usage(parameter: Parameter) -> str:
    if not parameter.is_option:
        return parameter.metavar
    names = ", ".join([*parameter.names, *parameter.off_names])
    value = "|".join(parameter.choices) or parameter.metavar
    return f"{names} {value}".rstrip()


def _item(term: str, text: str) -> list[str]:
    return [".TP", f".B {_roff(term)}", _roff(text) or "\\&"]


def _roff(text: str) -> str:
    r"""Return text that roff prints as it is: `\` and `-` escaped, no line that is a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("\n\n", "\n.PP\n")
    kept = _LEADING.sub(lambda found: f"\\&{found[0]}", escaped)
    return kept.replace("\\&.PP", ".PP")
