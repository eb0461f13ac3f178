"""What a request and its answer look like: templates, depth, format and schema of the options."""

from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toollama.cli import attachments, stdin
from toollama.errors import InputError
from toollama.paths import written

if TYPE_CHECKING:
    from toollama.agents.messages import Attached
    from toollama.agents.plan_file import PlanFile

_MAX_SCHEMA_BYTES = 1 << 20


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
    Path | None,
    typer.Option(
        "--schema", metavar="FILE", help="Answer with JSON valid against this JSON Schema, or 6."
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
            text = opened.read(_MAX_SCHEMA_BYTES)
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


def schema(path: Path | None) -> dict[str, Any] | None:
    """Return the JSON Schema in a file. Raises `InputError`."""
    if path is None:
        return None
    from pydantic_core import from_json

    try:
        with written(path).open("rb") as file:
            raw = file.read(_MAX_SCHEMA_BYTES + 1)
        document = from_json(raw)
    except OSError as error:
        raise InputError(f"--schema {path}: {error.strerror}", fix="check the path") from error
    except ValueError as error:
        raise InputError(f"--schema {path}: {error}", fix="write it as JSON") from error
    if not isinstance(document, dict):
        raise InputError(f"--schema {path}: a schema is a JSON object", fix='such as {"type": …}')
    return document
