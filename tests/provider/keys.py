"""A person who has every key, and gives each away for the hosts of its tool only."""

from dataclasses import dataclass

from toollama.tools.base import ToolSpec


def key_of(name: str) -> str:
    """Return the value of a key: long enough to be told from other text."""
    return f"canary-{name.lower().replace('_', '-')}"


@dataclass(frozen=True)
class AllKeys:
    """Implements `tools.base.Credentials` for one tool."""

    spec: ToolSpec

    def get(self, name: str, *, host: str) -> str | None:
        declared = {*self.spec.credentials, *self.spec.optional_credentials}
        assert name in declared, f"{self.spec.name} uses {name} and does not declare it"
        return key_of(name)
