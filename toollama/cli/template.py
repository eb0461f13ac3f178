"""Named prompt templates: `templates/NAME.md` in the configuration directory, with `$input`.

Placeholders are `$input` and `$name` or `${name}`; `$$` is a dollar sign. Owns filling one in;
nothing is left unfilled and nothing given is dropped.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toollama import paths
from toollama.cli.shelf import Shelf
from toollama.errors import InputError

if TYPE_CHECKING:
    from string import Template

SHELF = Shelf(
    kind="template", directory=paths.templates_dir, suffix=".md", other_suffixes=("", ".txt")
)
INPUT = "input"
"""The placeholder for the words of the prompt."""
_MAX_BYTES = 1 << 20


def read(name: str) -> "Template":
    """Return the template with this name. Raises `InputError`."""
    path = SHELF.find(name)
    if path is None:
        names = ", ".join(kept.stem for kept in SHELF.files()[:20])
        listed = f"; there are {names}" if names else ""
        raise InputError(
            f"-t {name}: there is no such template{listed}",
            fix="toollama templates save NAME 'Sum up: $input'",
        )
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}", fix="save it as UTF-8") from error
    return check(text, path)


def check(text: str, path: Path) -> "Template":
    """Return the text of a file as a template. Raises `InputError`."""
    from string import Template

    template = Template(text)
    if not template.is_valid():
        raise InputError(f"{path}: a $ stands alone in it", fix="write $$ for a dollar sign")
    return template


def takes_input(template: "Template") -> bool:
    """Return whether the template has a place for the words of the prompt."""
    return INPUT in template.get_identifiers()


def filled(template: "Template", text: str, parameters: Mapping[str, str]) -> str:
    """Return the prompt. Raises `InputError` for parameters that are missing or not in it.

    Words that a template without `$input` is given follow it.
    """
    names = set(template.get_identifiers()) - {INPUT}
    if missing := sorted(names - parameters.keys()):
        named = " ".join(f"-p {name}=…" for name in missing)
        raise InputError(f"the template needs {', '.join(missing)}", fix=f"add {named}")
    if unknown := sorted(parameters.keys() - names):
        listed = ", ".join(sorted(names)) or "none"
        raise InputError(
            f"the template has no parameter {', '.join(unknown)}", fix=f"it takes: {listed}"
        )
    prompt = template.substitute({**parameters, INPUT: text})
    return prompt if takes_input(template) else "\n\n".join(filter(None, [prompt.strip(), text]))


def parameters(pairs: Sequence[str]) -> dict[str, str]:
    """Return `key=value` pairs. Raises `InputError`."""
    found = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not name:
            raise InputError(f"-p {pair} is not key=value", fix="write it as -p key=value")
        found[name] = value
    return found
