"""`toollama models`: what models.toml declares, what is on this machine, and adding a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toollama.cli import fit, kept, out, probe, ps, pull, speed
from toollama.cli.options import Json
from toollama.errors import InputError

if TYPE_CHECKING:
    from toollama.models.gguf import GgufHeader
    from toollama.models.listing import Declared
    from toollama.models.spec import ModelSpec

Model = Annotated[
    list[str],
    typer.Argument(
        metavar="NAME", help="A model's name, a GGUF file, or a line of `toollama models`."
    ),
]
GgufFile = Annotated[Path, typer.Argument(metavar="PATH", help="A GGUF file on this machine.")]
NewName = Annotated[str | None, typer.Option("--name", help="Its name; else the file's.")]
Replace = Annotated[bool, typer.Option("--replace", help="Replace a model of the same name.")]

_GIB = 1 << 30
_MIB = 1 << 20


def list_models(*, json: Json = False) -> None:
    """List models: name, whether the file is here, its size, and the profiles that use it."""
    from toollama.models.listing import declared

    listed = list(map(_listing, declared()))
    if json:
        out.json(listed)
        return
    out.table(
        ("MODEL", "STATE", "SIZE", "PROFILES", "SOURCE"),
        [_row(model) for model in listed],
    )


def info(words: Model, *, json: Json = False) -> None:
    """Show one model: its file, its header, its tier and the memory it will take."""
    from toollama.models.catalog import load_catalog
    from toollama.models.gguf import read_header

    catalog = load_catalog()
    spec = catalog.model(words[0])
    if len(words) > 1 and not _is_row(words):
        raise InputError(f"{words[0]}: one model at a time", fix=f"toollama models info {words[0]}")
    path = catalog.resolve(spec)
    document = {**spec.model_dump(), "path": path, **_measured(spec, path, read_header(path))}
    if json:
        out.json(document)
        return
    rows = [
        (field.replace("_bytes", " size"), _shown(field, document[field])) for field in document
    ]
    out.table(("FIELD", "VALUE"), [row for row in rows if row[1]])


def add(
    path: GgufFile, *, name: NewName = None, replace: Replace = False, json: Json = False
) -> None:
    """Add a GGUF file to your own models.toml, after checking its header."""
    from toollama import paths
    from toollama.models.catalog import add_model
    from toollama.models.gguf.split import stem

    user_file = paths.user_models_toml()
    # Links are not followed: the parts of a split model are found by the names beside them.
    spec = add_model(
        paths.written(path), name=name or stem(path.name), user_file=user_file, replace=replace
    )
    if json:
        out.json(spec)
        return
    out.data(f"{spec.id}\n")
    out.note(f"added to {user_file}; use it with: toollama ask -m all={spec.id} …")


COMMANDS: dict[str, Callable[..., None]] = {
    "list": list_models,
    "info": info,
    "add": add,
    "pull": pull.pull,
    "verify": kept.verify,
    "rm": kept.remove,
    "fit": fit.fit,
    "ps": ps.ps,
    "probe": probe.probe,
    "bench": speed.bench,
}
"""The commands of this group by name."""


def size(count: int) -> str:
    """Return a count of bytes as people read it."""
    return f"{count / _GIB:.1f} GiB" if count >= _GIB else f"{count / _MIB:.0f} MiB"


def _row(model: dict[str, Any]) -> tuple[str, ...]:
    """Return a listed model as the cells of its line; `xargs` gives them back word by word."""
    return (
        model["id"],
        model["state"],
        size(model["file_bytes"]) if model["present"] else "",
        ",".join(model["profiles"]),
        model["source"],
    )


def _is_row(words: list[str]) -> bool:
    """Return whether the words are a line of the list, as a shell splits it."""
    from toollama.models.listing import declared

    return any(words == " ".join(_row(_listing(model))).split() for model in declared())


def _listing(model: "Declared") -> dict[str, Any]:
    file_bytes = model.file_bytes()
    return {
        "id": model.id,
        "present": file_bytes is not None,
        "state": "remote" if model.remote else "missing" if file_bytes is None else "present",
        "file": model.file,
        "file_bytes": file_bytes,
        "profiles": model.profiles,
        "source": model.source,
        "license": model.license,
    }


def _measured(spec: "ModelSpec", path: Path, header: "GgufHeader") -> dict[str, Any]:
    """Return what the file's header tells, and the memory that loading it will take."""
    from toollama.models.fit import SEQUENCES, automatic_contexts, predict
    from toollama.models.llama.chat_template import describe
    from toollama.models.probe import recall, tier

    context = spec.context or automatic_contexts(header)[0]
    plan = predict(
        header,
        context_tokens=context,
        batch=spec.batch,
        kv_type=spec.kv_type,
        sequences=SEQUENCES,
    )
    return {
        "tier": spec.tier or tier(header, cached=recall(path)),
        "architecture": header.architecture,
        "file_type": header.file_type,
        "parameters": header.parameters,
        "layers": header.layers,
        "trained_context": header.context_length,
        "context": context,
        "chat_format": describe(header.chat_template),
        "file_bytes": header.file_bytes,
        "weights_bytes": plan.weights_bytes,
        "kv_bytes": plan.kv_bytes,
        "compute_bytes": plan.compute_bytes,
        "total_bytes": plan.total,
    }


def _shown(field: str, value: Any) -> str:
    if value in (None, "", (), {}):
        return ""
    if field.endswith("_bytes"):
        return size(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items())
    return str(value)
