"""The tool `census_profile`: income, rents, home values and age around a US address."""

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Proposal,
    Rate,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.keyed import required_key
from toollama.tools.language.asks import compile_asks, proposed
from toollama.tools.language.sentences import fit
from toollama.tools.property.census_tracts import (
    DATA_HOST,
    GEOCODER_HOST,
    YEAR,
    Neighbourhood,
    find_tract,
    survey,
)

_KEY = "CENSUS_API_KEY"
_ASKS = compile_asks(
    r"(?:around|at|of|for|near|in|about) (?P<address>\d+ [^?!]+)",
    r"(?P<address>\d+ [^?!,]+,[^?!]+)",
)


class CensusArguments(Arguments):
    """Where."""

    address: str = Field(min_length=8, max_length=200, description="a US street address")


class CensusProfile(Tool[CensusArguments, Neighbourhood | None]):
    """Describes a neighbourhood."""

    spec = ToolSpec(
        name="census_profile",
        summary="Tell income, age, rents and home values around a US address (Census).",
        utterances=(
            "demographics around 12 Oak St, Columbus, OH",
            "median income near 900 Pine Ave, Boise, ID",
            "census data for 77 Elm Rd, Albany, NY",
            "who lives around 1 Main St, Burlington, VT",
            "neighborhood profile of 45 Bay Blvd, Tampa, FL",
            "median home value near 300 Lake St, Madison, WI",
            "census tract figures for 18 Cedar Ln, Austin, TX",
            "how rich is the area at 210 Hill Dr, Denver, CO",
            "typical rent in the neighborhood of 9 River Rd, Portland, OR",
            "median age around 64 Mill St, Reno, NV",
            "population of the census tract at 33 Park Pl, Dayton, OH",
            "household income by 720 Sunset Blvd, Mesa, AZ",
            "acs data for 14 Church St, Salem, MA",
            "describe the people near 250 Vine St, Omaha, NE",
            "american community survey 81 Ridge Ct, Tulsa, OK",
            "area statistics for 5 Birch Way, Salem, OR",
            "sensus profile 66 Maple St, Akron, OH",
            "income level of the neighbourhood at 402 Front St, Wilmington, NC",
            "demographic information on 31 Garden St, Macon, GA",
            "what is the community like at 8 Harbor Ln, Portland, ME, census wise",
        ),
        parameters=CensusArguments,
        packs=("belter.property",),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(GEOCODER_HOST, DATA_HOST),
        credentials=(_KEY,),
        provider="us_census",
        rates=(Rate(5, 1.0),),
        cache_ttl_s=86_400.0,
        homepage="https://www.census.gov/data/developers.html",
        deadline_s=30.0,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the address."""
        return proposed(text, _ASKS)

    async def execute(self, args: CensusArguments, context: ToolContext) -> Neighbourhood | None:
        """Find the tract, then its figures. Raises `ToolFailure`."""
        key = required_key(_KEY, host=DATA_HOST, context=context)
        found = await find_tract(context.http, args.address)
        if found is None:
            return None
        address, tract = found
        return await survey(context.http, address, tract, key=key)

    def format(
        self, args: CensusArguments, raw: Neighbourhood | None, context: ToolContext
    ) -> ToolResult:
        """State people and age, then money."""
        source = Source(
            title=f"US Census Bureau: ACS five-year estimates {YEAR}",
            locator=f"https://{DATA_HOST}/data/{YEAR}/acs/acs5",
            retrieved_at=context.clock.now().isoformat(timespec="seconds"),
        )
        if raw is None:
            said = f'The Census Bureau has no figures for "{args.address}".'
            return ToolResult((fit(said),), sources=(source,), status="empty")
        statements = [
            _sentence(
                raw,
                {"population": "{:,.0f} inhabitants", "median_age": "a median age of {:g}"},
                f"{raw.name}, around {raw.address}, has",
            ),
            _sentence(
                raw,
                {
                    "median_income": "median household income ${:,.0f}",
                    "median_home_value": "median home value ${:,.0f}",
                    "median_rent": "median rent ${:,.0f} a month",
                },
                "Its figures:",
            ),
        ]
        return ToolResult(
            tuple(map(fit, filter(None, statements))),
            answer=f"{raw.figures['median_income']:,.0f}" if "median_income" in raw.figures else "",
            data={"address": raw.address, "tract": raw.name, **raw.figures},
            sources=(source,),
        )


def _sentence(raw: Neighbourhood, forms: dict[str, str], opening: str) -> str:
    parts = [form.format(raw.figures[name]) for name, form in forms.items() if name in raw.figures]
    return f"{opening} {', '.join(parts)} (census {YEAR})." if parts else ""


TOOL = CensusProfile()
