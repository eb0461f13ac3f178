"""Services that are dead or closed upstream, with what replaces them: the data file `gone.toml`."""

from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).parents[1] / "gone.toml"


@dataclass(frozen=True, slots=True)
class Gone:
    """A service that is no tool here, and why."""

    name: str
    reason: str
    replacement: str


def load() -> tuple[Gone, ...]:
    """Return every service that is gone, by name."""
    import tomllib

    document = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(sorted((Gone(**one) for one in document["gone"]), key=lambda one: one.name))
