"""The tool `data_group`: one exact figure per group of a data file, ranked.

Owns what a sentence asks of a table (columns, filters, order), the grouping, and the sentences
that answer it. A share is only given where the groups add up to a whole.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from toollama.policy import Effect
from toollama.text import one_line
from toollama.tools import documents, tables
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.builtin.data_profile import (
    AGGREGATES,
    MONTHS,
    STATEMENT_CHARACTERS,
    Filter,
    Operator,
    column_letter,
    kept_rows,
    marked,
    peek,
)
from toollama.tools.tables import Cell, Column, Table

Period = Literal["day", "month", "quarter", "year"]

_MAX_LISTED_GROUPS = 500
_PHRASES = {
    "sum": "total {}",
    "mean": "average {}",
    "median": "median {}",
    "min": "lowest {}",
    "max": "highest {}",
    "count": "number of rows",
    "distinct": "number of different {} values",
}
_OPERATOR_SIGNS = {"!=": "is not", ">=": "≥", "<=": "≤"}
_HIGH = r"\b(?:highest|most|top|best|largest|biggest|greatest|more|latest|maximum|max)\b"
_LOW = r"\b(?:lowest|least|fewest|smallest|worst|bottom|cheapest|less|earliest|minimum|min)\b"
_BY = r"\b(?:by|per|each|every|across|which|what|whose|among) (?:the |a |an )?"
_MANY = r"\b(?:how many|number of|count of|count)(?: the)?+"
_NOT_COUNTED = "".join(
    rf"(?<!{words} )" for words in ("many", "number of", "count", "count of", "different", "unique")
)
_AGGREGATE_WORDS = {
    "distinct": rf"{_MANY} (?:different|distinct|unique)\b",
    "median": r"\bmedian\b",
    "mean": r"\b(?:averages?|avg|mean|typical)\b",
    "sum": rf"\b(?:total|sum|overall|combined|altogether)\b|{_MANY} @n",
    "count": rf"{_MANY}(?! @n| (?:different|distinct|unique))|\bhow often\b"
    r"|\bmost (?:common|frequent|popular)\b",
}
_ADDITIVE = frozenset(
    tables.words_of(
        "revenue sales amount total quantity qty units profit cost expenses income turnover spend "
        "spent sold selling earned visits clicks views downloads hours volume budget fee payments"
    )
)
_QUANTITIES = frozenset(tables.words_of("quantity qty units"))
_PEOPLE = frozenset(
    tables.words_of(
        "name customer client employee person people user student player member seller rep agent "
        "manager author owner driver team"
    )
)
_NUMERALS = "zero|one|two|three|four|five|six|seven|eight|nine|ten"
_PARTITIVE = r"\b(?:share|percent|percentage|proportion|fraction)\b"
_PERIODS = {
    "day": "day",
    "daily": "day",
    "month": "month",
    "monthly": "month",
    "quarter": "quarter",
    "quarterly": "quarter",
    "year": "year",
    "yearly": "year",
    "annual": "year",
}
_PERIOD = re.compile(
    r"\b(?:by|per|each|every|which|what) (day|month|quarter|year)\b"
    r"|\b(daily|monthly|quarterly|yearly|annual)\b"
)
_COMPARATORS: dict[str, Operator] = {
    **dict.fromkeys(("more than", "greater than", "over", "above", ">"), ">"),
    **dict.fromkeys(("at least", "no less than", ">="), ">="),
    **dict.fromkeys(("under", "below", "less than", "fewer than", "<"), "<"),
    **dict.fromkeys(("at most", "up to", "<="), "<="),
    **dict.fromkeys(("is", "equals", "exactly", "="), "="),
}
_TIME_OPERATORS: dict[str, Operator] = {
    "since": ">=",
    "after": ">",
    "before": "<",
    "until": "<=",
}
_TIME_WORDS = "since|after|before|until|from|between|in|during|for|of"


class GroupArguments(Arguments):
    """What to compute, from which file, for which groups."""

    path: str = Field(description="a CSV, TSV, JSON or JSONL file, or stdin")
    group_by: str = Field(default="", description="column whose values are the groups; empty: all")
    value: str = Field(default="", description="column to compute with; empty to count rows")
    aggregate: Literal["sum", "mean", "median", "min", "max", "count", "distinct"]
    order: Literal["highest", "lowest", "none"] = "none"
    limit: int = Field(default=0, ge=0, le=1_000, description="groups to keep; 0 keeps all")
    where: tuple[Filter, ...] = ()
    period: Period = Field(default="day", description="length of a group, for a date column")


@dataclass(frozen=True, slots=True)
class Grouping:
    """The answer before it is put into words."""

    table: Table
    rows: int
    """Rows that the conditions kept."""
    left_out: int
    """Kept rows without a value to compute with."""
    groups: tuple[tuple[str, Cell], ...]
    """Label and figure, in the order asked for, none cut."""
    whole: Cell
    """The figure over all groups; None where no row is left."""
    unit: str

    def share(self, part: Cell) -> str:
        """Return a part as a percentage of the whole; empty where a share makes no sense."""
        if not isinstance(self.whole, Fraction) or not isinstance(part, Fraction):
            return ""
        if self.whole <= 0 or any(not isinstance(v, Fraction) or v < 0 for _, v in self.groups):
            return ""
        return f"{round(1_000 * part / self.whole) / 10:.1f}%"


def compute(table: Table, args: GroupArguments) -> Grouping:
    """Return one exact figure per group of the rows that the conditions keep.

    Raises `ToolFailure` for an unknown column, or one that does not suit the aggregate.
    """
    rows = kept_rows(table, args.where)
    value = None if args.aggregate == "count" else _value_column(table, args)
    group = table.column(args.group_by) if args.group_by else None
    cells: dict[Cell, list[Cell]] = {}
    for row in rows:
        if value is None or value.cells[row] is not None:
            key = _group_key(group.cells[row], args.period) if group else None
            cells.setdefault(key, []).append(value.cells[row] if value else True)
    function = AGGREGATES[args.aggregate]
    figures = [(key, function(members)) for key, members in cells.items()]
    if args.order != "none":
        figures.sort(key=lambda pair: pair[1], reverse=args.order == "highest")
    elif group and group.kind != "text":
        figures.sort(key=lambda pair: _place(pair[0]))
    everything = [cell for members in cells.values() for cell in members]
    return Grouping(
        table=table,
        rows=len(rows),
        left_out=len(rows) - len(everything),
        groups=tuple((tables.label(key, group.unit if group else ""), v) for key, v in figures),
        whole=function(everything) if everything else None,
        unit=value.unit if value and args.aggregate != "distinct" else "",
    )


def _place(key: Cell) -> tuple[bool, Any]:
    """Return where a group stands in natural order; the missing one comes last."""
    return key is None, 0 if key is None else key


def _value_column(table: Table, args: GroupArguments) -> Column:
    suited = {"distinct": {"number", "date", "bool", "text"}, "min": {"number", "date"}}
    suited["max"] = suited["min"]
    kinds = suited.get(args.aggregate, {"number"})
    options = ", ".join(column.name for column in table.columns if column.kind in kinds)
    fix = f"use one of: {options}" if options else "count rows instead"
    if not args.value:
        raise documents.refusal(f"the {args.aggregate} needs a value column", fix=fix)
    column = table.column(args.value)
    if column.kind not in kinds:
        raise documents.refusal(
            f'"{column.name}" holds {column.kind}, which has no {args.aggregate}',
            fix=fix,
        )
    return column


def _group_key(cell: Cell, period: Period) -> Cell:
    if not isinstance(cell, date) or period == "day":
        return cell
    if period == "quarter":
        return f"{cell.year}-Q{(cell.month + 2) // 3}"
    return cell.isoformat()[: 4 if period == "year" else 7]


class _Words:
    """A grouping put into sentences."""

    def __init__(self, args: GroupArguments, found: Grouping) -> None:
        self.found = found
        table = found.table
        self.value = _readable(table.column(args.value).name) if args.value else ""
        self.group = _readable(table.column(args.group_by).name) if args.group_by else ""
        self.order = args.order
        self.limit = args.limit or len(found.groups)
        self.additive = args.aggregate in {"sum", "count"}
        self.condition = _condition(args.where)
        self.by = self.group if args.period == "day" else f"{args.period} of {self.group}"
        phrase = _PHRASES[args.aggregate]
        if args.aggregate in {"min", "max"} and isinstance(found.whole, date):
            phrase = "earliest {}" if args.aggregate == "min" else "latest {}"
        prefix = phrase.removesuffix("{}")
        self.subject = (
            self.value if self.value.lower().startswith(prefix) else phrase.format(self.value)
        )

    def figure(self, cell: Cell) -> str:
        """Return a figure with its unit."""
        return tables.label(cell, self.found.unit)

    def share(self, cell: Cell) -> str:
        """Return a figure's percentage in brackets, where shares make sense."""
        share = self.found.share(cell) if self.additive else ""
        return f" ({share})" if share else ""

    def sentences(self) -> Iterator[str]:
        """Yield the direct answer, the ranking, the figure over all rows and what was left out."""
        found = self.found
        if not found.groups:
            what = f"with a value for {self.value}" if self.value else "at all"
            yield f"{found.table.name} has no row {what}{self.condition}."
            return
        whole = f"the {self.subject}{self.condition} is {self.figure(found.whole)}"
        if not self.group:
            yield f"T{whole[1:]}{self.over()}."
        else:
            answer = [self.leader()] if self.order != "none" else []
            ranking = [self.ranking()]
            yield from ranking + answer if 1 < self.limit < len(found.groups) else answer + ranking
            if not (answer and self.share(found.whole)):
                yield f"Over all groups {whole}{self.over()}."
        if found.left_out:
            yield f"{found.left_out:,} rows without a {self.value} were left out."
        yield from found.table.notes

    def over(self) -> str:
        """Return how many rows a figure comes from, unless it is that number."""
        rows = self.found.rows - self.found.left_out
        return "" if not self.value else f", from {rows:,} {'row' if rows == 1 else 'rows'}"

    def leader(self) -> str:
        """Return who comes first, with every group that ties for it."""
        top = self.found.groups[0][1]
        leaders = [label for label, value in self.found.groups if value == top]
        rank = "" if self.subject.startswith(self.order) else f"{self.order} "
        subject = f"the {rank}{self.subject}{self.condition}"
        share = self.found.share(top) if self.additive else ""
        part = f" ({share} of the whole {self.figure(self.found.whole)})" if share else ""
        if len(leaders) == 1:
            return f"{leaders[0]} has {subject}: {self.figure(top)}{part}."
        named = ", ".join(leaders[:-1][:8])
        last = leaders[-1] if len(leaders) < 10 else f"{len(leaders) - 8} more"
        return f"{named} and {last} tie for {subject}: {self.figure(top)} each{part}."

    def ranking(self) -> str:
        """Return as many groups as one statement holds."""
        groups = self.found.groups[: self.limit]
        kept = f" (the {len(groups)} {self.order} of {len(self.found.groups)})"
        cut = kept if self.order != "none" and len(groups) < len(self.found.groups) else ""
        sentence = f"{self.subject[:1].upper()}{self.subject[1:]} by {self.by}{self.condition}{cut}"
        parts: list[str] = []
        room = STATEMENT_CHARACTERS - len(sentence) - len(", and 000 more.")
        for label, value in groups:
            part = f"{label} {self.figure(value)}{self.share(value)}"
            room -= len(part) + 2
            if room < 0:
                break
            parts.append(part)
        rest = f", and {len(groups) - len(parts):,} more" if len(parts) < len(groups) else ""
        return f"{sentence}: {', '.join(parts)}{rest}."

    def table(self) -> str:
        """Return the groups as a Markdown table."""
        groups = self.found.groups[: min(self.limit, _MAX_LISTED_GROUPS)]
        rows = [
            [label, self.figure(value), self.share(value).strip(" ()")] for label, value in groups
        ]
        header = [self.by or "group", self.subject, "share"]
        width = 3 if any(row[2] for row in rows) else 2
        return tables.markdown(header[:width], [row[:width] for row in rows])


