"""A walking-distance score from distances to the nearest places. Pure.

The score is ToolLama's own and no licensed index. A kind of place counts in full up to 400 m, which
is a walk of five minutes, and falls in a straight line to nothing at 2,400 m. The score is the
weighted mean over the kinds whose distance is known, 0 to 100; how many are known is told with it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

NEAR_M, FAR_M = 400, 2400
WEIGHTS: Mapping[str, int] = {
    "groceries": 3,
    "transit": 3,
    "school": 2,
    "park": 2,
    "health": 2,
    "restaurant": 1,
    "pharmacy": 1,
    "library": 1,
}
"""How much each kind of place counts."""
_KINDS = {
    "groceries": r"grocer(?:y|ies)(?: stores?| shops?)?|supermarkets?|(?:food )?shops?",
    "transit": r"transit(?: stops?)?|bus(?: stops?)?|trams?(?: stops?)?|metro(?: stations?)?"
    r"|subway(?: stations?)?|train(?: stations?)?|stations?",
    "school": r"schools?|kindergartens?",
    "park": r"parks?|playgrounds?|green spaces?",
    "health": r"doctors?|clinics?|hospitals?|gp",
    "restaurant": r"restaurants?|caf[eé]s?|pubs?|bars?",
    "pharmacy": r"pharmac(?:y|ies)|chemists?|drug ?stores?",
    "library": r"librar(?:y|ies)",
}
_METRES = {
    "m": Fraction(1),
    "km": Fraction(1000),
    "mi": Fraction("1609.344"),
    "ft": Fraction("0.3048"),
}
_UNIT = r"(?P<unit>km|kilomet(?:er|re)s?|mi(?:les?)?\b|ft\b|feet|m(?:et(?:er|re)s?)?\b)"
_DISTANCE = rf"(?P<value>\d+(?:\.\d+)?) ?{_UNIT}"
_LINK = r"(?:(?: is| at| in|:|,| =| within)* )"


@dataclass(frozen=True, slots=True)
class AmenityScore:
    """A score and what it rests on."""

    score: Fraction
    """0 to 100."""
    distances_m: Mapping[str, Fraction]


def read_distances(text: str) -> dict[str, Fraction]:
    """Return the nearest distance in metres of every kind of place that the text names.

    Both `park 300 m` and `300 m to the park` are read; what is not told is left out.
    """
    plain = " ".join(re.sub(r"(?<=\d),(?=\d{3}\b)", "", text.lower()).split())
    found: dict[str, Fraction] = {}
    for kind, words in _KINDS.items():
        after = rf"\b(?:{words}){_LINK}?{_DISTANCE}"
        before = (
            rf"{_DISTANCE}(?: walk| away)?(?: to| from) (?:an? |the )?(?:nearest )?(?:{words})\b"
        )
        distances = [
            _metres(match) for pattern in (after, before) for match in re.finditer(pattern, plain)
        ]
        if distances:
            found[kind] = min(distances)
    return found


def score(distances_m: Mapping[str, Fraction]) -> AmenityScore:
    """Return the score over the kinds given, of which there is at least one."""
    weight = sum(WEIGHTS[kind] for kind in distances_m)
    reached = sum(WEIGHTS[kind] * _reach(metres) for kind, metres in distances_m.items())
    return AmenityScore(100 * Fraction(reached) / weight, distances_m)


def _reach(metres: Fraction) -> Fraction:
    """Return 1 for a place that is near, 0 for one that is far."""
    share = (FAR_M - metres) / Fraction(FAR_M - NEAR_M)
    return min(max(share, Fraction(0)), Fraction(1))


def _metres(match: re.Match[str]) -> Fraction:
    unit = match["unit"]
    name = "km" if unit.startswith("k") else unit[:2] if unit[:2] in {"mi", "ft"} else unit[:1]
    return Fraction(match["value"]) * _METRES["ft" if name == "f" else name]
