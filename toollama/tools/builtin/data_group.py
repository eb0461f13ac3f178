"""The tool `data_group`: one exact figure per group of a data file, ranked.

What a sentence asks is `tools.table_questions`', the figures `tools.grouping`'s, the sentences
`tools.grouping_report`'s.
"""

import asyncio
from pathlib import Path

from toollama.policy import Effect
from toollama.text import one_line
from toollama.tools.base import Proposal, Tool, ToolContext, ToolResult, ToolSpec
from toollama.tools.language.sentences import STATEMENT_CHARACTERS
from toollama.tools.reading import files
from toollama.tools.reading.requested_files import TABLE_SUFFIXES, path_candidates
from toollama.tools.tabular import tables
from toollama.tools.tabular.cells import json_value
from toollama.tools.tabular.grouping import GroupArguments, Grouping, compute
from toollama.tools.tabular.grouping_report import GroupingReport
from toollama.tools.tabular.table_questions import propose_grouping
from toollama.tools.tabular.unknown_measure import objection


class DataGroup(Tool[GroupArguments, Grouping]):
    """Groups the rows of a data file and computes one figure for each."""

    spec = ToolSpec(
        name="data_group",
        summary="Compute a total, average, median, minimum, maximum or count from a data file "
        "(CSV, TSV, JSON), for the whole or per group, ranked and with shares.",
        utterances=(
            "which region has the highest total revenue",
            "average price per category",
            "how many tickets for each status are in tickets.csv",
            "how many orders per country",
            "number of visits for each page in visits.csv",
            "how many shipments for every warehouse does stock.csv have",
            "mean delay by carrier",
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
            "what share of the total is it",
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
            "mean income for each district",
            "average mark by subject",
            "what did we spend on food in costs.csv",
            "how much was sold in march",
            "how many open issues does each owner have",
            "sum the hours by employee",
            "lowest price per shop in prices.csv",
            "which month was the best",
            "median rent of flats with 2 rooms",
            "number of rows where status equals closed",
            "total per supplier, largest first",
            "who sold the least",
            "how much of the budget goes to marketing",
            "max and min temperature by station",
            "average age of the passengers in titanic.csv",
            "count how often every value of city occurs",
            "top ten by score in results.json",
            "turnover by country and year",
            "total hours per nurse in shifts.csv",
            "what is the mean weight in fish.csv",
            "highest expense in spending.csv",
            "which seller in deals.csv sold for more than 500",
            "how much did we sell to Italy in orders.csv",
            "biggest order in the file orders.csv",
            "average score by school in exams.csv",
            "spending on hotels in trips.csv",
            "which country brings in the most money",
            "customers with more than 3 orders",
            "typical salary in each city",
            "how many votes did all candidates in election.json get together",
            "how many people live in all the towns of towns.csv altogether",
            "who is the oldest member in club.csv",
            "which mountain in peaks.json is the tallest",
            "which parcel in parcels.csv is the heaviest",
            "what is the cheapest phone in phones.csv",
            "the fastest runner in race.csv",
            "which bridge is the longest in bridges.csv",
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
        paths = path_candidates(text, context, suffixes=TABLE_SUFFIXES)
        if not paths:
            return {}
        if (table := tables.peek(paths[0].value, context)) is None:
            return {"path": paths}
        return {"path": paths, **propose_grouping(text, table)}

    def objection(self, text: str, context: ToolContext) -> str:
        """Return that the file has no column for what is to be averaged, where it has none."""
        paths = path_candidates(text, context, suffixes=TABLE_SUFFIXES)
        return objection(text, tables.peek(paths[0].value, context)) if paths else ""

    def touches(self, args: GroupArguments, context: ToolContext) -> tuple[list[Path], list[Path]]:
        """Return the file that is read."""
        return files.read_paths(args.path, context), []

    async def execute(self, args: GroupArguments, context: ToolContext) -> Grouping:
        """Read the file and compute. Raises `ToolFailure`."""
        return await asyncio.to_thread(lambda: compute(tables.load(args.path, context), args))

    def format(self, args: GroupArguments, raw: Grouping, context: ToolContext) -> ToolResult:
        """Return the direct answer, the ranking and the whole; the table as Markdown."""
        report = GroupingReport(args, raw)
        return ToolResult(
            statements=tuple(one_line(line, STATEMENT_CHARACTERS) for line in report.sentences()),
            answer=one_line(report.answer()),
            text=report.table() if raw.groups else "",
            data={
                "rows": raw.rows,
                "whole": json_value(raw.whole),
                "unit": raw.unit,
                "groups": [
                    {"group": name, "value": json_value(value)} for name, value in report.groups
                ],
            },
            sources=(files.source_of(args.path, context),),
            status="ok" if raw.groups else "empty",
            truncated=len(report.groups) < min(report.limit, len(raw.groups)),
        )


TOOL = DataGroup()
