"""What a request asks of a table: by which column, of which one, which figure, in which order.

Pure. Each argument of `data_group` gets candidates, best first. Where the words name a column the
first is certain; the others of its kind follow, for a model that reads the request differently.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from toollama.tools.base import Candidate
from toollama.tools.calendar.calendar_names import MONTHS
from toollama.tools.tabular.aggregates import AGGREGATES, Aggregate
from toollama.tools.tabular.columns import Column
from toollama.tools.tabular.grouping import MAX_LIMIT, Order
from toollama.tools.tabular.stems import stems
from toollama.tools.tabular.superlatives import reworded
from toollama.tools.tabular.table_conditions import read_conditions
from toollama.tools.tabular.table_marks import column_letter, marked
from toollama.tools.tabular.table_vocabulary import (
    ADDITIVE,
    AGGREGATE_WORDS,
    BY,
    HIGH,
    LOW,
    MANY,
    MONEY,
    NOT_COUNTED,
    PEOPLE,
    PER_ITEM,
    PERIOD,
    PERIODS,
    QUANTITIES,
    TAKING_MONEY,
    UNIT_PRICE,
)
from toollama.tools.tabular.tables import Table

_ORDERS: tuple[Order, ...] = get_args(Order)


def propose_grouping(text: str, table: Table) -> dict[str, list[Candidate]]:
    """Return the candidates of every argument of a grouping but its path."""
    question = _Question(text, table)
    found = {
        "group_by": question.group,
        "value": question.value(),
        "aggregate": question.aggregate_candidates(),
        "order": question.order(),
    }
    optional = {
        "limit": question.limit(),
        "where": question.where(),
        "period": [Candidate(question.period, "words", certain=True)] if question.period else [],
    }
    return found | {name: candidates for name, candidates in optional.items() if candidates}


class _Question:
    """A request read against a table. What is read is cut out of `words`, to be read once."""

    def __init__(self, text: str, table: Table) -> None:
        self.table = table
        text = reworded(text, table)
        self.names = [column.name for column in table.columns]
        self.conditions = read_conditions(marked(text, table), table)
        self.words = self.conditions.words
        self.names_sum = not ADDITIVE.isdisjoint(stems(text))
        self.takes_money = bool(TAKING_MONEY.search(text))
        self.group, self.period = self._group()
        self.aggregates, self.aggregate_certain = self._aggregates()

    def where(self) -> list[Candidate]:
        """Return the conditions as one candidate, if there are any."""
        if self.conditions.filters:
            filters = [condition.model_dump() for condition in self.conditions.filters]
            return [Candidate(filters, "words", certain=self.conditions.certain)]
        if re.search(rf"\b(?:in|for|during) (?:{'|'.join(MONTHS)})\b", self.words, re.IGNORECASE):
            # A month of several years is a condition that only a model, or the user, can complete.
            return [Candidate([], "default")]
        return []

    def limit(self) -> list[Candidate]:
        """Return how many groups are asked for, as in `top 3` or `3 best`."""
        found = re.search(rf"(?:{HIGH}|{LOW}|first) (\d+)\b", self.words)
        found = found or re.search(rf"\b(\d+) (?:{HIGH}|{LOW})", self.words)
        return [Candidate(min(int(found[1]), MAX_LIMIT), "words", certain=True)] if found else []

    def order(self) -> list[Candidate]:
        """Return the order that the words ask for, then the others."""
        words = {"highest": HIGH, "lowest": LOW}
        found = [order for order, pattern in words.items() if re.search(pattern, self.words)]
        if not found:
            return _with_others([Candidate("none", "default", certain=True)], _ORDERS)
        certain = len(found) == 1
        return _with_others([Candidate(name, "words", certain=certain) for name in found], _ORDERS)

    def aggregate_candidates(self) -> list[Candidate]:
        """Return the figures that may be asked for, then the others."""
        likely = [
            Candidate(name, "words", certain=self.aggregate_certain and place == 0)
            for place, name in enumerate(self.aggregates)
        ]
        return _with_others(likely, AGGREGATES)

    def value(self) -> list[Candidate]:
        """Return the columns that may be computed with; none where rows are counted."""
        if self.aggregates == ["count"]:
            return [Candidate("", "default", certain=True)]
        letters = {"distinct": "tbidn", "max": "nd", "min": "nd"}.get(self.aggregates[0], "n")
        suited = [column for column in self.table.columns if column_letter(column) in letters]
        if named := self._mentioned(letters):
            return _with_others(named, [column.name for column in self._likeliest(suited)])
        measures = [column for column in self.table.columns if column_letter(column) == "n"]
        return [Candidate(column.name, "context") for column in self._likeliest(measures)]

    def _likeliest(self, measures: Iterable[Column]) -> list[Column]:
        """Return the columns that fit the words best first: money, or what is counted in units."""
        counts_units = self.aggregates == ["sum", "count"]

        def rank(column: Column) -> tuple[bool, bool, bool]:
            name = stems(column.name)
            money = not MONEY.isdisjoint(name) and UNIT_PRICE.isdisjoint(name)
            return (
                counts_units and QUANTITIES.isdisjoint(name[-1:]),
                self.takes_money and not counts_units and not money,
                ADDITIVE.isdisjoint(name),
            )

        return sorted(measures, key=rank)

    def _mentioned(self, letters: str) -> list[Candidate]:
        """Return the columns named by marks of these letters, in the order of the words."""
        found = re.findall(rf"([@~])[{letters}](\d+)", self.words)
        sure = len(set(found)) == 1 and found[0][0] == "@"
        places = dict.fromkeys(int(place) for _, place in found)
        return [Candidate(self.names[place], "words", certain=sure) for place in places]

    def _marked_after(self, *patterns: str) -> list[Candidate]:
        """Return the column that stands after the first pattern found, and use up its mark."""
        for pattern in patterns:
            if found := re.search(rf"{pattern}([@~])[a-z](\d+)", self.words):
                self.words = f"{self.words[: found.start(1)]};{self.words[found.end() :]}"
                return [Candidate(self.names[int(found[2])], "words", certain=found[1] == "@")]
        return []

    def _group(self) -> tuple[list[Candidate], str]:
        """Return the columns to group by, and the period of a date column."""
        dates = [column.name for column in self.table.columns if column.kind == "date"]
        if dates and (period := PERIOD.search(self.words)):
            groups = [Candidate(name, "words", certain=len(dates) == 1) for name in dates]
            return groups, period["noun"] or PERIODS[period["adjective"]]
        groupable = [column.name for column in self._groupable()]
        if named := self._named_group():
            return _with_others(named, groupable), ""
        if people := self._people():
            return _with_others(people, groupable), ""
        asks_for_one = r"\b(?:by|per|each|every|who|top)\b|\bwhich (?!is|was|are)"
        if groupable and re.search(asks_for_one, self.words):
            return [Candidate(name, "context") for name in groupable], ""
        return [Candidate("", "default", certain=True)], ""

    def _named_group(self) -> list[Candidate]:
        """Return the columns that the words name as groups, by a mark or by values compared."""
        patterns = [
            rf"{BY}(?=.[tbdi])",
            rf"(?:{HIGH}|{LOW}) (?:\w+ )?(?=.[tb])",
            rf"{NOT_COUNTED}(?=.[tb])",
        ]
        if named := self._marked_after(*patterns):
            sure = named[0].certain and not re.search(rf"{patterns[2]}[@~]", self.words)
            return [Candidate(named[0].value, "words", certain=sure)]
        equal = [condition.column for condition in self.conditions.filters if condition.op == "="]
        if compared := [column for column in dict.fromkeys(equal) if equal.count(column) > 1]:
            return [Candidate(name, "words", certain=len(compared) == 1) for name in compared]
        if len(self._mentioned("n")) > 1 or re.search(MANY, self.words):
            return self._marked_after(BY)
        return []

    def _people(self) -> list[Candidate]:
        """Return the column that `who` means, where only one can name people."""
        if not re.search(r"\bwho\b", self.words):
            return []
        named = [c.name for c in self._groupable() if not PEOPLE.isdisjoint(stems(c.name))]
        return [Candidate(named[0], "words", certain=True)] if len(named) == 1 else []

    def _groupable(self) -> list[Column]:
        """Return the columns that may part the rows, the likeliest first."""
        people = PEOPLE if re.search(r"\bwho\b", self.words) else frozenset()
        columns = [column for column in self.table.columns if column_letter(column) != "n"]
        return sorted(
            columns,
            key=lambda column: (people.isdisjoint(stems(column.name)), len(set(column.present))),
        )

    def _aggregates(self) -> tuple[list[Aggregate], bool]:
        """Return the figures that may be asked for, and whether the first is certain."""
        found = [name for name, words in AGGREGATE_WORDS.items() if re.search(words, self.words)]
        if found == ["count"]:
            return self._counted()
        if found:
            return found, len(found) == 1
        extreme: Aggregate = "max" if re.search(HIGH, self.words) else "min"
        ranked = re.search(f"{HIGH}|{LOW}", self.words)
        if (
            ranked
            and self._mentioned("nd")
            and (not self.group[0].value or self._groups_are_rows())
        ):
            return [extreme], True
        if self.group[0].source == "words" and re.search(PER_ITEM, self.words):
            return ["mean", "sum", extreme, "count"], False
        if self.names_sum:
            return ["sum", "mean", extreme, "count"], bool(self._mentioned("n"))
        if re.search(r"\b(?:most|fewest) (?:@i|rows|records|entries)", self.words):
            return ["count"], True
        likely: list[Aggregate] = ["sum", "mean"] if self.takes_money else ["mean", "sum"]
        return [*likely, extreme, "count"], False

    def _groups_are_rows(self) -> bool:
        """Return whether no two rows have the same value in the column that is grouped by."""
        present = self.table.column(self.group[0].value).present
        return len(set(present)) == len(present) == self.table.rows

    def _counted(self) -> tuple[list[Aggregate], bool]:
        """Return whether rows, different values or units of a quantity are counted."""
        if named := re.search(rf"{MANY} @[tbd](\d+)", self.words):
            present = self.table.columns[int(named[1])].present
            repeated = len(set(present)) < len(present)
            return (["distinct", "count"], False) if repeated else (["count"], True)
        units = re.search(rf"{MANY} (?:units|pieces|items|copies|things)\b", self.words)
        has_units = any(not QUANTITIES.isdisjoint(stems(name)[-1:]) for name in self.names)
        return (["sum", "count"], False) if units and has_units else (["count"], True)


def _with_others(candidates: Sequence[Candidate], values: Iterable[Any]) -> list[Candidate]:
    """Return the candidates, then the values that none of them has, as uncertain ones."""
    known = {candidate.value for candidate in candidates}
    return [*candidates, *(Candidate(value, "context") for value in values if value not in known)]
