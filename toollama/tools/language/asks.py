"""Arguments that stand in a request where a pattern says so. Pure.

A pattern's named groups are parameters. The first pattern that matches wins, and what it found can
mean nothing else; what no pattern finds is left to the tool.
"""

import re
from collections.abc import Sequence

from toollama.tools.base import Candidate, Proposal
from toollama.tools.language.phrases import plain, quoted

Asks = tuple[re.Pattern[str], ...]

_EDGES = " \t.,;:?!\"'"
_LONGEST_QUERY = 200


def compile_asks(*patterns: str) -> Asks:
    """Return the patterns, matched in any case."""
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def asked_for(text: str, asks: Sequence[re.Pattern[str]]) -> dict[str, str]:
    """Return the non-empty groups of the first pattern that matches, without their punctuation."""
    flat = plain(text)
    for ask in asks:
        if match := ask.search(flat):
            found = {name: (value or "").strip(_EDGES) for name, value in match.groupdict().items()}
            return {name: value for name, value in found.items() if value}
    return {}


def proposed(text: str, asks: Sequence[re.Pattern[str]]) -> Proposal:
    """Return what the first matching pattern finds, as the certain value of each parameter."""
    return {
        name: [Candidate(value, "words", certain=True)]
        for name, value in asked_for(text, asks).items()
    }


def proposed_query(
    text: str,
    asks: Sequence[re.Pattern[str]],
    *,
    name: str = "query",
    guesses: Sequence[re.Pattern[str]] = (),
) -> dict[str, Sequence[Candidate]]:
    """Return what to search for.

    What one of the asks finds is certain, and so is the only quotation of a request that one of
    them matches. What else is quoted, or found by a guess, is offered for somebody to choose.
    """
    quotations = quoted(text)
    found = asked_for(text, asks).get(name, "")
    if found:
        value = quotations[0] if len(quotations) == 1 else found
        return {name: [Candidate(value[:_LONGEST_QUERY], "words", certain=True)]}
    guessed = asked_for(text, guesses).get(name, "")
    offered = quotations or ([guessed[:_LONGEST_QUERY]] if guessed else [])
    return {name: [Candidate(value, "words") for value in offered]} if offered else {}
