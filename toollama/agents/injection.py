"""Orders in texts that others wrote: told of, never followed. Pure.

Nothing is decided by what is found here; texts travel as data whether they give orders or not.
"""

import re

from toollama.text import one_line

_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}"
    r"\b(?:previous|prior|above|earlier|all|any|your|the)\b[^.\n]{0,30}"
    r"\b(?:instruction|prompt|rule|request|user|order)s?\b"
    r"|\b(?:call|use|run|invoke|execute)\s+(?:the\s+)?(?:tool\s+)?[a-z]+_[a-z_]+\b"
    r"|\byou\s+(?:are\s+now|must\s+now)\b"
    r"|\bsystem\s+prompt\b"
    r"|<\|im_start\|>|\[INST\]",
    re.IGNORECASE,
)
_SHOWN_CHARACTERS = 120


def orders_in(text: str) -> str:
    """Return the first words of a text that order a model about; empty where there are none."""
    found = _ORDERS.search(text)
    return one_line(found.group(), _SHOWN_CHARACTERS) if found else ""
