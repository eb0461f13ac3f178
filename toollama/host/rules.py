"""What "allow for this session" allows: one tool at one place, never a tool as such. Pure."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from toollama.text import one_line

Verdict = Literal["once", "session", "no"]

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


class SessionRules:
    """The rules that a person allowed for as long as the program runs."""

    def __init__(self) -> None:
        self._allowed: set[Rule] = set()

    async def decide(self, rule: Rule, ask: Callable[[], Awaitable[Verdict]]) -> bool:
        """Return whether a call may run; the person is asked where no rule covers it yet."""
        if rule in self._allowed:
            return True
        verdict = await ask()
        if verdict == "session":
            self._allowed.add(rule)
        return verdict in {"once", "session"}
