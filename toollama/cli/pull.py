"""`toollama models pull`: bring a model here, and show how far it is."""

from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import out
from toollama.cli.options import Json

if TYPE_CHECKING:
    from toollama.clock import Clock
    from toollama.models.fetch.sources import Source

Wanted = Annotated[
    str,
    typer.Argument(
        metavar="NAME|SOURCE",
        help="A name from models list, hf:owner/repo/FILE.gguf[@revision], or a URL.",
    ),
]
NewName = Annotated[str | None, typer.Option("--name", help="Its name; else the file's.")]
Force = Annotated[
    bool, typer.Option("--force", help="Fetch it again, and replace a model of the same name.")
]

_REPAINT_EVERY_S = 0.1
_REPORT_EVERY_S = 10.0
_BAR_CELLS = 20


def pull(wanted: Wanted, *, name: NewName = None, force: Force = False, json: Json = False) -> None:
    """Fetch a model, check it, and record it in your own models.toml.

    What is here and whole is not fetched again. An interrupted download from a URL goes on where
    it stopped.
    """
    from toollama import paths
    from toollama.clock import SystemClock
    from toollama.models.catalog import add_model
    from toollama.models.fetch.entries import note_source
    from toollama.models.fetch.pull import pull as fetch

    _refuse_offline()
    user_file = paths.user_models_toml()
    source, model, sha256 = _resolved(wanted, name=name, force=force)
    clock = SystemClock()
    try:
        pulled = fetch(
            source,
            progress_of=lambda file: Meter(file, clock),
            on_wait=out.note,
            sha256=sha256,
            force=force,
        )
    except KeyboardInterrupt:
        out.clear_status()
        out.note(f"stopped; to go on: toollama models pull {wanted}")
        raise
    finally:
        out.clear_status()
    spec = add_model(pulled.path, name=model, user_file=user_file, replace=True)
    note_source(spec.id, source.record, user_file=user_file)
    if json:
        out.json({**spec.model_dump(), "parts": pulled.parts})
        return
    out.data(f"{spec.id}\n")
    out.note(f"{pulled.path} is whole; use it with: toollama ask -m all={spec.id} …")


def progress_line(
    name: str, done_bytes: int, total_bytes: int | None, *, bytes_per_s: float
) -> str:
    """Return one line: name, bar, share, bytes, speed and the time left, as far as known."""
    speed = f"{bytes_per_s / 1e6:.1f} MB/s"
    if not total_bytes:
        return f"{name}  {done_bytes / 1e6:.0f} MB  {speed}"
    share = min(done_bytes / total_bytes, 1.0)
    full = int(share * _BAR_CELLS)
    left_s = (total_bytes - done_bytes) / bytes_per_s if bytes_per_s > 0 else None
    return "  ".join(
        [
            name,
            f"[{'#' * full}{'.' * (_BAR_CELLS - full)}]",
            f"{share:.0%}",
            f"{done_bytes / 1e6:.0f}/{total_bytes / 1e6:.0f} MB",
            speed,
            *([] if left_s is None else [f"{_duration(left_s)} left"]),
        ]
    )


class Meter:
    """Shows the progress of one file: a status line on a terminal, else a line every 10 s."""

    def __init__(self, name: str, clock: "Clock") -> None:
        self._name = name
        self._clock = clock
        self._started_s = clock.monotonic_s()
        self._first_bytes = self._last_bytes = -1
        self._redraws = out.has_status_line()
        self._every_s = _REPAINT_EVERY_S if self._redraws else _REPORT_EVERY_S
        self._next_s = self._started_s + self._every_s

    def __call__(self, done_bytes: int, total_bytes: int | None) -> None:
        """Take in how far it is; show it if it is time."""
        now_s = self._clock.monotonic_s()
        if self._first_bytes < 0 or done_bytes < self._last_bytes:
            self._started_s, self._first_bytes = now_s, done_bytes
        self._last_bytes = done_bytes
        if now_s < self._next_s:
            return
        self._next_s = now_s + self._every_s
        passed_s = now_s - self._started_s
        rate = (done_bytes - self._first_bytes) / passed_s if passed_s > 0 else 0.0
        line = progress_line(self._name, done_bytes, total_bytes, bytes_per_s=rate)
        (out.status if self._redraws else out.note)(line)


def _resolved(wanted: str, *, name: str | None, force: bool) -> tuple["Source", str, str]:
    """Return what to fetch, the name to give it and the digest that is recorded for it.

    Raises `InputError` for a model that has no source and for a name that is taken.
    """
    from toollama.errors import InputError
    from toollama.models.catalog import load_catalog
    from toollama.models.fetch.sources import model_name, parse

    if name and model_name(name) != name:
        raise InputError(
            f"not a model name: {name!r}", fix=f"such as {model_name(name)}: letters, digits, ._+-"
        )
    catalog = load_catalog()
    if wanted in catalog.models or not (":" in wanted or "/" in wanted):
        spec = catalog.model(wanted)
        if not spec.source:
            raise InputError(
                f"{spec.id}: models.toml names no source to pull it from",
                fix="toollama models pull hf:owner/repo/FILE.gguf, or a URL",
            )
        return parse(spec.source), name or spec.id, spec.sha256
    source = parse(wanted)
    model = model_name(name or source.name)
    known = catalog.models.get(model)
    if known is not None and known.source == source.record:
        return source, model, known.sha256
    if known is not None and not force:
        raise InputError(
            f"a model is called {model!r} already", fix="choose another --name, or add --force"
        )
    return source, model, ""


def _refuse_offline() -> None:
    from toollama.config import load_settings
    from toollama.errors import NetworkNeeded

    if load_settings().offline:
        raise NetworkNeeded(
            "nothing was fetched: offline mode is on", fix="unset TOOLLAMA_OFFLINE, or config.toml"
        )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
