"""What a request and its answer look like: templates, depth, format and schema of the options."""

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toollama.cli import attachments, stdin
from toollama.errors import InputError
from toollama.paths import written

if TYPE_CHECKING:
    from toollama.agents.messages import Attached
    from toollama.agents.plan_file import PlanFile

_MAX_PLAN_BYTES = 1 << 20


class Depth(StrEnum):
    """How thorough a request is served."""

    BASIC = "basic"
    DETAILED = "detailed"
    COMPREHENSIVE = "comprehensive"


class Format(StrEnum):
    """How an answer is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


DepthOption = Annotated[
    Depth,
    typer.Option(
        "--depth",
        help="basic: two tasks, no wording; comprehensive: two sources a task, a longer answer.",
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format", help="Print plain text, one JSON document, or Markdown with its sources."
    ),
]
SchemaOption = Annotated[
    str | None,
    typer.Option(
        "--schema",
        metavar="SCHEMA",
        help="Answer with JSON valid against this schema, or 6: a file, a name from `toollama "
        "schemas`, JSON, or in short 'title, year int'.",
    ),
]
TemplateOption = Annotated[
    str | None,
    typer.Option("--template", "-t", metavar="NAME", help="Fill in a prompt template of yours."),
]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option("--param", "-p", metavar="KEY=VALUE", help="A parameter of the template."),
]


def prompt(
    words: Sequence[str],
    files: Sequence[str],
    intake: stdin.Intake,
    *,
    template: str | None,
    parameters: Sequence[str],
    offline: bool = False,
) -> tuple[str, tuple["Attached", ...]]:
    """Return the prompt, out of its template where one is named, and what is attached to it.

    Raises `InputError`.
    """
    from toollama.cli import template as templates

    attach = partial(attachments.attach, offline=offline, max_bytes=intake.max_bytes)
    given = templates.parameters(parameters)
    if template is None:
        if given:
            raise InputError("-p is for a template", fix="name it with -t NAME")
        return stdin.request(words, files, intake, attach=attach)
    found = templates.read(template)
    if not templates.takes_input(found):
        whole = templates.filled(found, " ".join(words), given)
        return stdin.request([whole], files, intake, attach=attach)
    text, attached = stdin.request(words, files, intake, attach=attach)
    return templates.filled(found, text, given), attached


def plan(file: str) -> "PlanFile":
    """Return the plan in a file of JSON or of YAML without aliases. Raises `InputError`."""
    from toollama.agents import plan_file

    try:
        with written(file).open("rb") as opened:
            text = opened.read(_MAX_PLAN_BYTES)
    except OSError as error:
        raise InputError(
            f"{file}: cannot be read: {error.strerror}", fix="check the path of the plan"
        ) from error
    return plan_file.parse(text if text.lstrip().startswith(b"{") else _as_json(text), name=file)


def _as_json(text: bytes) -> bytes:
    """Return YAML as JSON; what is neither is passed on, for the reader of plans to refuse."""
    import yaml
    from pydantic_core import to_json

    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, yaml.SafeLoader)):
            return text
        return to_json(yaml.safe_load(text))
    except (yaml.YAMLError, ValueError):
        return text


def schema(given: str | None) -> dict[str, Any] | None:
    """Return the JSON Schema that `--schema` names or is. Raises `InputError`."""
    if given is None:
        return None
    from toollama.cli import schema as schemas

    return schemas.read(given)
