"""Every tool with where it stands: what `tools list`, `tools health` and `doctor` show."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from toollama.tools.discovery import compiled, live, switches
from toollama.tools.discovery.compiled import Discovered
from toollama.tools.discovery.entry import Entry
from toollama.tools.discovery.keys import is_set
from toollama.tools.discovery.live import LiveCheck
from toollama.tools.discovery.standing import Standing, standing


@dataclass(frozen=True, slots=True)
class Row:
    """One tool, where it stands, and when it last answered."""

    entry: Entry
    standing: Standing
    verified_live: str


@dataclass(frozen=True, slots=True)
class Survey:
    """All tools of this machine at one moment."""

    found: Discovered
    switches: switches.Switches
    checks: Mapping[str, LiveCheck]

    def row(self, name: str) -> Row:
        """Return one tool. Raises `UnknownName`."""
        return self._row(self.found.entry(name))

    def rows(self) -> Iterator[Row]:
        """Yield every tool by name."""
        return map(self._row, self.found.entries)

    def _row(self, entry: Entry) -> Row:
        return Row(
            entry,
            standing(entry, self.switches, is_set=is_set),
            live.verified(entry.name, entry.verified_live, self.checks),
        )


def survey() -> Survey:
    """Return the tools of this machine. Raises `ConfigError`."""
    return Survey(compiled.discover(), switches.load(), live.load())
