"""How much can be asked of a model: its tier.

The tier is read from the size alone. That is a rule of thumb, to be replaced by a short probe of
eight items per file; until then `tier` in models.toml overrides it.
"""

from typing import Literal

from toollama.models.gguf import GgufHeader

Tier = Literal["T0", "T1", "T2", "T3"]
"""T0 fills slots and no more; T1 chooses among a few; T2 plans in JSON; T3 thinks first."""

_UPPER_PARAMETERS: tuple[tuple[float, Tier], ...] = ((0.4e9, "T0"), (5e9, "T1"), (18e9, "T2"))


def tier(header: GgufHeader) -> Tier:
    """Return the tier for the file's parameter count: below 0.4, 5 and 18 thousand million."""
    for limit, name in _UPPER_PARAMETERS:
        if header.parameters < limit:
            return name
    return "T3"
