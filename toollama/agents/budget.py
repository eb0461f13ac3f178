"""What one run may spend: calls, tokens, swaps and seconds. Pure; `agents.ledger` keeps count.

A limit of None is no limit. The limits that a depth brings keep a run that goes astray from
running for ever; they are far above what a sound run of that depth needs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, cast

from toollama.agents.messages import Depth
from toollama.errors import InputError

Unit = Literal["calls", "tokens", "swaps", "seconds"]

_FIX = "write it as --budget calls=20,tokens=8000,swaps=8,seconds=90"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The limits of one run."""

    calls: int | None = None
    """Tool calls, retries included."""
    tokens: int | None = None
    """Tokens that models write; what they read costs time only, which has its own limit."""
    swaps: int | None = None
    """Loads that another model has to leave for."""
    seconds: float | None = None
    """From the start of the run to its answer."""

    def limit(self, unit: Unit) -> float | None:
        """Return the limit of one unit."""
        return cast("float | None", getattr(self, unit))


DEPTH_BUDGETS: dict[Depth, Budget] = {
    "basic": Budget(calls=12, tokens=6_000, swaps=12, seconds=300),
    "detailed": Budget(calls=32, tokens=24_000, swaps=32, seconds=900),
    "comprehensive": Budget(calls=96, tokens=96_000, swaps=96, seconds=3600),
}
"""What a run may spend where the user says nothing else."""


def parse(words: Sequence[str], base: Budget) -> Budget:
    """Return `base` with the limits that `unit=number` words set; `unit=none` lifts one.

    Each word may hold several, divided by commas. Raises `InputError`.
    """
    units = tuple(field.name for field in fields(Budget))
    limits: dict[str, Any] = {}
    for pair in (part.strip() for word in words for part in word.split(",")):
        unit, separator, number = (part.strip().lower() for part in pair.partition("="))
        if unit not in units or not separator:
            raise InputError(
                f"--budget {pair} is not a limit: the units are {', '.join(units)}", fix=_FIX
            )
        if unit in limits:
            raise InputError(f"--budget sets {unit} twice", fix="give it once")
        limits[unit] = _number(cast("Unit", unit), number)
    return replace(base, **limits)


def _number(unit: Unit, text: str) -> float | int | None:
    if text == "none":
        return None
    try:
        value = float(text) if unit == "seconds" else int(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        kind = "seconds" if unit == "seconds" else "a whole number"
        raise InputError(f"--budget {unit}={text} is not {kind} from 0 up", fix=_FIX)
    return value
