"""Find names and quotations in the user's words. Pure; it does not know what they name."""

import re
from collections.abc import Iterable

_TYPEWRITER = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    }
)
_QUOTED = re.compile(
    r"\"([^\"]+)\"|\N{LEFT DOUBLE QUOTATION MARK}([^\N{RIGHT DOUBLE QUOTATION MARK}]+)"
    r"\N{RIGHT DOUBLE QUOTATION MARK}|`([^`]+)`|(?<!\w)'([^']+)'(?!\w)"
)
_LONGEST_NAME = 200
_NAME_WORD = r"[^\W\d_a-z][\w'.-]*"
_NAME_LINK = r"(?:of|the|de|la|le|del|der|van|von|da|di|du|al|bin|and|&)"
_NAME = re.compile(rf"\b{_NAME_WORD}(?:,? {_NAME_WORD}|(?: {_NAME_LINK}){{1,2}} {_NAME_WORD})*")
_NOT_A_NAME = re.compile(
    r"i|i'm|i'd|an?|the|any|some|who|who's|whose|whom|what|what's|when|where|which|why|how|is|are|"
    r"was|were|will|would|could|can|should|do|does|did|has|have|had|tell|give|show|find|get|look|"
    r"search|please|and|or|but|if|in|on|at|for|of|about|it|its|my|me|your|define|explain|describe|"
    r"summari[sz]e|compare|translate|list|check|use|forecast|weather|wikipedia|celsius|fahrenheit|"
    r"metric|imperial|(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|tonight",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Return the text on one line with typewriter quotation marks, as patterns expect it."""
    return " ".join(text.translate(_TYPEWRITER).split())


def quotations(text: str) -> list[str]:
    """Return what stands between quotation marks, in order and to the letter."""
    return [next(filter(None, match.groups())) for match in _QUOTED.finditer(text)]


def quoted(text: str) -> list[str]:
    """Return the quotations that may be names: on one line, at most 200 characters, each once."""
    found = (quotation.strip() for quotation in quotations(plain(text)))
    return distinct(name for name in found if len(name) <= _LONGEST_NAME)


def names(text: str) -> list[str]:
    """Return runs of capitalised words, in order, without the words that open a request.

    `Who was Ada Lovelace?` gives `Ada Lovelace`; `the University of Oslo` its last three words.
    """
    return distinct(_trimmed(match[0]) for match in _NAME.finditer(plain(text)))


def distinct(values: Iterable[str]) -> list[str]:
    """Return the non-empty values in order, each once whatever its case."""
    first_spelling: dict[str, str] = {}
    for value in filter(None, values):
        first_spelling.setdefault(value.casefold(), value)
    return list(first_spelling.values())


def _trimmed(name: str) -> str:
    words = name.rstrip(".,").split(" ")
    while words and _NOT_A_NAME.fullmatch(words[0].strip(",.'")):
        del words[0]
    while words and _NOT_A_NAME.fullmatch(words[-1].strip(",.'")):
        del words[-1]
    return " ".join(words).strip(" ,").removesuffix("'s")
