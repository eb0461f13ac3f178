"""A `ToolSpec` made from the index: complete but for the type of its parameters, read on demand."""

from collections.abc import Callable
from dataclasses import fields

from toollama.tools.base import Arguments, Rate, ToolSpec
from toollama.tools.discovery.entry import Entry


class IndexedSpec(ToolSpec):
    """The spec of a tool that was not imported; `parameters` imports it.

    Its origin is what discovery saw, never what the tool says of itself.
    """

    __slots__ = ("_parameters",)

    _parameters: Callable[[], type[Arguments]]

    def __init__(self, entry: Entry, parameters: Callable[[], type[Arguments]]) -> None:
        """`parameters` imports the tool and returns the type of its arguments."""
        object.__setattr__(self, "_parameters", parameters)
        for field in fields(ToolSpec):
            if field.name != "parameters":
                object.__setattr__(self, field.name, _value(entry, field.name))

    @property
    def parameters(self) -> type[Arguments]:
        """The type of its arguments; the tool's module is imported for it."""
        return self._parameters()


def _value(entry: Entry, name: str) -> object:
    if name == "rates":
        return tuple(Rate(count, window_s) for count, window_s in entry.rates)
    return str(entry.origin) if name == "origin" else getattr(entry, name)
