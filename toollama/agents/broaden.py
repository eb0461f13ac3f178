"""How a search that found nothing asks for more: once, by one condition less. Pure.

Only searches are broadened: that the user's own table has no such row is the answer itself.
"""

from collections.abc import Mapping
from typing import Any

from toollama.policy import Effect
from toollama.tools.base import ToolSpec

_LEAST_WORDS = 3


def broader(
    spec: ToolSpec, arguments: Mapping[str, Any], sources: Mapping[str, str]
) -> tuple[str, dict[str, Any]] | None:
    """Return what is left out, in words, and the arguments without it; None where nothing can be.

    The last optional argument goes first; a query of three words or more loses its last word.
    """
    if Effect.READ_PUBLIC not in spec.effects:
        return None
    fields = spec.parameters.model_fields
    optional = [
        name
        for name in arguments
        if not fields[name].is_required() and sources.get(name) != "default"
    ]
    if optional:
        left_out = optional[-1]
        kept = {name: value for name, value in arguments.items() if name != left_out}
        return f"{left_out} {arguments[left_out]}", kept
    for name, value in arguments.items():
        words = value.split() if isinstance(value, str) else []
        if len(words) >= _LEAST_WORDS:
            return f"the word {words[-1]}", {**arguments, name: " ".join(words[:-1])}
    return None
