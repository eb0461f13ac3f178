"""A model from its source to this machine: every part, checked, before anything is replaced.

Files of the hub stay in the hub's cache, files of plain URLs live in the models directory.
models.toml records where; this module does not touch it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from toollama import paths
from toollama.errors import ModelCorrupt, ToolLamaError
from toollama.models.fetch import hub
from toollama.models.fetch.download import download
from toollama.models.fetch.files import move_into_place
from toollama.models.fetch.lock import OnWait, only_pull
from toollama.models.fetch.part import Part
from toollama.models.fetch.retry import Patience
from toollama.models.fetch.sources import HubFile, Source, WebFile
from toollama.models.fetch.verify import (
    Progress,
    ensure_file_verified,
    ensure_verified,
    known_digest,
    remember,
    sha256_of,
)
from toollama.models.gguf import read_header

_MAGIC = b"GGUF"

ProgressOf = Callable[[str], Progress]
"""Returns the progress of what has this name: a file, or `checking FILE`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A model that is here."""

    path: Path
    """The file to load; of a split model, the first part."""
    parts: int


def pull(
    source: Source,
    *,
    progress_of: ProgressOf,
    on_wait: OnWait,
    sha256: str = "",
    force: bool = False,
    patience: Patience | None = None,
) -> Pulled:
    """Bring every part of the model here and return the first one's path.

    What is here and whole is not transferred again unless `force` says so; a good file is replaced
    only by a checked one. `sha256` is the model's digest, as `verify` defines it, where somebody
    recorded it.

    Raises `InputError`, `NetworkNeeded`, `ModelCorrupt`, `ModelError` and `DiskFull`.
    """
    parts: tuple[Source, ...] = source.parts()
    found = []
    whole = len(parts) == 1
    for part in parts:
        pulling = _Pulling(
            sha256=sha256 if whole else "",
            whole=whole,
            progress=progress_of(part.name),
            check_progress=progress_of(f"checking {part.name}"),
            patience=patience or Patience(),
        )
        with only_pull(paths.models_dir() / part.name, on_wait=on_wait) as waited:
            # Whoever was waited for has just fetched it.
            found.append(pulling.one(part, force=force and not waited))
    if not whole:
        read_header(found[0])
        ensure_verified(found[0], sha256, progress=progress_of(f"checking {parts[0].name}"))
    return Pulled(path=found[0], parts=len(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pulling:
    sha256: str
    whole: bool
    progress: Progress
    check_progress: Progress
    patience: Patience

    def one(self, source: Source, *, force: bool) -> Path:
        if isinstance(source, HubFile):
            return self._from_hub(source, force=force)
        return self._from_web(source, force=force)

    def _from_hub(self, source: HubFile, *, force: bool) -> Path:
        path = hub.fetch(
            source,
            progress=self.progress,
            check_progress=self.check_progress,
            patience=self.patience,
            force=force,
        )
        digest = known_digest(path) or sha256_of(path, progress=self.check_progress)
        if self.sha256 and digest != self.sha256:
            raise ModelCorrupt(
                f"{source}: the hub's file is not the one whose sha256 models.toml records",
                fix="if its publisher replaced it: remove that sha256 and pull again",
            )
        self._check_header(path)
        return path

    def _from_web(self, source: WebFile, *, force: bool) -> Path:
        target = paths.models_dir() / source.name
        if target.exists() and not force:
            self._check(target)
            return target
        part = Part(target, source=source.record)
        download(source, part, progress=self.progress, patience=self.patience)
        try:
            digest = sha256_of(part.path, progress=self.check_progress)
            if self.sha256 and digest != self.sha256:
                raise ModelCorrupt(
                    f"its sha256 is {digest[:12]}…, expected {self.sha256[:12]}…", fix="pull again"
                )
            self._check_header(part.path)
        except ToolLamaError as fault:
            bad = part.set_aside()
            raise ModelCorrupt(
                f"{source}: what arrived is not the model: {fault.message}; kept as {bad}",
                fix="pull again; if it stays so, use another source",
            ) from None
        move_into_place(part.path, target)
        part.finish()
        remember(target, digest)
        return target

    def _check(self, target: Path) -> None:
        ensure_file_verified(target, self.sha256, progress=self.check_progress)
        self._check_header(target)

    def _check_header(self, path: Path) -> None:
        """Check the header as far as it goes: that of a part is no model by itself."""
        if self.whole:
            read_header(path)
            return
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise ModelCorrupt(f"{path}: does not start with GGUF", fix="pull again")