def _readable(name: str) -> str:
    return name.replace("_", " ")


def _condition(filters: Sequence[Filter]) -> str:
    """Return the conditions in words: ` where country is Spain or France and price > 5`."""
    either: dict[str, list[str]] = {}
    joined: list[str] = []
    for condition in filters:
        if condition.op == "=":
            either.setdefault(condition.column, []).append(condition.value)
        else:
            sign = _OPERATOR_SIGNS.get(condition.op, condition.op)
            joined.append(f"{_readable(condition.column)} {sign} {condition.value}")
    joined += [f"{_readable(column)} is {' or '.join(values)}" for column, values in either.items()]
    return f" where {' and '.join(joined)}" if joined else ""


class _Question:
    """A request read against a table, with marks for the columns and values that it names.

    `@n2` is the number column 2, `@t` text, `@b` bool, `@d` date, `@i` an identifier and `@v0` the
    first value met; `~` instead of `@` marks a near miss, such as a typing error.
    """

    def __init__(self, text: str, table: Table) -> None:
        self.table = table
        self.names = [column.name for column in table.columns]
        self.words, self.values = marked(text, table)
        self.additive = bool(set(tables.words_of(text)) & _ADDITIVE)
        self.where, self.where_certain = self._where()
        self.group, self.period = self._group()
        self.aggregates, self.aggregate_certain = self._aggregate()

    def proposal(self) -> dict[str, list[Candidate]]:
        """Return the candidates of every parameter but the path."""
        found = {
            "group_by": self.group,
            "value": self._value(),
            "aggregate": [
                Candidate(name, "words", certain=self.aggregate_certain and place == 0)
                for place, name in enumerate(self.aggregates)
            ],
            "order": self._order(),
        }
        if limit := re.search(rf"(?:{_HIGH}|{_LOW}|first) (\d+|{_NUMERALS})\b", self.words) or (
            re.search(rf"\b(\d+|{_NUMERALS}) (?:{_HIGH}|{_LOW})", self.words)
        ):
            count = int(limit[1]) if limit[1].isdigit() else _NUMERALS.split("|").index(limit[1])
            found["limit"] = [Candidate(count, "words", certain=True)]
        if self.where:
            filters = [condition.model_dump() for condition in self.where]
            found["where"] = [Candidate(filters, "words", certain=self.where_certain)]
        elif re.search(rf"\b(?:in|for|during) (?:{'|'.join(MONTHS)})\b", self.words):
            # A month of several years is a condition that only a model, or the user, can complete.
            found["where"] = [Candidate([], "default")]
        if self.period:
            found["period"] = [Candidate(self.period, "words", certain=True)]
        return found

    def _take(self, pattern: str) -> Iterator[re.Match[str]]:
        """Yield each match, removed from the words so that nothing is read twice."""
        while found := re.search(pattern, self.words):
            self.words = f"{self.words[: found.start()]} ; {self.words[found.end() :]}"
            yield found

    def _where(self) -> tuple[list[Filter], bool]:
        comparators = "|".join(sorted(_COMPARATORS, key=len, reverse=True))
        pattern = rf"@[ni](\d+) (?:is |are |was |were |of )?({comparators}) (\d\S*)"
        filters = [
            Filter(column=self.names[int(m[1])], op=_COMPARATORS[m[2]], value=m[3])
            for m in self._take(pattern)
        ]
        if len(self.values) == 1 and re.search(_PARTITIVE, self.words):
            # A share of the whole is only seen beside the other groups.
            first = self.values[0][1][0]
            self.words = self.words.replace("@v0", f"for each @t{first}")
        certain = True
        negation = r"(\b(?:not|except|excluding|exclude|without|but) (?:in |for |from |the )?)?"
        for m in self._take(rf"{negation}(?:@[tb](\d+) (?:is |= )?)?@v(\d+)"):
            value, columns = self.values[int(m[3])]
            named = int(m[2]) if m[2] and int(m[2]) in columns else None
            certain &= named is not None or len(columns) == 1
            column = self.names[columns[0] if named is None else named]
            filters.append(Filter(column=column, op="!=" if m[1] else "=", value=value))
        times = self._time_filters()
        dates = [column for column in self.table.columns if column.kind == "date"]
        return filters + times, certain and not (times and len(dates) > 1)

    def _time_filters(self) -> list[Filter]:
        columns = [column.name for column in self.table.columns if column.kind == "date"]
        columns += [name for name in self.names if "year" in tables.words_of(name)]
        if not columns:
            return []
        when = r"\b((?:19|20)\d\d(?:-\d\d){0,2})\b"
        filters = []
        for m in self._take(rf"(?:\b({_TIME_WORDS}) )?{when}(?: (?:to|and|until|through) {when})?"):
            bounds = [(">=", m[2]), ("<=", m[3])] if m[3] else [(_TIME_OPERATORS.get(m[1]), m[2])]
            filters += [Filter(column=columns[0], op=op or "=", value=day) for op, day in bounds]
        return filters

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
        dates = [column.name for column in self.table.columns if column.kind == "date"]
        if dates and (period := _PERIOD.search(self.words)):
            groups = [Candidate(name, "words", certain=len(dates) == 1) for name in dates]
            return groups, _PERIODS[period[1] or period[2]]
        ranked = rf"(?:{_HIGH}|{_LOW}) (?:\w+ )?"
        patterns = [rf"{_BY}(?=.[tbdi])", rf"{ranked}(?=.[tb])", rf"{_NOT_COUNTED}(?=.[tb])"]
        if named := self._marked_after(*patterns):
            sure = named[0].certain and not re.search(patterns[2] + "[@~]", self.words)
            return [Candidate(named[0].value, "words", certain=sure)], ""
        equal = [condition.column for condition in self.where if condition.op == "="]
        if compared := [column for column in dict.fromkeys(equal) if equal.count(column) > 1]:
            return [
                Candidate(column, "words", certain=len(compared) == 1) for column in compared
            ], ""
        if (len(self._mentioned("n")) > 1 or re.search(_MANY, self.words)) and (
            named := self._marked_after(_BY)
        ):
            return named, ""
        if re.search(r"\b(?:by|per|each|every|who|top)\b|\bwhich (?!is|was|are)", self.words):
            return [Candidate(column.name, "context") for column in self._groupable()], ""
        return [Candidate("", "default", certain=True)], ""

    def _groupable(self) -> list[Column]:
        """Return the columns that may part the rows, the likeliest first."""
        people = _PEOPLE if re.search(r"\bwho\b", self.words) else frozenset()
        columns = [column for column in self.table.columns if column.kind != "number"]
        return sorted(
            columns,
            key=lambda column: (
                people.isdisjoint(tables.words_of(column.name)),
                len(set(column.present)),
            ),
        )

    def _aggregate(self) -> tuple[list[str], bool]:
        found = [name for name, words in _AGGREGATE_WORDS.items() if re.search(words, self.words)]
        if found == ["count"]:
            return self._counted()
        if found:
            return found, len(found) == 1
        extreme = "max" if re.search(_HIGH, self.words) else "min"
        ranked = re.search(f"{_HIGH}|{_LOW}", self.words)
        if ranked and not self.group[0].value and self._mentioned("nd"):
            return [extreme], True
        if self.additive:
            return ["sum", "mean", extreme, "count"], bool(self._mentioned("n"))
        if re.search(r"\b(?:most|fewest) (?:@i|rows|records|entries)", self.words):
            return ["count"], True
        return ["mean", "sum", extreme, "count"], False

    def _counted(self) -> tuple[list[str], bool]:
        """Return whether rows, different values or units of a quantity are counted."""
        if named := re.search(rf"{_MANY} @[tbd](\d+)", self.words):
            present = self.table.columns[int(named[1])].present
            repeated = len(set(present)) < len(present)
            return (["distinct", "count"], False) if repeated else (["count"], True)
        units = re.search(rf"{_MANY} (?:units|pieces|items|copies|things)\b", self.words)
        return (["sum", "count"], False) if units and self._quantities() else (["count"], True)

    def _quantities(self) -> set[str]:
        return {name for name in self.names if tables.words_of(name)[-1] in _QUANTITIES}

    def _value(self) -> list[Candidate]:
        if self.aggregates == ["count"]:
            return [Candidate("", "default", certain=True)]
        letters = {"distinct": "tbidn", "max": "nd", "min": "nd"}.get(self.aggregates[0], "n")
        if named := self._mentioned(letters):
            return named
        measures = [c for c in self.table.columns if column_letter(c) == "n"]
        likely = self._quantities() if self.aggregates == ["sum", "count"] else set()
        measures.sort(
            key=lambda column: (
                column.name not in likely,
                _ADDITIVE.isdisjoint(tables.words_of(column.name)),
            )
        )
        return [Candidate(column.name, "context") for column in measures]

    def _order(self) -> list[Candidate]:
        found = [
            name
            for name, words in (("highest", _HIGH), ("lowest", _LOW))
            if re.search(words, self.words)
        ]
        if not found:
            return [Candidate("none", "default", certain=True)]
        return [Candidate(name, "words", certain=len(found) == 1) for name in found]


