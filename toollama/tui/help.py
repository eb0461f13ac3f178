"""The key help: every key with its name, wherever the focus is, and every command."""

from collections.abc import Iterable, Mapping
from typing import Any

from textual.app import App
from textual.binding import Binding, BindingType

from toollama.commands import help_lines

_KEY_CELLS = 12
_WHAT_CELLS = 33


def help_text(
    app: App[Any], sections: Mapping[str, Iterable[BindingType]], keys: Mapping[str, str]
) -> str:
    """Return the keys of each section, then the commands.

    `keys` are those that the user gave to bindings in place of their own, by the bindings' ids.
    """
    lines = ["^ is Ctrl. The last column names a key in [tui.keys] of config.toml."]
    for heading, bindings in sections.items():
        ours = [binding for binding in bindings if isinstance(binding, Binding)]
        lines += ["", heading, ""]
        lines += [_row(pressed(app, binding, keys), binding) for binding in ours]
    return "\n".join([*lines, "", "Typed in the prompt", "", *help_lines("screen")])


def pressed(app: App[Any], binding: Binding, keys: Mapping[str, str]) -> list[str]:
    """Return the keys of a binding as a person reads them."""
    named = keys.get(binding.id or "", binding.key)
    return [app.get_key_display(binding.with_key(key.strip())) for key in named.split(",")]


def _row(shown: list[str], binding: Binding) -> str:
    what = f"{binding.description:{_WHAT_CELLS}} {binding.id or ''}"
    return f"{'  '.join(shown):>{_KEY_CELLS}}  {what}".rstrip()
