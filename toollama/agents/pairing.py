"""Whether a sentence gives a figure to the name that the findings give it to. Pure.

A weak model that was told "North 400, South 300" may write "South has 400": every word of it stands
in the findings. Only what the findings speak of both ways is judged; a name or a figure that they
do not have is the business of `cite`.
"""

import re
from collections.abc import Sequence

from toollama.agents import cite
from toollama.agents.figures import Figure, figures, known, stands_for

_CLAUSE_END = re.compile(r"[,;:()–—]\s+|\s+(?:and|but|while|whereas)\s+")


def mispaired(sentence: str, statements: Sequence[str]) -> list[str]:
    """Return the figures of a sentence that the statements give to other names only."""
    stated = set[str]().union(*map(cite.names, statements))
    found: list[str] = []
    for clause in _CLAUSE_END.split(sentence):
        names = cite.names(clause) & stated
        for shown, figure in figures(clause).items() if names else ():
            holding = [one for one in statements if stands_for(figure, known(one))]
            if holding and not any(
                _gives(statement, name, figure) for statement in holding for name in names
            ):
                found.append(shown)
    return found


def _gives(statement: str, name: str, figure: Figure) -> bool:
    """Return whether a statement says the figure of the name, or of no other name."""
    if name not in cite.names(statement):
        return False
    about = [
        cite.names(clause)
        for clause in _CLAUSE_END.split(statement)
        if stands_for(figure, known(clause))
    ]
    return any(name in names or not names for names in about)
