"""`toollama config`: the settings, where each comes from, and editing their file."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from toollama.cli import editing, out
from toollama.cli.options import Json
from toollama.errors import ConfigError, ExitCode, InputError

Key = Annotated[str, typer.Argument(metavar="KEY", help="A setting, such as vram or tui.theme.")]
Value = Annotated[str, typer.Argument(metavar="VALUE", help="Its value; '' takes it out.")]
Origin = Annotated[
    bool, typer.Option("--origin", help="Show where each value comes from, and what it beat.")
]

_TEMPLATE = """\
# ToolLama's settings. Models, roles and profiles are in models.toml beside this file.
# `toollama config schema` tells every key; `toollama config show --origin` what holds.

# The crew, from `toollama models list`:
# profile = "starter"

# Memory for models; without it the device is asked:
# vram = "8GiB"

# timezone = "Europe/Oslo"
# contact = "you@example.org"
# offline = true

# [terminal]
# title = true
# notify_after_s = 20
"""


def show(*, origin: Origin = False, json: Json = False) -> None:
    """Show every setting as it holds now."""
    from toollama.cli import setting_keys

    traced = setting_keys.trace()
    if json:
        out.json(traced if origin else {each.key: each.value for each in traced})
        return
    header = ("KEY", "VALUE", "FROM", "BEATS") if origin else ("KEY", "VALUE")
    rows = [
        (each.key, _shown(each.value), each.origin, "; ".join(each.beaten))[: len(header)]
        for each in traced
    ]
    out.table(header, rows)


def get(key: Key) -> None:
    """Print one setting."""
    from toollama import config
    from toollama.cli import setting_keys

    path = setting_keys.find(key)
    out.data(f"{_shown(setting_keys.value_at(config.load_settings(), path))}\n")


def set_(key: Key, value: Value) -> None:
    """Write one setting to the file; the others and the comments stay as they are."""
    from toollama import config, paths
    from toollama.cli import setting_keys

    path, file = setting_keys.find(key), paths.user_config_toml()
    setting_keys.write(file, path, value)
    holds = setting_keys.value_at(config.load_settings(), path)
    out.data(f"{key} = {_shown(holds)}\n")
    out.note(f"written to {file}")


def validate(*, json: Json = False) -> None:
    """Check the settings files and models.toml; exit 2 with the line of the first fault of each."""
    from toollama import config, paths
    from toollama.models.catalog import load_catalog
    from toollama.tools.registry import Registry

    checks: list[tuple[Path, Callable[[], object]]] = [
        (paths.user_config_toml(), lambda: config.load_settings(paths.user_config_toml())),
        (paths.user_models_toml(), lambda: load_catalog(tools=Registry.names())),
    ]
    if paths.project_config_toml().exists():
        checks.insert(1, (paths.project_config_toml(), config.load_settings))
    found = [_check(path, load) for path, load in checks]
    if json:
        out.json(found)
    else:
        out.table(("FILE", "STATE", "FAULT"), [tuple(each.values()) for each in found])
    if any(each["state"] == "bad" for each in found):
        raise typer.Exit(ExitCode.USAGE)


def schema() -> None:
    """Print the JSON Schema of config.toml."""
    from toollama.config import Settings

    out.json(Settings.model_json_schema())


def init() -> None:
    """Write a config.toml with every usual setting as a comment, unless there is one."""
    from toollama import paths

    path = paths.user_config_toml()
    if path.exists():
        raise InputError(f"{path} exists", fix="toollama config edit")
    editing.write(path, _TEMPLATE)
    out.data(f"{path}\n")


def path() -> None:
    """Print the path of config.toml."""
    from toollama import paths

    out.data(f"{paths.user_config_toml()}\n")


def edit() -> None:
    """Open config.toml in $VISUAL or $EDITOR, and check what was saved."""
    from toollama import config, paths

    file = paths.user_config_toml()
    if not file.exists():
        editing.write(file, _TEMPLATE)
    editing.edit(file)
    config.load_settings()


COMMANDS: dict[str, Callable[..., None]] = {
    "show": show,
    "get": get,
    "set": set_,
    "validate": validate,
    "schema": schema,
    "init": init,
    "path": path,
    "edit": edit,
}
"""The commands of this group by name."""


def _check(path: Path, load: Callable[[], object]) -> dict[str, str]:
    state = "ok" if path.exists() else "absent"
    try:
        load()
    except ConfigError as error:
        return {"file": str(path), "state": "bad", "fault": f"{error.message}; {error.fix}"}
    return {"file": str(path), "state": state, "fault": ""}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={text}" for name, text in value.items())
    if hasattr(value, "model_dump_json"):
        return str(value.model_dump_json())
    return "" if value is None else os.fspath(value) if isinstance(value, Path) else str(value)
