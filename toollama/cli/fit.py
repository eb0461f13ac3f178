"""`toollama models fit`: whether models fit, with how many layers, and which stay together.

Reads headers and asks devices for their memory; loads nothing.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toollama.cli import out
from toollama.cli.options import Json
from toollama.errors import ExitCode, ModelDoesNotFit

if TYPE_CHECKING:
    from toollama.models.ladder import Attempt, Budget, Wanted

Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="Models, or GGUF files.")]
Context = Annotated[int, typer.Option("--ctx", min=0, help="Context in tokens; 0 chooses.")]
Vram = Annotated[str, typer.Option("--vram", metavar="SIZE", help="Memory budget, such as 8GiB.")]


def fit(names: Names, *, ctx: Context = 0, vram: Vram = "", json: Json = False) -> None:
    """Tell whether models fit into memory, before loading any."""
    from toollama.config import load_settings, parse_bytes
    from toollama.models.llama.devices import budget, list_devices

    vram_bytes = parse_bytes(vram) if vram else load_settings().vram_bytes
    room = budget(list_devices(), vram_bytes=vram_bytes)
    documents, attempts = [], {}
    for wanted in _wanted(names, context_tokens=ctx):
        attempt, reason = _judged(wanted, room)
        documents.append(_document(wanted, attempt, reason))
        if attempt:
            attempts[wanted.model] = attempt
    together = stay_together(attempts, room)
    if json:
        out.json({"budget": room, "models": documents, "together": together})
    else:
        out.table(
            ("MODEL", "FITS", "CONTEXT", "BATCH", "GPU LAYERS", "GPU", "RAM"), rows(documents)
        )
        _explain(documents, together)
    if len(attempts) < len(documents):
        raise typer.Exit(ExitCode.MODEL)


def _wanted(names: Sequence[str], *, context_tokens: int) -> "list[Wanted]":
    from toollama.models.catalog import load_catalog
    from toollama.models.gguf import read_header
    from toollama.models.ladder import Wanted

    catalog = load_catalog()
    specs = [catalog.model(name) for name in dict.fromkeys(names)]
    if context_tokens:
        specs = [spec.model_copy(update={"context": context_tokens}) for spec in specs]
    return [Wanted.of(spec, read_header(catalog.resolve(spec))) for spec in specs]


def _judged(wanted: "Wanted", room: "Budget") -> "tuple[Attempt | None, str]":
    from toollama.models.ladder import decide

    try:
        return decide(wanted, residents=(), budget=room)[0], ""
    except ModelDoesNotFit as fault:
        return None, fault.line()


def stay_together(attempts: "dict[str, Attempt]", room: "Budget") -> list[str]:
    """Return the models that can be resident at once, taken in the given order."""
    kept: list[str] = []
    gpu_bytes = cpu_bytes = 0
    for model, attempt in attempts.items():
        gpu, cpu = gpu_bytes + attempt.gpu_bytes, cpu_bytes + attempt.cpu_bytes
        fits_gpu = room.gpu_bytes is None or gpu <= room.gpu_bytes
        if fits_gpu and (room.cpu_bytes is None or cpu <= room.cpu_bytes):
            kept.append(model)
            gpu_bytes, cpu_bytes = gpu, cpu
    return kept


def _document(wanted: "Wanted", attempt: "Attempt | None", reason: str) -> dict[str, Any]:
    return {
        "id": wanted.model,
        "fits": attempt is not None,
        "layers": wanted.header.layers + 1,
        "context_tokens": attempt.context_tokens if attempt else None,
        "batch": attempt.batch if attempt else None,
        "gpu_layers": attempt.gpu_layers if attempt else None,
        "gpu_bytes": attempt.gpu_bytes if attempt else None,
        "cpu_bytes": attempt.cpu_bytes if attempt else None,
        "reason": reason,
    }


def rows(documents: Sequence[dict[str, Any]]) -> list[tuple[object, ...]]:
    """Return the table's lines; a model that does not fit has no figures."""
    from toollama.models.fit import shown_size

    return [
        (
            model["id"],
            "yes",
            model["context_tokens"],
            model["batch"],
            f"{model['gpu_layers']}/{model['layers']}",
            shown_size(model["gpu_bytes"]),
            shown_size(model["cpu_bytes"]),
        )
        if model["fits"]
        else (model["id"], "no", "", "", "", "", "")
        for model in documents
    ]


def _explain(documents: Sequence[dict[str, Any]], together: Sequence[str]) -> None:
    for model in documents:
        if model["reason"]:
            out.error(model["reason"])
    if len(documents) > 1 and together:
        out.note(f"resident together: {', '.join(together)}")
