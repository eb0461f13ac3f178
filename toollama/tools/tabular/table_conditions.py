"""Which rows of a table a request is about: comparisons, values and times that it names. Pure."""

import re
from dataclasses import dataclass

from toollama.tools.tabular.filters import Filter, Operator
from toollama.tools.tabular.stems import stems
from toollama.tools.tabular.table_marks import MarkedWords
from toollama.tools.tabular.table_vocabulary import SHARE
from toollama.tools.tabular.tables import Table

_COMPARATORS: dict[str, Operator] = {
    **dict.fromkeys(("more than", "greater than", "over", "above", ">"), ">"),
    **dict.fromkeys(("at least", "no less than", ">="), ">="),
    **dict.fromkeys(("under", "below", "less than", "fewer than", "<"), "<"),
    **dict.fromkeys(("at most", "up to", "<="), "<="),
    **dict.fromkeys(("is", "equals", "exactly", "="), "="),
}
COMPARATOR = f"(?:{'|'.join(sorted(_COMPARATORS, key=len, reverse=True))})"
_TIME_OPERATORS: dict[str, Operator] = {
    "since": ">=",
    "after": ">",
    "before": "<",
    "until": "<=",
}
_TIME_WORDS = "since|after|before|until|from|between|in|during|for|of"
_WHEN = r"\b((?:19|20)\d\d(?:-\d\d){0,2})\b"
_NEGATION = r"(\b(?:not|except|excluding|exclude|without|but) (?:in |for |from |the )?)?"
_TRUTH = (
    r"\b(?:who|that|have|has|had|is|are|was|were|did|do|does|not|never|n t)"
    r"(?: (?:not|never|n t|yet|already|been|be|the|their|have|has))* [@~]b(\d+)\b"
)
"""`who have paid`, `is not active`: what a yes-or-no column says of a row."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a request, and its words without them."""

    filters: tuple[Filter, ...]
    certain: bool
    """No value and no time could belong to another column."""
    words: str


def read_conditions(request: MarkedWords, table: Table) -> Conditions:
    """Return the conditions that the marked words name; what is read is cut out of the words."""
    comparisons, words = _comparisons(request.words, table)
    if len(request.values) == 1 and re.search(SHARE, words):
        # A share of the whole is only seen beside the other groups.
        words = words.replace("@v0", f"for each @t{request.values[0].columns[0]}")
    equals, words, certain = _equals(words, request, table)
    truths, words = _truths(words, table)
    times, words = _times(words, table)
    dates = [column for column in table.columns if column.kind == "date"]
    certain = certain and not (times and len(dates) > 1)
    return Conditions((*comparisons, *equals, *truths, *times), certain, words)


def _taken(pattern: str, words: str) -> tuple[list[re.Match[str]], str]:
    """Return the matches and the rest; each is cut out before the next is sought."""
    matches = []
    while found := re.search(pattern, words):
        words = f"{words[: found.start()]} ; {words[found.end() :]}"
        matches.append(found)
    return matches, words


def _comparisons(words: str, table: Table) -> tuple[list[Filter], str]:
    pattern = rf"@[ni](\d+) (?:is |are |was |were |of )?({COMPARATOR}) (\d\S*)"
    matches, words = _taken(pattern, words)
    filters = [
        Filter(column=table.columns[int(m[1])].name, op=_COMPARATORS[m[2]], value=m[3])
        for m in matches
    ]
    return filters, words


def _equals(words: str, request: MarkedWords, table: Table) -> tuple[list[Filter], str, bool]:
    """Return the values named, the rest of the words, and whether each has one column only."""
    matches, words = _taken(rf"{_NEGATION}(?:@[tb](\d+) (?:is |= )?)?@v(\d+)", words)
    filters = []
    certain = True
    for m in matches:
        met = request.values[int(m[3])]
        named = int(m[2]) if m[2] and int(m[2]) in met.columns else None
        certain &= named is not None or len(met.columns) == 1
        column = table.columns[met.columns[0] if named is None else named]
        filters.append(Filter(column=column.name, op="!=" if m[1] else "=", value=met.value))
    return filters, words, certain


def _truths(words: str, table: Table) -> tuple[list[Filter], str]:
    """Return what is said of rows by the name of a yes-or-no column, and the rest of the words."""
    matches, words = _taken(_TRUTH, words)
    filters = [
        Filter(
            column=table.columns[int(m[1])].name,
            value="no" if re.search(r"\b(?:not|never|n t)\b", m[0]) else "yes",
        )
        for m in matches
    ]
    return filters, words


def _times(words: str, table: Table) -> tuple[list[Filter], str]:
    columns = [column.name for column in table.columns if column.kind == "date"]
    columns += [column.name for column in table.columns if "year" in stems(column.name)]
    if not columns:
        return [], words
    pattern = rf"(?:\b({_TIME_WORDS}) )?{_WHEN}(?: (?:to|and|until|through) {_WHEN})?"
    matches, words = _taken(pattern, words)
    filters = []
    for m in matches:
        operator = _TIME_OPERATORS.get(m[1], "=")
        bounds: list[tuple[Operator, str]] = (
            [(">=", m[2]), ("<=", m[3])] if m[3] else [(operator, m[2])]
        )
        filters += [Filter(column=columns[0], op=op, value=day) for op, day in bounds]
    return filters, words
