"""A description becomes tools that work: read, compiled, and each operation tried out. Pure.

An operation that the declared format does not take is refused by itself, with its place.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from toollama.errors import ConfigError
from toollama.text import one_line
from toollama.tools.declared.catalogue import tools_of
from toollama.tools.declared.tool import DeclaredTool
from toollama.tools.openapi.compiling import VERSION, compile_document
from toollama.tools.openapi.document import read
from toollama.tools.openapi.faults import Note, Notes, pointer, refused
from toollama.tools.openapi.naming import slug

_NAMELESS = frozenset({"openapi", "swagger", "api", "spec", "schema", "index", "docs", "v1", "v2"})


@dataclass(frozen=True, slots=True)
class Imported:
    """What a description gave."""

    name: str
    """Of the provider: `petstore`; its tools are called `petstore_…`."""
    document: dict[str, Any]
    """In the declared format, ready to be kept."""
    tools: tuple[DeclaredTool, ...]
    notes: tuple[Note, ...]
    refusals: tuple[Note, ...]
    digest: str
    """Of the bytes and of everything else that decided the result."""


def digest_of(data: bytes, *, label: str, provider: str, base_url: str) -> str:
    """Return what an import's result depends on, as one SHA-256."""
    settings = f"{VERSION}\n{label}\n{provider}\n{base_url}\n"
    return hashlib.sha256(settings.encode() + data).hexdigest()


def import_description(
    data: bytes, *, label: str, provider: str = "", base_url: str = ""
) -> Imported:
    """Return the tools of a description's bytes.

    `label` is what its provenance says, such as `petstore.yaml`; `provider` overrides the name;
    `base_url` is what relative servers are read against. Raises `SpecRefused`, with the place.
    """
    notes = Notes()
    document = read(data, name=label, notes=notes)
    compiled = compile_document(
        document, name=label, provider=provider or _stem(label), base_url=base_url, notes=notes
    )
    compiled.document["x-toollama"]["origin"] = f"openapi:{one_line(label, 100)}"
    tools, refusals = _tried(compiled.document, label)
    return Imported(
        name=compiled.document["x-toollama"]["provider"],
        document=compiled.document,
        tools=tools,
        notes=compiled.notes,
        refusals=(*compiled.refusals, *refusals),
        digest=digest_of(data, label=label, provider=provider, base_url=base_url),
    )


def _stem(label: str) -> str:
    """Return the name that a file's own name gives; "" where it is one that says nothing."""
    stem = label.replace("\\", "/").rstrip("/").rpartition("/")[2].partition(".")[0]
    return "" if slug(stem) in _NAMELESS else stem


def _tried(
    document: dict[str, Any], label: str
) -> tuple[tuple[DeclaredTool, ...], tuple[Note, ...]]:
    """Return the tools, after taking out of the document what makes none."""
    try:
        return tools_of(document, name=label, origin=""), ()
    except ConfigError:
        refusals = tuple(_taken_out(document, label))
    if not document["paths"]:
        raise refused(label, refusals[0].where, refusals[0].text)
    return tools_of(document, name=label, origin=""), refusals


def _taken_out(document: dict[str, Any], label: str) -> Iterator[Note]:
    for path, item in list(document["paths"].items()):
        for method in list(item):
            alone = {**document, "paths": {path: {method: item[method]}}}
            try:
                tools_of(alone, name=label, origin="")
            except ConfigError as error:
                del item[method]
                yield Note(pointer("paths", path, method), one_line(error.message))
        if not item:
            del document["paths"][path]
