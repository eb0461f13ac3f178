"""What the screen lists besides runs, as text: conversations, tools, the crew.

Also which model plays a role, as a person says it. Files are read here; nothing is cached.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from toollama.config import load_settings
from toollama.errors import InputError
from toollama.text import Visible, one_line, visible

if TYPE_CHECKING:
    from toollama.models.catalog import Catalog
    from toollama.models.spec import ModelSpec
    from toollama.store import SessionRow


def sessions(rows: "Iterable[SessionRow]") -> Visible:
    """Return conversations: name, number of requests, when last used, and the first request."""
    table = [
        (row.name, str(row.runs), f"{row.last_at.astimezone():%Y-%m-%d %H:%M}", row.prompt)
        for row in rows
    ]
    return _table(table) or visible("no conversations yet")


def tools() -> Visible:
    """Return every tool with what it does, and its state where it cannot run.

    Raises `ConfigError`.
    """
    from toollama.tools.discovery import survey

    rows = survey.survey().rows()
    return _table([(row.entry.name, _told(row.entry.summary, str(row.standing))) for row in rows])


def crew(profile: str | None, models: Mapping[str, str]) -> Visible:
    """Return every role with the model that plays it. Raises `ToolLamaError`."""
    members = _crew(_catalog(), profile, models)
    return _table([(role, spec.id) for role, spec in members.items()])


def chosen_model(pair: str, profile: str | None) -> dict[str, str]:
    """Return `ROLE=MODEL` as a mapping, once role and file are there. Raises `ToolLamaError`."""
    role, separator, model = (part.strip() for part in pair.partition("="))
    if not (role and separator and model):
        raise InputError(f"{one_line(pair, 60)} is not ROLE=MODEL", fix="/model camina=MODEL")
    catalog = _catalog()
    _crew(catalog, profile, {role: model})
    spec = catalog.model(model)
    if not spec.endpoints:
        catalog.resolve(spec)
    return {role: model}


def _told(summary: str, standing: str) -> str:
    return summary if standing == "ready" else f"({standing}) {summary}"


def _crew(
    catalog: "Catalog", profile: str | None, models: Mapping[str, str]
) -> "dict[str, ModelSpec]":
    chosen = catalog.profile(profile or load_settings().profile or "").name
    return catalog.crew(chosen, models)


def _catalog() -> "Catalog":
    from toollama.models.catalog import load_catalog
    from toollama.tools.registry import Registry

    return load_catalog(tools=Registry.names())


def _table(rows: Sequence[Sequence[str]]) -> Visible:
    if not rows:
        return visible("")
    cells = [[one_line(cell, 80) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
    return visible("\n".join(lines))
