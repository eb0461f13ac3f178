"""Whether a sentence asks for what was understood and for nothing else. Pure."""

import re
from collections.abc import Iterable


def only_asks(text: str, *, understood: Iterable[str], asking: frozenset[str]) -> bool:
    """Return whether the words besides the parts understood are all in `asking`.

    `understood` are parts of the text, each used up once; `asking` is in lower case.
    """
    spare = text
    for part in understood:
        spare = spare.replace(part, " ", 1)
    return asking.issuperset(re.findall(r"\w+", spare.lower()))
