"""The declared documents: those that ship with the program, and any other of their format.

Every fault names the file, the place in it and what is wrong: `openweather.yaml: paths./now.get:
summary: Field required`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from toollama.errors import ConfigError
from toollama.text import one_line
from toollama.tools.declared.format import DeclaredDocument, Terms
from toollama.tools.declared.operations import operation_of
from toollama.tools.declared.tool import DeclaredTool
from toollama.tools.openapi import yaml_text

LEAST_UTTERANCES = 20
_DIRECTORY = Path(__file__).parents[1] / "catalogue"


def files() -> list[Path]:
    """Return the documents that ship with the program, by name."""
    return sorted(_DIRECTORY.glob("*.yaml"))


def load_all() -> tuple[DeclaredTool, ...]:
    """Return every tool of the documents that ship with the program. Raises `ConfigError`."""
    return tuple(tool for path in files() for tool in load(path))


def load(path: Path) -> tuple[DeclaredTool, ...]:
    """Return the tools of one document of the catalogue.

    Raises `ConfigError`, and `SpecRefused` for what is no YAML.
    """
    documents = yaml_text.read_all(path.read_text(encoding="utf-8"), name=path.name)
    if len(documents) != 1:
        raise _fault(path.name, "", "one document is expected")
    tools = tools_of(documents[0], name=path.name, origin=f"catalogue:{path.stem}")
    for tool in tools:
        _check_bundled(path.name, tool)
    return tools


def tools_of(document: Any, *, name: str, origin: str) -> tuple[DeclaredTool, ...]:
    """Return the tools of a document that was read already. Raises `ConfigError`."""
    try:
        declared = DeclaredDocument.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _fault(name, _json_path(first["loc"]), one_line(first["msg"])) from error
    return tuple(_tools(declared, name=name, origin=declared.provider.origin or origin))


def _tools(document: DeclaredDocument, *, name: str, origin: str) -> Iterator[DeclaredTool]:
    seen: set[str] = set()
    for path, item in document.paths.items():
        for method, declared in item.operations():
            where = f"paths.{path}.{method}"
            try:
                operation = operation_of(document, path, item, method, declared)
                tool = DeclaredTool(document, declared, operation, origin=origin)
            except ValueError as error:
                raise _fault(name, where, one_line(str(error))) from error
            if operation.name in seen:
                raise _fault(name, where, f"operationId: {operation.name} is used twice")
            seen.add(operation.name)
            yield tool


def _check_bundled(name: str, tool: DeclaredTool) -> None:
    """Raise `ConfigError` for what the program's own documents must have besides."""
    terms: Terms = tool.terms
    where = f"{tool.operation.name}.x-toollama"
    if len(set(terms.utterances)) < LEAST_UTTERANCES:
        raise _fault(name, f"{where}.utterances", f"{LEAST_UTTERANCES} different ones are needed")
    if not terms.say:
        raise _fault(name, f"{where}.say", "a template is needed")
    if not terms.examples:
        raise _fault(name, f"{where}.examples", "an example is needed")
    for at, example in enumerate(terms.examples):
        try:
            tool.spec.parameters.model_validate(dict(example.arguments))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = f"{where}.examples[{at}].arguments{_json_path(first['loc'], lead='.')}"
            raise _fault(name, place, one_line(first["msg"])) from error


def _json_path(place: tuple[int | str, ...], *, lead: str = "") -> str:
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return lead + steps.removeprefix(".")


def _fault(name: str, where: str, message: str) -> ConfigError:
    place = f"{name}: {where}" if where else name
    return ConfigError(f"{place}: {message}", fix=f"python -m toollama.tools.declared {name}")
