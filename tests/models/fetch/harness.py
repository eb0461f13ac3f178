"""How the tests of this folder pull."""

from dataclasses import dataclass, field

from toollama import paths
from toollama.models.fetch.pull import Pulled, pull
from toollama.models.fetch.retry import Patience
from toollama.models.fetch.sources import parse


@dataclass
class Fetch:
    """Pulls a source and keeps what was told on the way."""

    waits_s: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seen: list[tuple[int, int | None]] = field(default_factory=list)

    def __call__(
        self,
        source: str,
        *,
        sha256: str = "",
        force: bool = False,
        attempts: int = 3,
        stall_s: float = 0.5,
    ) -> Pulled:
        return pull(
            parse(source),
            progress_of=lambda _name: lambda done, total: self.seen.append((done, total)),
            on_wait=self.notes.append,
            sha256=sha256,
            force=force,
            patience=Patience(
                stall_s=stall_s, attempts=attempts, progress_bytes=1024, sleep=self.waits_s.append
            ),
        )


def leftovers() -> set[str]:
    """Return the names of what lies in the models directory, locks aside."""
    return {each.name for each in paths.models_dir().iterdir() if each.name[0] != "."}
