"""`toollama models bench`: how fast models run on this machine."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toollama.cli import out
from toollama.cli.options import Json
from toollama.errors import ConfigError

if TYPE_CHECKING:
    from toollama.models.catalog import Catalog
    from toollama.models.spec import ModelSpec
    from toollama.models.speed import Speed

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="MODEL...", help="Models or GGUF files; none means the profile's."),
]


def bench(names: Names = None, *, json: Json = False) -> None:
    """Measure in seconds how fast models load, read, write, and write under a constraint."""
    import asyncio

    from toollama.models.catalog import load_catalog

    catalog = load_catalog()
    specs = [catalog.model(name) for name in names] if names else _of_the_profile(catalog)
    for spec in specs:
        if not spec.file:
            raise ConfigError(
                f"{spec.id}: lies on a server", fix="bench a GGUF file on this machine"
            )
        catalog.resolve(spec)
    try:
        measured = {spec.id: asyncio.run(_measure(catalog, spec)) for spec in specs}
    finally:
        out.clear_status()
    if json:
        out.json([_document(model, speed) for model, speed in measured.items()])
        return
    out.table(
        ("MODEL", "LOAD", "PREFILL", "DECODE", "CONSTRAINED"),
        [_row(model, speed) for model, speed in measured.items()],
    )


def _of_the_profile(catalog: "Catalog") -> list["ModelSpec"]:
    from toollama.config import load_settings

    crew = catalog.crew(load_settings().profile, {})
    return list({spec.id: spec for spec in crew.values() if not spec.endpoints}.values())


async def _measure(catalog: "Catalog", spec: "ModelSpec") -> "Speed":
    from toollama.clock import SystemClock
    from toollama.models.llama.engine import LlamaEngine
    from toollama.models.speed import CONTEXT_TOKENS, measure

    engine = LlamaEngine(resolve=catalog.resolve)
    try:
        return await measure(
            engine,
            spec.model_copy(update={"context": CONTEXT_TOKENS}),
            clock=SystemClock(),
            on_step=lambda step: _show(f"{spec.id}: {step}"),
        )
    finally:
        await engine.close()


def _show(step: str) -> None:
    if out.has_status_line():
        out.status(step)


def _document(model: str, speed: "Speed") -> dict[str, Any]:
    return {"id": model, **asdict(speed), "constrained_ratio": speed.constrained_ratio}


def _row(model: str, speed: "Speed") -> tuple[str, ...]:
    ratio = speed.constrained_ratio
    return (
        model,
        f"{speed.load_s:.2f} s",
        _rate(speed.prefill_tokens_per_s),
        _rate(speed.decode_tokens_per_s),
        "" if ratio is None else f"{ratio:.2f} of free",
    )


def _rate(tokens_per_s: float | None) -> str:
    return "" if tokens_per_s is None else f"{tokens_per_s:.1f} tok/s"
