"""The key help: every binding with its key at the moment and its id, and every command."""

from typing import Any

from textual.app import App
from textual.screen import Screen

from toollama.commands import help_lines


def help_text(app: App[Any], screen: Screen[Any]) -> str:
    """Return the keys of the screen and of what has the focus, then the commands."""
    rows = []
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.description:
            shown = app.get_key_display(binding)
            rows.append((shown, binding.description, binding.id or ""))
    unique = sorted(set(rows), key=lambda row: (not row[2], row[2], row[0]))
    lines = [f"{key:>12}  {what:36} {id_}".rstrip() for key, what, id_ in unique]
    return "\n".join(
        [
            "Keys (the last column is the name to give another key in [tui.keys] of config.toml)",
            "",
            *lines,
            "",
            "In the prompt",
            "",
            *help_lines("screen"),
        ]
    )
