"""The tools of one session, by name. Specs come from the index; a tool is imported when called.

A registry may withhold tools that are not ready: they have no spec here, so no model hears of them,
and asking for one by name tells what it lacks.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

from toollama.errors import UnknownName
from toollama.tools.base import ToolSpec
from toollama.tools.discovery import Entry, Standing, State, compiled, sources, switches
from toollama.tools.discovery.entry import SHIPPED, no_such_tool
from toollama.tools.discovery.indexed_spec import IndexedSpec
from toollama.tools.discovery.keys import is_set
from toollama.tools.discovery.sources import Source
from toollama.tools.discovery.standing import standing
from toollama.tools.run import AnyTool


class Registry:
    """The tools of one session, by name."""

    def __init__(
        self,
        tools: Iterable[AnyTool] = (),
        *,
        entries: Iterable[Entry] = (),
        withheld: Mapping[str, Standing] | None = None,
    ) -> None:
        """`entries` are imported on demand; `withheld` says why a name is not to be had."""
        self._tools = {tool.spec.name: tool for tool in tools}
        self._entries = {entry.name: entry for entry in entries}
        self._imported: dict[str, AnyTool] = {}
        self._withheld = dict(withheld or {})

    @classmethod
    def discover(cls) -> "Registry":
        """Return every tool of this machine, ready or not. Raises `ConfigError`."""
        return cls(entries=compiled.discover().entries)

    @classmethod
    def builtin(cls) -> "Registry":
        """Return the tools that ship with the program."""
        found = compiled.discover().entries
        return cls(entries=(entry for entry in found if entry.origin in SHIPPED))

    @staticmethod
    def names() -> list[str]:
        """Return the name of every tool of this machine, without importing one."""
        return [entry.name for entry in compiled.discover().entries]

    def ready(self) -> "Registry":
        """Return the tools that may be offered to a model; the rest is withheld."""
        return self._without(frozenset(State) - {State.READY})

    def switched_on(self) -> "Registry":
        """Return the tools that a person may run: all but those that are off or disabled."""
        return self._without(frozenset({State.OFF, State.DISABLED}))

    def only(
        self, names: Iterable[str], *, withheld: Mapping[str, Standing] | None = None
    ) -> "Registry":
        """Return the tools of these names, of those that are here.

        `withheld` says of others why they are not; what was withheld before stays so.
        """
        wanted = frozenset(names)
        return Registry(
            (tool for name, tool in self._tools.items() if name in wanted),
            entries=(entry for name, entry in self._entries.items() if name in wanted),
            withheld=self._withheld | dict(withheld or {}),
        )

    def _without(self, states: frozenset[State]) -> "Registry":
        chosen = switches.load()
        found = {spec.name: standing(spec, chosen, is_set=is_set) for spec in self.specs()}
        withheld = {name: one for name, one in found.items() if one.state in states}
        return self.only(found.keys() - withheld.keys(), withheld=withheld)

    @cached_property
    def _sorted_specs(self) -> tuple[ToolSpec, ...]:
        specs = {name: self._indexed(entry) for name, entry in self._entries.items()}
        specs |= {name: tool.spec for name, tool in self._tools.items()}
        return tuple(spec for _, spec in sorted(specs.items()))

    def specs(self) -> tuple[ToolSpec, ...]:
        """Return every spec, by name."""
        return self._sorted_specs

    def __contains__(self, name: str) -> bool:
        return name in self._tools or name in self._entries

    def get(self, name: str) -> AnyTool:
        """Return a tool by name.

        Raises `UnknownName` with the nearest names, or with what a tool lacks that is withheld, and
        `ConfigError` where its place no longer brings it.
        """
        if name in self._tools:
            return self._tools[name]
        if name in self._entries:
            return self._imported.get(name) or self._import(self._entries[name])
        if name in self._withheld:
            why = self._withheld[name]
            raise UnknownName(f"{name} cannot be used: {why}", fix=why.fix)
        raise no_such_tool(name, [*self._tools, *self._entries])

    def _import(self, entry: Entry) -> AnyTool:
        """Load a tool with all others of its place, and keep those that are of this registry."""
        source = Source(entry.origin, entry.place)
        try:
            tools = sources.load(source, switches.load().trusted)
        except Exception as error:  # it was written elsewhere, and may raise anything
            raise sources.fault(source, error) from error
        for tool in tools:
            found = self._entries.get(tool.spec.name)
            if found is not None and (found.origin, found.place) == (entry.origin, entry.place):
                self._imported[tool.spec.name] = tool
        if entry.name not in self._imported:
            raise compiled.unloadable(entry)
        return self._imported[entry.name]

    def _indexed(self, entry: Entry) -> ToolSpec:
        return IndexedSpec(entry, lambda: self.get(entry.name).spec.parameters)
