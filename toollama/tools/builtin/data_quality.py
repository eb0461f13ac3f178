"""The tool `data_quality`: how complete and how fresh the data of a report are.

Owns how requests tell sections and dates. The formula is `tools.property.quality`'.
"""

import re
from datetime import date

from pydantic import Field

from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.numbers.number_words import with_digits
from toollama.tools.property.amounts import percent
from toollama.tools.property.quality import DataQuality, quality
from toollama.tools.refusal import refusal

_OUT_OF = re.compile(r"\b(\d{1,4}) ?(?:/|of(?: the)?|out of) ?(\d{1,4})\b(?![-/])")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


class DataQualityArguments(Arguments):
    """What of a report is there, and from when."""

    filled: int = Field(ge=0, le=10_000, description="sections or fields that have data")
    requested: int = Field(ge=1, le=10_000, description="sections or fields that were asked for")
    source_dates: str = Field(
        default="", max_length=2000, description="dates of the sources, such as 2026-05-01"
    )


class DataQualityTool(Tool[DataQualityArguments, DataQuality]):
    """Computes one quality."""

    spec = ToolSpec(
        name="data_quality",
        summary="Scores the data quality of a report: completeness of its sections and freshness.",
        utterances=(
            "Data quality of a report with 8 of 10 sections filled and sources from 2026-05-01",
            "how complete is the data with 7 of 9 fields",
            "data quality score: 12 out of 15 fields, sources dated 2025-11-30 and 2026-02-14",
            "rate the data quality 5/8 sections",
            "completeness of 18 out of 20 sections",
            "what is the data quality if 3 of 12 sections have data",
            "quality of the property data: 6 of 7 sections, newest source 2026-01-15",
            "score data completeness and freshness, 9 of 10, 2024-06-01",
            "how fresh and complete are my sources: 4 of 5 sections, 2026-03-03",
            "compute a data quality score for 10/10 sections and dates 2023-01-01, 2026-01-01",
            "data quality 8/9",
            "is the report complete with 11 of 14 sections",
            "how good is the data when 2 of 6 sections are filled",
            "evaluate data quality: 15 of 16 fields, last updated 2025-08-20",
            "freshness of sources dated 2025-01-01 and completeness 7 of 7",
            "dta quality for 9 of 12 sections",
            "what quality does a property report with 5 of 6 sections from 2024-10-10 have",
            "report completeness 13 of 20 and sources of 2026-07-01",
            "give the data quality for 1 of 4 sections answered",
            "quality score of a dataset with 30 of 40 fields filled in",
            "check data quality, 6/6 sections, all sources from 2026-09-01",
        ),
        parameters=DataQualityArguments,
        packs=("drummer.analysis", "belter.property"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the share of filled sections and the dates that the words tell."""
        plain = with_digits(_DATE.sub(" ", text))
        found: dict[str, list[Candidate]] = {}
        if share := _OUT_OF.search(plain):
            found["filled"] = [Candidate(int(share[1]), "words", certain=True)]
            found["requested"] = [Candidate(int(share[2]), "words", certain=True)]
        if dates := _DATE.findall(text):
            found["source_dates"] = [Candidate(", ".join(dates), "words", certain=True)]
        return found

    async def execute(self, args: DataQualityArguments, context: ToolContext) -> DataQuality:
        """Compute the quality as of today. Raises `ToolFailure` for impossible figures."""
        if args.filled > args.requested:
            raise refusal(
                f"{args.filled} of {args.requested} sections cannot be filled",
                fix="give the filled sections first, such as 8 of 10",
            )
        today = context.clock.now().date()
        return quality(args.filled, args.requested, dates=_dates(args.source_dates), today=today)

    def format(
        self, args: DataQualityArguments, raw: DataQuality, context: ToolContext
    ) -> ToolResult:
        """State the score and its parts; what no formula can know is not scored."""
        shown = f"{float(round(raw.score, 1)):g}"
        fresh = "unknown (no dates)" if raw.freshness is None else percent(raw.freshness)
        return ToolResult(
            statements=(
                (
                    f"Data quality {shown} of 100 (ToolLama's own formula): completeness "
                    f"{percent(raw.completeness)} ({args.filled} of {args.requested}), "
                    f"freshness {fresh}."
                ),
            ),
            answer=shown,
            data={
                "score": float(raw.score),
                "completeness": float(raw.completeness),
                "freshness": None if raw.freshness is None else float(raw.freshness),
            },
            sources=(Source(self.spec.name, self.spec.name),),
        )


def _dates(text: str) -> list[date]:
    try:
        return [date.fromisoformat(found) for found in _DATE.findall(text)]
    except ValueError as error:
        raise refusal(f"{text[:40]}: {error}", fix="write dates as 2026-05-01") from error


TOOL = DataQualityTool()
