"""Ordered rewriting of text: each rule applies to what the rules before it left. Pure."""

import re
from collections.abc import Callable, Iterable

Replacement = str | Callable[[re.Match[str]], str]
Rewrite = tuple[re.Pattern[str], Replacement]


def rewritten(text: str, rules: Iterable[Rewrite]) -> str:
    """Return the text after every rule, in order."""
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text
