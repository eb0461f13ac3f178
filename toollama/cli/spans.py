"""Lengths of time as options give them: `90s`, `2m`, `12h`, `30d`, `2w`, or seconds. Pure."""

import re

from toollama.errors import InputError

_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|min|h|d|w)?", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}


def is_span(text: str) -> bool:
    """Return whether the text is a length of time."""
    return _SPAN.fullmatch(text.strip()) is not None


def seconds(text: str, option: str) -> float:
    """Return a length of time in seconds. Raises `InputError` naming the option."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise InputError(f"{option} {text} is not a time", fix=f"write it as {option} 90s")
    number, unit = found.groups()
    return float(number) * _SECONDS[(unit or "s").lower()]
