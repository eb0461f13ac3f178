"""A grouping in words: who leads, the ranking, the figure over all rows; also as a table. Pure."""

from collections.abc import Iterator
from datetime import date

from toollama.tools.language.sentences import STATEMENT_CHARACTERS
from toollama.tools.language.words import counted, listed
from toollama.tools.reading import markdown
from toollama.tools.tabular.aggregates import Aggregate
from toollama.tools.tabular.cells import Cell, label
from toollama.tools.tabular.filters import condition_in_words
from toollama.tools.tabular.grouping import GroupArguments, Grouping

MAX_LISTED_GROUPS = 500
_PHRASES: dict[Aggregate, str] = {
    "sum": "total {}",
    "mean": "average {}",
    "median": "median {}",
    "min": "lowest {}",
    "max": "highest {}",
    "count": "number of rows",
    "distinct": "number of different {} values",
}


class GroupingReport:
    """Words the answer to one call."""

    def __init__(self, args: GroupArguments, found: Grouping) -> None:
        self.found = found
        table = found.table
        self.value = _readable(table.column(args.value).name) if args.value else ""
        self.group = _readable(table.column(args.group_by).name) if args.group_by else ""
        self.order = args.order
        self.limit = args.limit or len(found.groups)
        self.has_shares = args.aggregate in {"sum", "count"} and found.adds_up
        self.condition = condition_in_words(args.where)
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
        return label(cell, self.found.unit)

    def share(self, cell: Cell) -> str:
        """Return a figure as a percentage of the whole, where shares make sense."""
        return self.found.share(cell) if self.has_shares else ""

    @property
    def groups(self) -> tuple[tuple[str, Cell], ...]:
        """Return the groups that are listed."""
        return self.found.groups[: min(self.limit, MAX_LISTED_GROUPS)]

    def answer(self) -> str:
        """Return the name of whoever comes first, or the one figure; empty where neither exists."""
        if not self.found.groups:
            return ""
        if not self.group:
            return self.figure(self.found.whole)
        return listed(self.leaders()) if self.order != "none" else ""

    def leaders(self) -> list[str]:
        """Return the groups that share the first place."""
        top = self.found.groups[0][1]
        return [name for name, value in self.found.groups if value == top]

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
            if not (answer and self.has_shares):
                yield f"Over all groups {whole}{self.over()}."
        if found.left_out:
            rows = counted(found.left_out, "row", grouped=True)
            verb = "was" if found.left_out == 1 else "were"
            yield f"{rows} without a {self.value} {verb} left out."
        yield from found.table.notes

    def over(self) -> str:
        """Return how many rows a figure comes from, unless it is that number."""
        rows = self.found.rows - self.found.left_out
        return f", from {counted(rows, 'row', grouped=True)}" if self.value else ""

    def leader(self) -> str:
        """Return who comes first, with every group that ties for it."""
        top = self.found.groups[0][1]
        leaders = self.leaders()
        said = self.subject.startswith((self.order, "earliest", "latest"))
        rank = "" if said else f"{self.order} "
        subject = f"the {rank}{self.subject}{self.condition}"
        share = self.share(top)
        part = f" ({share} of the whole {self.figure(self.found.whole)})" if share else ""
        if len(leaders) == 1:
            return f"{leaders[0]} has {subject}: {self.figure(top)}{part}."
        named = leaders if len(leaders) < 10 else [*leaders[:8], f"{len(leaders) - 8} more"]
        return f"{listed(named)} tie for {subject}: {self.figure(top)} each{part}."

    def ranking(self) -> str:
        """Return as many groups as one statement holds."""
        groups = self.found.groups[: self.limit]
        kept = f" (the {len(groups)} {self.order} of {len(self.found.groups)})"
        cut = kept if self.order != "none" and len(groups) < len(self.found.groups) else ""
        sentence = f"{self.subject[:1].upper()}{self.subject[1:]} by {self.by}{self.condition}{cut}"
        parts: list[str] = []
        room = STATEMENT_CHARACTERS - len(sentence) - len(", and 000 more.")
        for name, value in groups:
            share = f" ({self.share(value)})" if self.has_shares else ""
            part = f"{name} {self.figure(value)}{share}"
            room -= len(part) + 2
            if room < 0:
                break
            parts.append(part)
        rest = f", and {len(groups) - len(parts):,} more" if len(parts) < len(groups) else ""
        return f"{sentence}: {', '.join(parts)}{rest}."

    def table(self) -> str:
        """Return the groups as a Markdown table."""
        rows = [[name, self.figure(value), self.share(value)] for name, value in self.groups]
        header = [self.by or "group", self.subject, "share"]
        width = 3 if self.has_shares else 2
        return markdown.table(header[:width], [row[:width] for row in rows])


def _readable(name: str) -> str:
    return name.replace("_", " ")
