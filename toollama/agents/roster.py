"""Who plays each role of a run: roles from the catalogue, models from profile and overrides.

A model's file is looked at when its role is first needed, so that a request which needs no model
works without any; files the user names explicitly are looked at right away.
"""

from collections.abc import Iterator, Mapping

from toollama.agents.crew import Tier
from toollama.agents.run import Member
from toollama.models import gguf, probe
from toollama.models.catalog import Catalog
from toollama.models.spec import ModelSpec

_REMOTE_TIER: Tier = "T2"
"""Nobody runs a server for a model that cannot write JSON; `tier` in models.toml corrects it."""


class Roster(Mapping[str, Member]):
    """The members of one crew, by role."""

    def __init__(self, catalog: Catalog, profile: str, overrides: Mapping[str, str]) -> None:
        self._catalog = catalog
        self._specs = catalog.crew(profile, overrides)
        self._overrides = overrides
        self._members: dict[str, Member] = {}

    def check_overrides(self) -> None:
        """Look at the files that the user named. Raises `ModelMissing` or `ModelCorrupt`."""
        for name in set(self._overrides.values()):
            spec = self._catalog.model(name)
            if not spec.endpoints:
                gguf.read_header(self._catalog.resolve(spec))

    def __getitem__(self, role: str) -> Member:
        """Return who plays the role. Raises `ModelMissing` or `ModelCorrupt`."""
        if role not in self._members:
            spec = self._specs[role]
            self._members[role] = Member(self._catalog.roles[role], spec, self._tier(spec))
        return self._members[role]

    def _tier(self, spec: ModelSpec) -> Tier:
        """Return what models.toml says, a probe found, or the size suggests."""
        if spec.tier or spec.endpoints:
            return spec.tier or _REMOTE_TIER
        path = self._catalog.resolve(spec)
        return probe.tier(gguf.read_header(path), cached=probe.recall(path))

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)
