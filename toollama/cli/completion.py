"""What may follow the words of a command line: the words that the shells' scripts ask for.

The scripts (`shell_scripts`) hand every question to the hidden command `__complete`, so that what
may follow is decided in one place. Where it names nothing, the shell completes file names.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Annotated

import typer

from toollama.cli import out
from toollama.cli.shell_scripts import SCRIPTS
from toollama.cli.tree import Node, Parameter, build
from toollama.errors import ToolLamaError


class Shell(StrEnum):
    """The shells with a script."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


ShellName = Annotated[Shell, typer.Argument(help="bash, zsh or fish.")]

_KINDS = {
    "RUN": "runs",
    "RUN...": "runs",
    "A": "runs",
    "B": "runs",
    "ROLE": "agents",
    "ROLE=MODEL": "crew",
    "GLOB": "tools",
}
"""What a metavar names, wherever it stands."""
_KINDS_OF_GROUPS = {
    "models": "models",
    "tools": "tools",
    "sessions": "sessions",
    "templates": "templates",
    "schemas": "schemas",
    "config": "settings",
    "keys": "keys",
}
"""What NAME or KEY names in a group."""
_KINDS_OF_OPTIONS = {
    "--session": "sessions",
    "--template": "templates",
    "--schema": "schemas",
    "--profile": "profiles",
}
_RUNS_OFFERED = 50


def completion(shell: ShellName) -> None:
    """Print the completion script of a shell; its first lines tell how to use it."""
    out.data(SCRIPTS[shell])


def complete(words: Sequence[str]) -> int:
    """Print what the last word may become, `word TAB help` per line; 1 where nothing is known."""
    found = list(candidates(build(), words, names=names))
    out.data("".join(f"{word}\t{' '.join(about.split())}\n" for word, about in found))
    return 0 if found else 1


def candidates(
    root: Node, words: Sequence[str], *, names: Callable[[str], Sequence[str]]
) -> Iterator[tuple[str, str]]:
    """Yield what the last of the words may become, with its help. Pure but for `names`.

    `names` gives the names of a kind: `models`, `runs`, `sessions` and so on.
    """
    *before, word = words or [""]
    node, waiting, given = _walk(root, before)
    name, attached, _ = word.partition("=")
    if attached and name.startswith("--") and waiting is None:
        values = _values(node, _option(node, name), names)
        offered: Iterable[tuple[str, str]] = ((f"{name}={value}", "") for value in values)
    elif waiting is None and word.startswith("-"):
        offered = _options(node)
    elif waiting is None and node.commands:
        offered = ((each.name, each.help.partition("\n")[0]) for each in node.commands)
    else:
        parameter = waiting or _argument(node, given)
        offered = ((name, "") for name in _values(node, parameter, names))
    yield from ((name, about) for name, about in offered if name.startswith(word))


def names(kind: str) -> list[str]:
    """Return the names of a kind that exist on this machine; none where they cannot be read."""
    with suppress(ToolLamaError):
        return list(_NAMES[kind]())
    return []


def _walk(root: Node, words: Sequence[str]) -> tuple[Node, Parameter | None, int]:
    """Return the command, the option that waits for its value, and how many arguments stand."""
    node, waiting, given = root, None, 0
    for word in words:
        if waiting is not None:
            waiting = None
        elif word.startswith("-"):
            option = _option(node, word.partition("=")[0])
            waiting = option if option and option.metavar and "=" not in word else None
        elif below := node.command(word):
            node = below
        else:
            given += 1
    return node, waiting, given


def _option(node: Node, name: str) -> Parameter | None:
    return next((each for each in node.parameters if name in each.names), None)


def _options(node: Node) -> Iterator[tuple[str, str]]:
    for each in node.parameters:
        if each.is_option:
            yield from ((name, each.help) for name in (*each.names, *each.off_names))


def _argument(node: Node, given: int) -> Parameter | None:
    arguments = [each for each in node.parameters if not each.is_option]
    if not arguments:
        return None
    last = arguments[-1]
    return arguments[given] if given < len(arguments) else last if last.repeatable else None


def _values(
    node: Node, parameter: Parameter | None, names: Callable[[str], Sequence[str]]
) -> Sequence[str]:
    if parameter is None:
        return ()
    if parameter.choices:
        return parameter.choices
    group = node.path.split(" ")[1] if " " in node.path else ""
    of_option = next((_KINDS_OF_OPTIONS[n] for n in parameter.names if n in _KINDS_OF_OPTIONS), "")
    named = parameter.metavar.rstrip(".").upper() in {"NAME", "KEY", "MODEL"}
    of_group = _KINDS_OF_GROUPS.get(group, "") if named and not parameter.is_option else ""
    kind = of_option or _KINDS.get(parameter.metavar, "") or of_group
    return names(kind) if kind else ()


def _models() -> Iterator[str]:
    from toollama.models.catalog import load_catalog

    yield from load_catalog().models


def _crew() -> Iterator[str]:
    for role in ("all", "camina", "belter", "drummer"):
        yield from (f"{role}={model}" for model in _models())


def _profiles() -> Iterator[str]:
    from toollama.models.catalog import load_catalog

    yield from load_catalog().profiles


def _agents() -> Iterator[str]:
    from toollama.models.catalog import load_catalog

    yield from load_catalog().roles


def _tools() -> Iterator[str]:
    from toollama.tools.registry import Registry

    yield from Registry.names()


def _runs() -> Iterator[str]:
    from toollama.cli import log

    yield "last"
    with log.opened_if_exists() as store:
        yield from (row.run_id for row in (store.runs(_RUNS_OFFERED) if store else ()))


def _sessions() -> Iterator[str]:
    from toollama.cli import log

    with log.opened_if_exists() as store:
        yield from (row.name for row in (store.sessions(_RUNS_OFFERED) if store else ()))


def _templates() -> Iterator[str]:
    from toollama.cli import template

    yield from (path.stem for path in template.SHELF.files())


def _schemas() -> Iterator[str]:
    from toollama.cli import schema

    yield from (path.stem for path in schema.SHELF.files())


def _keys() -> Iterator[str]:
    from toollama.tools.registry import Registry

    specs = Registry.discover().specs()
    yield from sorted({name for s in specs for name in (*s.credentials, *s.optional_credentials)})


def _settings() -> Iterator[str]:
    from toollama.cli import setting_keys

    yield from setting_keys.keys()


_NAMES: dict[str, Callable[[], Iterator[str]]] = {
    "models": _models,
    "crew": _crew,
    "profiles": _profiles,
    "agents": _agents,
    "tools": _tools,
    "runs": _runs,
    "sessions": _sessions,
    "templates": _templates,
    "schemas": _schemas,
    "settings": _settings,
    "keys": _keys,
}