class DataGroup(Tool[GroupArguments, Grouping]):
    """Groups the rows of a data file and computes one figure for each."""

    spec = ToolSpec(
        name="data_group",
        summary="Compute a total, average, median, minimum, maximum or count from a data file "
        "(CSV, TSV, JSON), for the whole or per group, ranked and with shares.",
        utterances=(
            "which region has the highest total revenue",
            "average price per category",
            "how many orders per country",
            "lowest median salary by department",
            "top 3 customers by sales",
            "what is the total amount",
            "total revenue in 2024",
            "sum of quantity where country is Spain",
            "whats the avg score by class",
            "revenue by month",
            "count rows per status in tickets.csv",
            "who spent the most",
            "best selling product in this csv",
            "what share of sales comes from the north",
            "how many different customers are there",
            "max temperature each day",
            "rank the stores by profit",
            "breakdown of expenses by categroy",
            "group sales.csv by region and sum revenue",
            "which department pays least on average",
            "five most common error codes",
            "percentage of tickets per team",
            "how many people are older than 30",
            "compare north and south by revenue",
            "most expensive item per brand",
            "what did we earn per quarter",
        ),
        parameters=GroupArguments,
        packs=("drummer.analysis", "belter.document"),
        effects=frozenset({Effect.READ_PRIVATE}),
        deadline_s=60.0,
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the file, columns, filters and order that a question names.

        A parameter is certain where the words name a column or a value of the table; otherwise it
        lists the columns that could be meant, best guess first.
        """
        paths = documents.path_candidates(text, context, suffixes=documents.TABLE_SUFFIXES)
        if not paths:
            return {}
        if (table := peek(paths[0].value, context)) is None:
            return {"path": paths}
        return {"path": paths, **_Question(text, table).proposal()}

    def touches(self, args: GroupArguments, context: ToolContext) -> tuple[list[Path], list[Path]]:
        """Return the file that is read."""
        return documents.read_paths(args.path, context), []

    async def execute(self, args: GroupArguments, context: ToolContext) -> Grouping:
        """Read the file and compute. Raises `ToolFailure`."""
        return await asyncio.to_thread(
            lambda: compute(tables.load(args.path, context), args),
        )

    def format(self, args: GroupArguments, raw: Grouping, context: ToolContext) -> ToolResult:
        """Return the direct answer, the ranking and the whole; the table as Markdown."""
        words = _Words(args, raw)
        groups = raw.groups[: min(words.limit, _MAX_LISTED_GROUPS)]
        return ToolResult(
            statements=tuple(one_line(line, STATEMENT_CHARACTERS) for line in words.sentences()),
            text=words.table() if raw.groups else "",
            data={
                "rows": raw.rows,
                "whole": tables.json_value(raw.whole),
                "unit": raw.unit,
                "groups": [
                    {"group": label, "value": tables.json_value(value)} for label, value in groups
                ],
            },
            sources=(documents.source_of(args.path, context),),
            status="ok" if raw.groups else "empty",
            truncated=len(raw.groups) > _MAX_LISTED_GROUPS,
        )


TOOL = DataGroup()
