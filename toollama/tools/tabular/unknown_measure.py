"""What a request wants averaged that a table does not have. Pure.

Only averages are looked at: they need numbers of their own; `total` and `most` may count rows.
Words for amounts are never unknown, because tables call them by many names; words for money are
unknown only in a table without any column that could hold money.
"""

import re

from toollama.tools.tabular.stems import stems
from toollama.tools.tabular.table_vocabulary import ADDITIVE, MONEY, QUANTITIES
from toollama.tools.tabular.tables import Table

_MEASURE = re.compile(
    r"\b(?:average|avg|mean|median)\s+(?:of\s+)?(?:the\s+|all\s+)?(?P<words>[a-z][a-z -]*)",
    re.IGNORECASE,
)
_END = re.compile(
    r"\b(?:per|by|for|of|in|from|on|at|with|to|across|over|each|every|and|or|is|are|was|were|does|do|"
    r"did|how|what|which|who|where|when|than|that|then)\b",
    re.IGNORECASE,
)
_AMOUNTS = QUANTITIES | {*stems("number count amount value total")}
_MONEY = MONEY | {*stems("wage pay salary rent revenue income")}
_MAY_BE_MONEY = _MONEY | {*stems("eur euro usd dollar gbp pound sum rate tip charge bill")}


def unknown_measure(text: str, table: Table) -> str:
    """Return the words for what is to be averaged, where they name nothing in the table."""
    if not (found := _MEASURE.search(text)):
        return ""
    words = _END.split(found["words"])[0].strip()
    wanted = set(stems(words))
    names = {stem for column in table.columns for stem in stems(column.name)}
    if not wanted or wanted & (names | _AMOUNTS) or wanted & _stems_of_cells(table):
        return ""
    if wanted & _MONEY and names & _MAY_BE_MONEY:
        return ""
    return "" if wanted & (ADDITIVE - _MONEY) else words


def objection(text: str, table: Table | None) -> str:
    """Return why a table cannot answer the words; empty where it may."""
    if table is None or not (words := unknown_measure(text, table)):
        return ""
    names = ", ".join(column.name for column in table.columns)
    return f"{table.name} has no column for “{words}”; its columns are {names}"


def _stems_of_cells(table: Table) -> set[str]:
    texts = (column for column in table.columns if column.kind == "text")
    return {stem for column in texts for value in column.present for stem in stems(str(value))}
