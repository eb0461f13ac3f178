"""`toollama schemas`: the JSON Schemas that `ask --schema NAME` answers under, one file each."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from toollama.cli import approval, editing, out, schema, stdin
from toollama.cli.options import Json
from toollama.errors import InputError

Name = Annotated[str, typer.Argument(metavar="NAME", help="A schema's name.")]
Text = Annotated[
    str | None,
    typer.Argument(
        metavar="SCHEMA", help="A file, JSON, or in short: 'title, year int'; else stdin."
    ),
]
Replace = Annotated[bool, typer.Option("--replace", help="Replace a schema of this name.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_NEW = '{\n  "type": "object",\n  "properties": {},\n  "required": []\n}\n'


def list_schemas(*, json: Json = False) -> None:
    """List schemas: name and fields."""
    listed = [_listing(path) for path in schema.SHELF.files()]
    if json:
        out.json(listed)
        return
    out.table(("SCHEMA", "FIELDS"), [(each["name"], ", ".join(each["fields"])) for each in listed])
    if not listed:
        out.note("no schemas yet; keep one with: toollama schemas save NAME 'title, year int'")


def show(name: Name) -> None:
    """Print a schema as JSON."""
    out.json(schema.read_file(_kept(name)))


def save(name: Name, text: Text = None, *, replace: Replace = False) -> None:
    """Keep a schema by name, for ask --schema NAME."""
    from toollama.text import json_text

    path = schema.SHELF.path_of(name)
    if path.exists() and not replace:
        raise InputError(f"{path} exists", fix="add --replace")
    given = text or stdin.read(stdin.Intake(), prompt_given=False) or ""
    if not given.strip():
        raise InputError("the schema is empty", fix="toollama schemas save NAME 'title, year int'")
    editing.write(path, json_text(schema.read(given)))
    out.data(f"{name}\n")


def edit(name: Name) -> None:
    """Open a schema in $VISUAL or $EDITOR, beginning it where there is none."""
    path = schema.SHELF.find(name)
    if path is None:
        path = schema.SHELF.path_of(name)
        editing.write(path, _NEW)
    editing.edit(path)
    schema.read_file(path)


def remove(name: Name, *, yes: Yes = False) -> None:
    """Delete a schema."""
    path = _kept(name)
    if not approval.agreed(f"delete {path}", yes=yes):
        out.note("nothing was changed")
        return
    path.unlink()
    out.data(f"{name}\n")


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_schemas,
    "show": show,
    "save": save,
    "edit": edit,
    "rm": remove,
}
"""The commands of this group by name."""


def _kept(name: str) -> Path:
    path = schema.SHELF.find(name)
    if path is None:
        raise InputError(f"there is no schema {name}", fix="toollama schemas list")
    return path


def _listing(path: Path) -> dict[str, Any]:
    try:
        fields = schema.read_file(path).get("properties", {})
    except InputError as error:
        return {"name": path.stem, "fields": [f"({error.message})"]}
    return {"name": path.stem, "fields": list(fields) if isinstance(fields, dict) else []}
