"""`toollama keys`: set, list, check and remove keys. A value is read, never printed.

It comes from another variable, from stdin or from a prompt that shows nothing: an argument would
stay in the shell's history and be seen by every process of the machine.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import out
from toollama.cli.options import Json
from toollama.errors import ExitCode, InputError, UnknownName

if TYPE_CHECKING:
    from toollama.secrets import Keys
    from toollama.tools.base import ToolSpec

_MAX_BYTES = 8192

Name = Annotated[str, typer.Argument(help="The key's name, from `toollama keys list`.")]
OneName = Annotated[str | None, typer.Argument(help="The key's name; without it, every key.")]
FromEnv = Annotated[
    str | None, typer.Option("--from-env", help="Take the value from this variable.")
]


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key, where it is set, and the tools that it opens."""

    name: str
    source: str
    """`env`, `keyring`, `file`, or "" where it is unset."""
    fault: str
    """Why the value cannot be right, or ""."""
    needed_by: tuple[str, ...]
    optional_for: tuple[str, ...]


def set_key(name: Name, *, from_env: FromEnv = None) -> None:
    """Keep a key: from --from-env, from stdin, or typed where nobody sees it."""
    from toollama.secrets import Keys
    from toollama.secrets.keys import checked_name

    name = checked_name(name)
    keys = Keys.open()
    place = keys.save(name, _value(name, from_env))
    out.note(f"{name} is kept in the {'keyring' if place == 'keyring' else 'file of keys'}")
    found = keys.find(name)
    if found and found.source != place:
        out.warn(f"the variable {name} is set too, and goes first")
    if not any(name in (*spec.credentials, *spec.optional_credentials) for spec in _specs()):
        out.warn(f"no tool asks for {name}")


def list_keys(*, json: Json = False) -> None:
    """List the keys that tools ask for, and where each is set; never a value."""
    uses = _uses()
    if json:
        out.json([asdict(use) for use in uses])
        return
    out.table(
        ("KEY", "SET IN", "NEEDED BY", "OPTIONAL FOR"),
        [
            (use.name, use.source or "unset", ", ".join(use.needed_by), ", ".join(use.optional_for))
            for use in uses
        ],
    )


def check(name: OneName = None, *, json: Json = False) -> None:
    """Say whether keys are set and well formed, without using them."""
    uses = [use for use in _uses(name) if name or use.source]
    if json:
        out.json([asdict(use) for use in uses])
    else:
        out.table(("KEY", "STATE", "OPENS"), [(use.name, _state(use), _opens(use)) for use in uses])
    if not uses:
        out.note("no key is set")
    if any(use.fault or not use.source for use in uses):
        raise typer.Exit(ExitCode.FAILED)


def path() -> None:
    """Print the path of the file of keys."""
    from toollama import paths

    out.data(f"{paths.credentials_toml()}\n")


def remove(name: Name) -> None:
    """Forget a key, wherever it is kept."""
    from toollama.secrets import Keys
    from toollama.secrets.keys import checked_name

    keys = Keys.open()
    places = keys.remove(checked_name(name))
    if os.environ.get(name):
        out.warn(f"the variable {name} is still set in this shell")
    elif not places:
        raise UnknownName(f"{name} is not set", fix="toollama keys list")
    if places:
        out.note(f"{name} is gone from: {', '.join(places)}")


COMMANDS: dict[str, Callable[..., None]] = {
    "set": set_key,
    "list": list_keys,
    "check": check,
    "path": path,
    "rm": remove,
}
"""The commands of this group by name."""


def _value(name: str, from_env: str | None) -> str:
    """Return the value to keep. Raises `InputError`."""
    if from_env is not None:
        value = os.environ.get(from_env, "")
        if not value:
            raise InputError("the variable of --from-env is not set", fix="toollama keys set NAME")
        return value.strip()
    if out.is_terminal(sys.stdin):
        from getpass import getpass

        return getpass(f"{name}: ").strip()
    piped = sys.stdin.read(_MAX_BYTES + 1) if sys.stdin is not None else ""
    if len(piped) > _MAX_BYTES:
        raise InputError("stdin holds more than a key", fix="give the key alone")
    return piped.strip()


def _specs() -> Sequence["ToolSpec"]:
    from toollama.tools.registry import Registry

    return Registry.discover().specs()


def _uses(name: str | None = None) -> list[KeyUse]:
    """Return every key that a tool asks for, or the one named."""
    from toollama.secrets import Keys

    specs, keys = _specs(), Keys.open()
    names = {key for spec in specs for key in (*spec.credentials, *spec.optional_credentials)}
    if name is None:
        return [_use(each, keys, specs) for each in sorted(names)]
    use = _use(name, keys, specs)
    if name not in names and not use.source:
        from difflib import get_close_matches

        near = get_close_matches(name, names, n=3)
        raise UnknownName(
            "no tool asks for that key" + (f"; did you mean {', '.join(near)}?" if near else ""),
            fix="toollama keys list",
        )
    return [use]


def _use(name: str, keys: "Keys", specs: Sequence["ToolSpec"]) -> KeyUse:
    from toollama.secrets import fault_of

    found = keys.find(name)
    return KeyUse(
        name=name,
        source=found.source if found else "",
        fault=fault_of(found.value) if found else "",
        needed_by=tuple(spec.name for spec in specs if name in spec.credentials),
        optional_for=tuple(spec.name for spec in specs if name in spec.optional_credentials),
    )


def _state(use: KeyUse) -> str:
    if not use.source:
        return "unset"
    return f"{use.source}: {use.fault}" if use.fault else f"{use.source}: well formed"


def _opens(use: KeyUse) -> str:
    return ", ".join((*use.needed_by, *use.optional_for)) or "no tool"
