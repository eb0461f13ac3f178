"""Sentences with gaps: `{name}: {temperature} °C`. A gap that stays open drops the sentence. Pure.

Gaps name fields only: no attribute, index or conversion, so that a template can reach nothing but
the values it is given. A format spec such as `{population:,}` is for numbers.
"""

from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any

_MAX_ITEMS = 10


class Template:
    """One sentence or URL with gaps."""

    def __init__(self, text: str) -> None:
        """Raises `ValueError` for a gap that is not a plain name."""
        self.text = text
        self._parts = [
            (literal, name, spec or "")
            for literal, name, spec, conversion in Formatter().parse(text)
            if _checked(name, spec, conversion)
        ]
        self.fields = frozenset(name for _, name, _ in self._parts if name is not None)

    def filled(self, values: Mapping[str, Any], *, spell: Callable[[str], str] = str) -> str | None:
        """Return the text with every gap filled and spelled, or None where a value is missing."""
        pieces = []
        for literal, name, spec in self._parts:
            pieces.append(literal)
            if name is not None:
                text = shown(values.get(name), spec)
                if not text:
                    return None
                pieces.append(spell(text))
        return "".join(pieces)


def _checked(name: str | None, spec: str | None, conversion: str | None) -> bool:
    if conversion:
        raise ValueError(f"!{conversion} is not allowed in a template")
    if name is not None and not name.isidentifier():
        raise ValueError(f"{{{name}}} is not a plain field name")
    if spec and "{" in spec:
        raise ValueError(f"{{{name}:{spec}}} nests a gap in a gap")
    if spec:
        format(1.5, spec) if "d" not in spec else format(1, spec)
    return True


def shown(value: Any, spec: str = "") -> str:
    """Return a value as a sentence has it, on one line; empty where there is nothing to show."""
    if value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, list | tuple):
        texts = list(filter(None, (shown(item, spec) for item in value)))
        rest = len(texts) - _MAX_ITEMS
        return ", ".join(texts[:_MAX_ITEMS]) + (f" and {rest} more" if rest > 0 else "")
    if spec:
        return _formatted(value, spec)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return " ".join(str(value).split())


def _formatted(value: Any, spec: str) -> str:
    """Return a number by a format spec; numbers in texts count, other texts do not."""
    try:
        number = value if isinstance(value, int | float) else float(str(value).replace(",", ""))
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        return format(number, spec)
    except (ValueError, OverflowError):
        return ""
