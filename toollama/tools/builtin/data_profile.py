"""The tool `data_profile`: what a data file holds, column by column. It never ranks groups."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path

from pydantic import Field

from toollama.policy import Effect
from toollama.text import one_line
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.language.sentences import STATEMENT_CHARACTERS
from toollama.tools.language.words import counted
from toollama.tools.reading import files, markdown
from toollama.tools.reading.requested_files import TABLE_SUFFIXES, path_candidates
from toollama.tools.tabular import column_statistics, tables
from toollama.tools.tabular.stems import stems
from toollama.tools.tabular.table_vocabulary import HIGH, LOW
from toollama.tools.tabular.tables import Table
from toollama.tools.tabular.unknown_measure import objection

_MAX_STATEMENTS = 12
_OF_ROWS = re.compile(r"\b(?:per|by|for (?:each|every)|each|every|who|whose)\b", re.IGNORECASE)


class ProfileArguments(Arguments):
    """Which file to describe."""

    path: str = Field(description="a CSV, TSV, JSON or JSONL file, or stdin")
    column: str = Field(default="", description="describe this column only; empty for all")


class DataProfile(Tool[ProfileArguments, Table]):
    """Describes the columns of a data file."""

    spec = ToolSpec(
        name="data_profile",
        summary="Describe a data file (CSV, TSV, JSON): rows, columns, types, missing values, "
        "and the minimum, maximum, mean, median and sum of its numbers.",
        utterances=(
            "what is in sales.csv",
            "describe this csv",
            "profile the attached data",
            "summary statistics for data.csv",
            "how many rows and columns does it have",
            "which columns are there",
            "what columns does orders.csv have",
            "are there missing values in this file",
            "how many nulls per column",
            "basic stats pls",
            "data overview",
            "give me an overview of the dataset",
            "whats the structure of this json",
            "show me min max and mean of every column",
            "schema of events.jsonl",
            "column types of survey.tsv",
            "is this data clean",
            "explore the spreadsheet i attached",
            "how big is the table",
            "how many distinct values does country have",
            "sumarize the csv colums",
            "what kind of data am i looking at",
            "quick eda on results.csv",
            "what are the most common values in each column",
            "how many records are in orders.csv",
            "any blank cells in the table",
            "which fields does the json have",
            "mean and standard deviation of each column",
            "data quality of leads.csv",
            "list the column names",
            "what does this dataset contain",
            "first look at data.tsv",
            "number of rows in the csv",
            "are the columns numeric or text",
            "find empty values and duplicates in customers.csv",
            "dimensions of the table",
            "tell me about the file metrics.csv",
            "does this sheet have gaps",
            "range of values in every column",
            "what do i have in survey.csv, which columns and is anything missing",
        ),
        parameters=ProfileArguments,
        packs=("drummer.analysis", "belter.document"),
        effects=frozenset({Effect.READ_PRIVATE}),
        deadline_s=60.0,
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the data files that the words or attachments name, and the column if one is."""
        paths = path_candidates(text, context, suffixes=TABLE_SUFFIXES)
        if not paths:
            return {}
        table = tables.peek(paths[0].value, context)
        asked = f" {' '.join(stems(text))} "
        columns = [
            column.name
            for column in (table.columns if table else ())
            if f" {' '.join(stems(column.name))} " in asked
        ]
        if _OF_ROWS.search(text):  # that is what data_group and data_rows are for
            paths = tuple(replace(path, certain=False) for path in paths)
        if len(columns) != 1:
            return {"path": paths}
        ranks = re.search(f"{HIGH}|{LOW}", text, re.IGNORECASE)
        return {"path": paths, "column": [Candidate(columns[0], "words", certain=not ranks)]}

    def objection(self, text: str, context: ToolContext) -> str:
        """Return that the file has no column for what is to be averaged, where it has none."""
        paths = path_candidates(text, context, suffixes=TABLE_SUFFIXES)
        return objection(text, tables.peek(paths[0].value, context)) if paths else ""

    def touches(
        self, args: ProfileArguments, context: ToolContext
    ) -> tuple[list[Path], list[Path]]:
        """Return the file that is read."""
        return files.read_paths(args.path, context), []

    async def execute(self, args: ProfileArguments, context: ToolContext) -> Table:
        """Read the table. Raises `ToolFailure`."""
        table = await asyncio.to_thread(tables.load, args.path, context)
        if args.column:
            return Table(table.name, (table.column(args.column),), table.rows, table.notes)
        return table

    def format(self, args: ProfileArguments, raw: Table, context: ToolContext) -> ToolResult:
        """Return one sentence per column, and all of them as a Markdown table."""
        names = ", ".join(column.name for column in raw.columns)
        count, size = counted(len(raw.columns), "column"), counted(raw.rows, "row", grouped=True)
        first = f"{raw.name} has {size}; it describes {names}."
        if not args.column:
            first = f"{raw.name} has {size} and {count}: {names}."
        sentences = [
            first,
            *raw.notes,
            *(column_statistics.sentence(column) for column in raw.columns),
        ]
        return ToolResult(
            statements=tuple(
                one_line(sentence, STATEMENT_CHARACTERS)
                for sentence in sentences[: _MAX_STATEMENTS + len(raw.notes)]
            ),
            text=markdown.table(
                column_statistics.HEADER, [column_statistics.row(column) for column in raw.columns]
            ),
            data={
                "rows": raw.rows,
                "columns": [column_statistics.record(column) for column in raw.columns],
            },
            sources=(files.source_of(args.path, context),),
        )


TOOL = DataProfile()
