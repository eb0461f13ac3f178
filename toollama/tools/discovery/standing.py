"""Whether a tool may be offered: ready, in want of a key, off by default, or disabled by the user.

Pure: what is switched and which keys are set is given. A tool that is not ready reaches no model.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from toollama.tools.discovery.switches import Switches


class State(StrEnum):
    """The four states of a tool."""

    READY = "ready"
    NEEDS = "needs"
    OFF = "off"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Standing:
    """A state with what it says to a person."""

    state: State
    detail: str = ""
    """The names of missing keys, or the reason it is off."""
    fix: str = ""

    def __str__(self) -> str:
        if self.state is State.NEEDS:
            return f"needs {self.detail}"
        return f"{self.state} ({self.detail})" if self.detail else self.state


class Offered(Protocol):
    """What standing depends on, of a spec or of an entry of the index."""

    @property
    def name(self) -> str:
        """Return the tool's name."""
        ...

    @property
    def credentials(self) -> tuple[str, ...]:
        """Return the keys without which it cannot run."""
        ...

    @property
    def off(self) -> str:
        """Return why it is off unless enabled."""
        ...


READY = Standing(State.READY)


def standing(tool: Offered, switches: Switches, *, is_set: Callable[[str], bool]) -> Standing:
    """Return where a tool stands; `is_set` tells whether the user has a key of that name."""
    enable = f"toollama tools enable {tool.name}"
    if tool.name in switches.disabled:
        return Standing(State.DISABLED, "by you", enable)
    if tool.off and tool.name not in switches.enabled:
        return Standing(State.OFF, tool.off, enable)
    missing = [name for name in tool.credentials if not is_set(name)]
    if missing:
        return Standing(State.NEEDS, ",".join(missing), f"toollama keys set {missing[0]}")
    return READY
