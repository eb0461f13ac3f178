"""The tool `population`: how many people live in a country, by the World Bank.

Indicator SP.POP.TOTL, GET /v2/country/{iso3}/indicator/SP.POP.TOTL, documented at
https://datahelpdesk.worldbank.org/knowledgebase/articles/898581. Not yet run against the real
service.
"""

import re
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
    year: int | None = Field(default=None, ge=1960, le=2100, description="without it the newest")


class _Named(Document):
    value: str


class Count(Document):
    """The population of one year; the value is None where it is not known."""

    country: _Named
    date: str
    value: int | None


class Population(Tool[PopulationArguments, Count | None]):
    """Counts a country's people."""

    spec = ToolSpec(
        name="population",
        summary="Tell the population of a country, now or in a past year (World Bank).",
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
        """Offer the countries and the year that are named."""
        found: dict[str, list[Candidate]] = {}
        if names := countries_in(text):
            certain = len(names) == 1
            found["country"] = [Candidate(name, "words", certain=certain) for name in names]
        if match := _YEAR.search(text) or re.search(r"\b(19[6-9]\d|20[0-4]\d)\b", text):
            found["year"] = [Candidate(int(match[1]), "words", certain=True)]
        return found

    async def execute(self, args: PopulationArguments, context: ToolContext) -> Count | None:
        """Fetch the newest count, or that of the year. Raises `ToolFailure`."""
        code = code_of(args.country)
        if code is None:
            raise refusal(
                f"{args.country} is no country that is known here",
                fix="write its English name or its ISO code, as Kenya or KEN",
            )
        when: dict[str, str | int] = {"date": args.year} if args.year else {"mrnev": 1}
        answer = await context.http.get_json(
            f"https://{_HOST}/v2/country/{code}/indicator/{_INDICATOR}",
            params={"format": "json", **when},
            hosts=self.spec.hosts,
        )
        page = read_as(list[Any], answer, service=_HOST)
        if len(page) < 2 or not page[1]:
            return None
        counts = read_as(tuple[Count, ...], page[1], service=_HOST)
        return counts[0] if counts[0].value is not None else None

    def format(
        self, args: PopulationArguments, raw: Count | None, context: ToolContext
    ) -> ToolResult:
        """State the count with its year."""
        source = Source(
            title=f"World Bank: population ({_INDICATOR})",
            locator=f"https://data.worldbank.org/indicator/{_INDICATOR}",
            retrieved_at=context.clock.now().isoformat(timespec="seconds"),
        )
        if raw is None or raw.value is None:
            when = f" in {args.year}" if args.year else ""
            said = f"The World Bank has no population of {args.country}{when}."
            return ToolResult((fit(said),), sources=(source,), status="empty")
        said = f"{raw.country.value} had {raw.value:,} inhabitants in {raw.date} (World Bank)."
        return ToolResult(
            (fit(said),),
            answer=f"{raw.value:,}",
            data={"country": raw.country.value, "year": int(raw.date), "population": raw.value},
            sources=(source,),
        )


TOOL = Population()
