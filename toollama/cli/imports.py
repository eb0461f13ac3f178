"""`toollama tools import` and `toollama tools schemas`: tools from OpenAPI descriptions.

Nothing is called while a description is imported; only a description that lies at a URL is fetched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from toollama.cli import out
from toollama.cli.options import Json
from toollama.errors import ExitCode, InputError, ToolLamaError

if TYPE_CHECKING:
    from toollama.tools.openapi.importing import Imported
    from toollama.tools.openapi.sources import Fetched

Spec = Annotated[
    str,
    typer.Argument(
        help="A file, a directory, an https URL, or apis-guru:PROVIDER[:SERVICE].",
        metavar="FILE|URL",
    ),
]
Name = Annotated[str, typer.Option("--name", help="What its tools' names begin with.")]
BaseUrl = Annotated[
    str, typer.Option("--base-url", help="Where requests go when the file's servers are relative.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be imported.")]
Action = Annotated[
    Literal["list", "validate", "update"], typer.Argument(help="What to do with descriptions.")
]
Target = Annotated[
    str, typer.Argument(help="validate: a FILE or URL; update: a NAME, or nothing for all.")
]


def import_spec(
    spec: Spec,
    *,
    name: Name = "",
    base_url: BaseUrl = "",
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Make tools of an OpenAPI 3 or Swagger 2 description."""
    _import(_read(spec), name=name, base_url=base_url, keep=not dry_run, json=json)


def schemas(action: Action, target: Target = "", *, json: Json = False) -> None:
    """List, validate or update the descriptions that tools were imported from."""
    if action == "list":
        _list(json=json)
    elif action == "validate":
        if not target:
            raise InputError("a FILE or URL is missing", fix="toollama tools schemas validate FILE")
        _import(_read(target), name="", base_url="", keep=False, json=json)
    else:
        _update(target, json=json)


def _list(*, json: bool) -> None:
    from toollama.tools.openapi import kept

    records = kept.records().values()
    if json:
        out.json([asdict(record) for record in records])
        return
    rows = [(record.name, len(record.tools), record.source) for record in records]
    out.table(("NAME", "TOOLS", "SOURCE"), rows)


def _update(target: str, *, json: bool) -> None:
    from toollama.tools.openapi import kept

    names = [target] if target else sorted(kept.records())
    for record in [kept.record(name) for name in names]:
        _import(
            _read(record.source),
            name=record.provider,
            base_url=record.base_url,
            keep=True,
            json=json,
            before=record.tools,
        )


def _read(source: str) -> "list[Fetched]":
    from toollama.tools.openapi import sources

    if not sources.is_remote(source):
        return [sources.read_file(path) for path in sources.files(source)]
    import asyncio

    return [asyncio.run(_fetch(source))]


async def _fetch(source: str) -> "Fetched":
    from toollama._version import __version__
    from toollama.config import load_settings
    from toollama.tools.http import Door, HttpSettings
    from toollama.tools.openapi import sources

    settings = load_settings()
    network = HttpSettings(
        base_urls=settings.network.base_urls,
        offline=settings.offline,
        contact=settings.contact,
        version=__version__,
    )
    async with Door(network) as door:
        return await sources.fetch(source, door)


def _import(
    fetched: "Sequence[Fetched]",
    *,
    name: str,
    base_url: str,
    keep: bool,
    json: bool,
    before: Sequence[str] | None = None,
) -> None:
    """Import every description; what one does wrong does not keep the others out.

    Raises the refusal where there is only one; exits with 8 where some of several are refused.
    """
    if name and len(fetched) > 1:
        raise InputError("--name is for one description", fix="import them one by one")
    documents, refused = [], 0
    for one in fetched:
        try:
            document = _imported(one, name=name, base_url=base_url, keep=keep)
        except ToolLamaError as error:
            if len(fetched) == 1:
                raise
            refused += 1
            out.error(error.line())
            document = {"file": one.label, "error": {"code": error.code, "message": error.message}}
        else:
            if not json:
                _show(document, before)
        documents.append(document)
    if json:
        out.json(documents if len(fetched) > 1 else documents[0])
    if refused:
        raise typer.Exit(ExitCode.PARTIAL if refused < len(fetched) else ExitCode.USAGE)


def _imported(fetched: "Fetched", *, name: str, base_url: str, keep: bool) -> dict[str, Any]:
    from toollama.tools.openapi import kept
    from toollama.tools.openapi.importing import digest_of, import_description

    settings = {
        "label": fetched.label,
        "provider": name,
        "base_url": base_url or fetched.base_url,
    }
    known = kept.compiled(digest_of(fetched.data, **settings))
    imported = known or import_description(fetched.data, **settings)
    document = _document(imported, fetched)
    if known:
        document["unchanged"] = True
    elif keep:
        path = kept.keep(imported, source=fetched.source, provider=name, base_url=base_url)
        document["saved"] = str(path)
    return document


def _document(imported: "Imported", fetched: "Fetched") -> dict[str, Any]:
    return {
        "file": fetched.label,
        "name": imported.name,
        "tools": [
            {
                "name": tool.spec.name,
                "summary": tool.spec.summary,
                "method": tool.operation.method,
                "path": tool.operation.path,
                "hosts": tool.spec.hosts,
                "effects": sorted(tool.spec.effects),
                "credentials": tool.spec.credentials,
                "optional_credentials": tool.spec.optional_credentials,
                "parameters": list(tool.spec.parameters.model_fields),
                "off": tool.spec.off,
            }
            for tool in imported.tools
        ],
        "refused": [asdict(note) for note in imported.refusals],
        "notes": [asdict(note) for note in imported.notes],
    }


def _show(document: dict[str, Any], before: Sequence[str] | None) -> None:
    for tool in document["tools"]:
        tool["needs"] = ",".join(tool["credentials"]) or "none"
    out.table(
        ("TOOL", "REQUEST", "EFFECTS", "NEEDS", "SUMMARY"),
        [
            (
                tool["name"],
                f"{tool['method']} {tool['path']}",
                ",".join(tool["effects"]),
                tool["needs"],
                tool["off"] or tool["summary"],
            )
            for tool in document["tools"]
        ],
    )
    for line in _remarks(document, before):
        out.note(line)


def _remarks(document: dict[str, Any], before: Sequence[str] | None) -> Iterator[str]:
    for note in document["refused"]:
        yield f"refused: {document['file']}: {note['where']}: {note['text']}"
    for note in document["notes"]:
        yield f"note: {document['file']}: {note['where']}: {note['text']}"
    names = [tool["name"] for tool in document["tools"]]
    if before is not None:
        yield from (f"added: {name}" for name in names if name not in before)
        yield from (f"gone: {name}" for name in before if name not in names)
    count = f"{len(names)} {'tool' if len(names) == 1 else 'tools'} from {document['file']}"
    if "saved" in document:
        yield f"imported {count} as {document['name']}: {document['saved']}"
    elif document.get("unchanged"):
        yield f"{count}: imported before as {document['name']}, and nothing has changed"
    else:
        yield f"{count} would be imported as {document['name']}"
