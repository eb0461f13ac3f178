"""`toollama models probe`: eight short items tell which tier and roles a file can hold."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import out
from toollama.cli.options import Json
from toollama.errors import ConfigError

if TYPE_CHECKING:
    from toollama.models.examination import Mark
    from toollama.models.spec import ModelSpec

Model = Annotated[str, typer.Argument(metavar="FILE", help="A GGUF file, or a model's name.")]
_CONTEXT_TOKENS = 1024
_SHOWN_CHARACTERS = 60


def probe(name: Model, *, json: Json = False) -> None:
    """Put eight short items to a model, and keep the tier that follows."""
    import asyncio

    from toollama.models import probe as verdicts
    from toollama.models.catalog import load_catalog
    from toollama.models.gguf import read_header

    catalog = load_catalog()
    spec = catalog.model(name)
    if not spec.file:
        raise ConfigError(f"{spec.id}: lies on a server", fix="probe a GGUF file on this machine")
    path = catalog.resolve(spec)
    header = read_header(path)
    marks = asyncio.run(_examine(spec, path))
    result = verdicts.remember(
        path,
        passed=[mark.item for mark in marks if mark.passed],
        failed=[mark.item for mark in marks if not mark.passed],
    )
    tier = verdicts.tier(header, cached=result)
    if json:
        out.json({"id": spec.id, "tier": tier, "roles": verdicts.ROLES[tier], "items": marks})
        return
    _show(marks)
    out.note(
        f"{len(result.passed)} of {len(marks)}: tier {tier} (by size alone "
        f"{verdicts.tier(header)}), good for {', '.join(verdicts.ROLES[tier])}"
    )


def _show(marks: "tuple[Mark, ...]") -> None:
    from toollama.text import one_line

    out.table(
        ("ITEM", "RESULT", "ANSWER"),
        [
            (
                mark.item,
                "passed" if mark.passed else "failed",
                one_line(mark.text, _SHOWN_CHARACTERS),
            )
            for mark in marks
        ],
    )


async def _examine(spec: "ModelSpec", path: Path) -> "tuple[Mark, ...]":
    from toollama.models.examination import examine
    from toollama.models.llama.engine import LlamaEngine

    engine = LlamaEngine(resolve=lambda _spec: path)
    try:
        await engine.load(
            spec.model_copy(update={"context": _CONTEXT_TOKENS}), lambda _payload: None
        )
        return await examine(engine, spec.id, reasoning_tags=spec.reasoning_tags)
    finally:
        await engine.close()
