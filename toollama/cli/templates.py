"""`toollama templates`: the prompts that `ask -t` fills in, one file each."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from toollama.cli import approval, editing, out, stdin, template
from toollama.cli.options import Json
from toollama.errors import InputError

Name = Annotated[str, typer.Argument(metavar="NAME", help="A template's name.")]
Text = Annotated[
    list[str] | None,
    typer.Argument(metavar="TEXT", help="The prompt, with $input and $names; else stdin."),
]
Replace = Annotated[bool, typer.Option("--replace", help="Replace a template of this name.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_NEW = "$input\n"


def list_templates(*, json: Json = False) -> None:
    """List templates: name, parameters, and the first line."""
    listed = [_listing(path) for path in template.SHELF.files()]
    if json:
        out.json(listed)
        return
    rows = [(each["name"], ",".join(each["parameters"]), each["begins"]) for each in listed]
    out.table(("TEMPLATE", "PARAMETERS", "BEGINS"), rows)
    if not listed:
        out.note("no templates yet; keep one with: toollama templates save NAME 'Sum up: $input'")


def show(name: Name) -> None:
    """Print a template as it stands."""
    out.data(f"{template.read(name).template.rstrip()}\n")


def save(name: Name, text: Text = None, *, replace: Replace = False) -> None:
    """Keep a prompt as a template."""
    path = template.SHELF.path_of(name)
    existing = template.SHELF.find(name)
    if existing and not replace:
        raise InputError(f"{existing} exists", fix="add --replace")
    given = " ".join(text or ()) or stdin.read(stdin.Intake(), prompt_given=False) or ""
    if not given.strip():
        raise InputError(
            "the template is empty", fix="toollama templates save NAME 'Sum up: $input'"
        )
    template.check(given, path)
    editing.write(existing or path, f"{given.rstrip()}\n")
    out.data(f"{name}\n")


def edit(name: Name) -> None:
    """Open a template in $VISUAL or $EDITOR, beginning it where there is none."""
    path = template.SHELF.find(name)
    if path is None:
        path = template.SHELF.path_of(name)
        editing.write(path, _NEW)
    editing.edit(path)
    template.read(name)


def remove(name: Name, *, yes: Yes = False) -> None:
    """Delete a template."""
    template.read(name)
    path = template.SHELF.find(name)
    assert path is not None
    if not approval.agreed(f"delete {path}", yes=yes):
        out.note("nothing was changed")
        return
    path.unlink()
    out.data(f"{name}\n")


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_templates,
    "show": show,
    "save": save,
    "edit": edit,
    "rm": remove,
}
"""The commands of this group by name."""


def _listing(path: Path) -> dict[str, Any]:
    try:
        found = template.read(path.stem)
    except InputError as error:
        return {"name": path.stem, "parameters": [], "begins": f"({error.message})"}
    names = sorted(set(found.get_identifiers()) - {template.INPUT})
    begins = next(iter(found.template.strip().splitlines()), "")
    return {"name": path.stem, "parameters": names, "begins": begins}
