"""The tool `population`: how many people live in a country, or in two, by the World Bank.

Indicator SP.POP.TOTL, GET /v2/country/{iso3}/indicator/SP.POP.TOTL, with a semicolon between two
countries, documented at https://datahelpdesk.worldbank.org/knowledgebase/articles/898581. Not yet
run against the real service.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Rate,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.countries.iso import code_of, countries_in
from toollama.tools.language.sentences import fit
from toollama.tools.refusal import refusal
from toollama.tools.upstream import Document, read_as

_HOST = "api.worldbank.org"
_INDICATOR = "SP.POP.TOTL"
_YEAR = re.compile(r"\b(?:in|of|for|year) (19[6-9]\d|20\d\d)\b")


class PopulationArguments(Arguments):
    """Of which country, and when."""

    country: str = Field(min_length=2, max_length=60, description="its English name or ISO code")
    compared_with: str = Field(
        default="", max_length=60, description="a second country; empty for one alone"
    )
    year: int | None = Field(default=None, ge=1960, le=2100, description="without it the newest")


class _Named(Document):
    value: str


class _Row(Document):
    """One year of one country; the value is None where it is not known."""

    country: _Named
    countryiso3code: str = ""
    date: str
    value: int | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many people lived in a country."""

    country: str
    year: int
    inhabitants: int

    def sentence(self) -> str:
        """Return the count with its year."""
        return f"{self.country} had {self.inhabitants:,} inhabitants in {self.year} (World Bank)."


class Population(Tool[PopulationArguments, tuple[Count, ...]]):
    """Counts the people of one country, or of two."""

    spec = ToolSpec(
        name="population",
        summary="Tell the population of a country or two, now or in a past year (World Bank).",
        utterances=(
            "population of Kenya",
            "how many people live in Japan",
            "what is the population of Norway",
            "population Brazil 1990",
            "how many inhabitants does Portugal have",
            "number of people in India",
            "Nigeria population",
            "how big is the population of Mexico",
            "what was the population of Ireland in 1970",
            "world population",
            "how populous is Vietnam",
            "inhabitants of Iceland",
            "people living in Egypt",
            "how many Canadians are there, population of Canada",
            "populaton of Peru",
            "tell me the population of Ghana in 2010",
            "population figures for South Korea",
            "how many people are there on earth",
            "total population Australia",
            "country population lookup Chile",
            "how many citizens live in Sweden",
            "population count of Ethiopia",
            "compare the population of Nepal and Bhutan",
            "does Poland have more people than Ukraine",
            "which has more inhabitants, Chile or Ecuador",
        ),
        parameters=PopulationArguments,
        packs=("drummer.analysis", "belter.knowledge"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(_HOST,),
        provider="world_bank",
        rates=(Rate(5, 1.0),),
        cache_ttl_s=86_400.0,
        homepage="https://datahelpdesk.worldbank.org/knowledgebase/topics/125589",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the countries and the year that are named; two are compared."""
        found: dict[str, list[Candidate]] = {}
        names = countries_in(text)
        if len(names) == 2:
            found["country"] = [Candidate(names[0], "words", certain=True)]
            found["compared_with"] = [Candidate(names[1], "words", certain=True)]
        elif names:
            certain = len(names) == 1
            found["country"] = [Candidate(name, "words", certain=certain) for name in names]
        if match := _YEAR.search(text) or re.search(r"\b(19[6-9]\d|20[0-4]\d)\b", text):
            found["year"] = [Candidate(int(match[1]), "words", certain=True)]
        return found

    async def execute(self, args: PopulationArguments, context: ToolContext) -> tuple[Count, ...]:
        """Fetch the newest counts, or those of the year. Raises `ToolFailure`."""
        codes = [_code(name) for name in _names(args)]
        when: dict[str, str | int] = {"date": args.year} if args.year else {"mrnev": 1}
        answer = await context.http.get_json(
            f"https://{_HOST}/v2/country/{';'.join(codes)}/indicator/{_INDICATOR}",
            params={"format": "json", **when},
            hosts=self.spec.hosts,
        )
        page = read_as(list[Any], answer, service=_HOST)
        if len(page) < 2 or not page[1]:
            return ()
        rows = read_as(tuple[_Row, ...], page[1], service=_HOST)
        known = {
            row.countryiso3code: Count(row.country.value, int(row.date), row.value)
            for row in rows
            if row.value is not None
        }
        return tuple(known[code] for code in codes if code in known) or tuple(known.values())

    def format(
        self, args: PopulationArguments, raw: tuple[Count, ...], context: ToolContext
    ) -> ToolResult:
        """State the counts with their years, and of two which is larger."""
        source = Source(
            title=f"World Bank: population ({_INDICATOR})",
            locator=f"https://data.worldbank.org/indicator/{_INDICATOR}",
            retrieved_at=context.clock.now().isoformat(timespec="seconds"),
        )
        if not raw:
            when = f" in {args.year}" if args.year else ""
            said = f"The World Bank has no population of {' or '.join(_names(args))}{when}."
            return ToolResult((fit(said),), sources=(source,), status="empty")
        rows = [
            {"country": count.country, "year": count.year, "population": count.inhabitants}
            for count in raw
        ]
        told = [count.sentence() for count in raw]
        if args.compared_with:
            told = _comparison(args, raw) + told
        return ToolResult(
            tuple(map(fit, told)),
            answer="" if args.compared_with else f"{raw[0].inhabitants:,}",
            data=rows if args.compared_with else rows[0],
            sources=(source,),
        )


def _names(args: PopulationArguments) -> list[str]:
    return [name for name in (args.country, args.compared_with) if name]


def _code(country: str) -> str:
    """Return the ISO code of a country. Raises `ToolFailure`."""
    if code := code_of(country):
        return code
    raise refusal(
        f"{country} is no country that is known here",
        fix="write its English name or its ISO code, as Kenya or KEN",
    )


def _comparison(args: PopulationArguments, counts: Sequence[Count]) -> list[str]:
    """Return which of two countries has more people, or that one count is missing."""
    if len(counts) < 2:
        missing = f"The World Bank has a count for only one of {' and '.join(_names(args))}."
        return [missing]
    less, more = sorted(counts, key=lambda count: count.inhabitants)
    difference = more.inhabitants - less.inhabitants
    return [f"{more.country} had {difference:,} more inhabitants than {less.country}."]


TOOL = Population()
