"""Cut prose into sentences that fit a statement. Pure; made for encyclopaedic English.

A full stop after an abbreviation, an initial or a digit's decimal point ends nothing. Where that is
undecidable (`in the U.S. The`), two sentences stay together.
"""

import re

STATEMENT_CHARACTERS = 240
"""The longest statement a tool may make; see `tools.base.ToolResult`."""

_ABBREVIATION = re.compile(
    r"mrs?|ms|dr|prof|st|[js]r|gen|col|capt|lt|sgt|rev|hon|gov|sen|rep|pres|vs|etc|e\.?g|i\.?e|"
    r"ca|cf|al|approx|nos?|vol|fig|pp|eds?|est|inc|ltd|co|corp|bros|dept|univ|fl|lit|"
    r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|u\.[skn]|e\.u|[ap]\.m|ph\.d|b\.c|a\.d|[^\W\d_]",
    re.IGNORECASE,
)
_BREAK = re.compile(r"(?<=[.!?])[\"')\]\N{RIGHT DOUBLE QUOTATION MARK}]*\s+(?=[^\s\w]*[^\Wa-z_])")
_PARENTHESIS = re.compile(r"\s*\([^()]*\)")
_CLAUSE_END = re.compile(r"[,;:](?=\s)|\s[\N{EN DASH}\N{EM DASH}](?=\s)")


def sentences(text: str) -> list[str]:
    """Return the sentences of the text in order, white space collapsed."""
    flat = " ".join(text.split())
    found: list[str] = []
    start = 0
    for match in _BREAK.finditer(flat):
        if not _ends_in_abbreviation(flat[start : match.start()]):
            found.append(flat[start : match.end()].strip())
            start = match.end()
    return [*found, flat[start:]] if flat[start:] else found


def fit(sentence: str, *, limit: int = STATEMENT_CHARACTERS) -> str:
    """Return the sentence in at most `limit` characters.

    First its parentheses go, then it ends at the last clause or word that fits, marked by `…`.
    """
    if len(sentence) <= limit:
        return sentence
    shorter = _without_parentheses(sentence)
    if len(shorter) <= limit:
        return shorter
    room = shorter[: limit - 1]
    clauses = [match.start() for match in _CLAUSE_END.finditer(room)]
    long_enough = [end for end in clauses if end >= limit // 3]
    end = long_enough[-1] if long_enough else room.rfind(" ")
    return (room[:end] if end > 0 else room).rstrip(" ,;:") + "…"


def _without_parentheses(sentence: str) -> str:
    while (shorter := _PARENTHESIS.sub("", sentence)) != sentence:
        sentence = shorter
    return sentence


def _ends_in_abbreviation(text: str) -> bool:
    if not text.endswith("."):
        return False
    word = text[:-1].rpartition(" ")[2].lstrip("([\"'")
    return _ABBREVIATION.fullmatch(word) is not None
