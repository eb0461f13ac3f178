"""Which tools exist. A file in `tools/builtin` is a tool; nothing else registers one yet."""

import difflib
import pkgutil
from collections.abc import Iterable
from functools import cached_property
from importlib import import_module

from toollama.errors import UnknownName
from toollama.tools.base import ToolSpec
from toollama.tools.run import AnyTool


class Registry:
    """The tools of one session, by name."""

    def __init__(self, tools: Iterable[AnyTool]) -> None:
        self._tools = {tool.spec.name: tool for tool in tools}

    @classmethod
    def builtin(cls) -> "Registry":
        """Return the tools that ship with the program."""
        from toollama.tools import builtin

        return cls(import_module(f"{builtin.__name__}.{name}").TOOL for name in cls.names())

    @staticmethod
    def names() -> list[str]:
        """Return the names of the tools that ship with the program, without importing them."""
        from toollama.tools import builtin

        return sorted(module.name for module in pkgutil.iter_modules(builtin.__path__))

    @cached_property
    def _sorted_specs(self) -> tuple[ToolSpec, ...]:
        return tuple(tool.spec for _, tool in sorted(self._tools.items()))

    def specs(self) -> tuple[ToolSpec, ...]:
        """Return every spec, by name."""
        return self._sorted_specs

    def get(self, name: str) -> AnyTool:
        """Return a tool by name. Raises `UnknownName`, with the nearest names."""
        if name in self._tools:
            return self._tools[name]
        near = difflib.get_close_matches(name, self._tools, n=3)
        raise UnknownName(
            f"no tool is called {name}" + (f"; did you mean {', '.join(near)}?" if near else ""),
            fix="toollama tools list",
        )
