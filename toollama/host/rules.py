"""What "allow for this session" allows: one tool at one place, never a tool as such. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from toollama.text import one_line

_PLACES = ("path", "url", "host", "to", "recipient", "directory", "file")
"""Arguments that say where a call acts; those of other names may differ."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of call."""

    tool: str
    effects: frozenset[str]
    place: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, tool: str, arguments: Mapping[str, object], effects: frozenset[str]) -> "Rule":
        """Return the narrowest rule that a call falls under."""
        place = tuple((name, str(arguments[name])) for name in _PLACES if name in arguments)
        return cls(tool, effects, place)

    def words(self) -> str:
        """Return the rule as a person reads it."""
        where = " ".join(f"{name}={value}" for name, value in self.place)
        effects = ", ".join(sorted(self.effects))
        return str(one_line(f"{self.tool} {where or 'with any arguments'} ({effects})", 160))
