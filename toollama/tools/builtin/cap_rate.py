"""The tool `cap_rate`: what a let property yields on its price, before and after its costs.

Owns how requests name rent and costs. Computing is `tools.property.returns`'.
"""

import re
from fractions import Fraction

from pydantic import Field

from toollama.tools.base import (
    Arguments,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.property.amounts import (
    AMOUNT,
    PERCENT,
    exact,
    figures,
    first,
    money,
    percent,
    proposed,
    with_plain_amounts,
)
from toollama.tools.property.returns import Returns, returns

_LINK = r"(?: (?:is|are|of|at|was|for|about|to))*:? "
_RENT = r"(?:rents?|renting|rental income|income|noi|net operating income|gross rent)"
_COSTS = r"(?:running costs?|operating costs?|costs?|expenses|opex)"
_PRICE = r"(?:price[sd]?|costing|worth|valued|value|bought|property|house|flat|apartment|building)"
_MONTHLY = r"(?: (?:a|per|each|every) month| ?/ ?mo(?:nth)?\b| monthly|pcm| pcm)"
_LEAST_PRICE = 10_000


class CapRateArguments(Arguments):
    """One year of a let property."""

    price: float = Field(gt=0, le=1e13, description="what the property costs or is worth")
    annual_rent: float = Field(gt=0, le=1e13, description="full rent in a year, or the net income")
    annual_costs: float = Field(
        default=0, ge=0, le=1e13, description="running costs in a year, without the loan"
    )
    vacancy_percent: float = Field(
        default=0, ge=0, le=100, description="share of the rent lost to empty months, in percent"
    )


class CapRate(Tool[CapRateArguments, Returns]):
    """Computes the yields of one property."""

    spec = ToolSpec(
        name="cap_rate",
        summary="Computes the cap rate and gross yield of a rental property from price and rent.",
        utterances=(
            "What is the cap rate of a 400,000 property with a net operating income of 24,000?",
            "cap rate price 300000 rent 1800 a month costs 6000",
            "gross rental yield on a 250k flat that rents for 1,200 a month",
            "rental yield: price 180000, rent 900 per month",
            "what does a house for 500,000 yield at 2,500 rent a month and 8,000 expenses",
            "capitalization rate for NOI 60000 and price 750000",
            "is a 6% cap rate right for 320000 with income of 19200",
            "calculate cap rate rent 36000 expenses 12000 value 400000",
            "net yield of an apartment worth 220000 with rent 1100 a month and costs 2400",
            "return on a rental property bought for 150000, rent 950 a month",
            "what yield do I get with rent 14400 a year on a price of 240000",
            "cap rate with 5% vacancy: price 600000 rent 48000 costs 15000",
            "investment property yield 350k price 1,750 monthly rent",
            "how good is the yield on a building valued 1.2 million renting 84000 a year",
            "buy to let yield for a 275000 flat, rent 1,300 pcm",
            "caprate of a duplex price 410000 noi 28700",
            "NOI 45,000 price 640,000 cap rate?",
            "work out the rental yield for a property worth 199000 and rent 11,940 a year",
            "gross yield and cap rate for a house priced 280000 rent 1500 a month expenses 4200",
            "whats the cap rate if rent is 2000 a month and the price is 310000",
            "rent 1,000 a month, price 160,000, what is the gross yield",
            "yield of a rental with 10% vacancy, price 200000, rent 18000, costs 3000",
        ),
        parameters=CapRateArguments,
        packs=("drummer.analysis", "belter.property"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return price, rent of a year, costs and vacancy; certain if no figure is left."""
        plain = " ".join(re.sub(r",(?!\d)", " ", with_plain_amounts(text)).split())
        rent, costs = _per_year(plain, _RENT), _per_year(plain, _COSTS)
        price = _named(plain, _PRICE) or _largest(plain)
        if rent and price in {rent, rent / 12}:
            price = _largest(plain)
        vacancy = first(plain, rf"{PERCENT} vacancy|vacancy{_LINK}{PERCENT}")
        found = {
            "price": price,
            "annual_rent": rent,
            "annual_costs": costs,
            "vacancy_percent": vacancy,
        }
        read = {name for name, value in found.items() if value is not None}
        certain = len(figures(plain)) == sum(name != "vacancy_percent" for name in read)
        return proposed(found, certain=certain)

    async def execute(self, args: CapRateArguments, context: ToolContext) -> Returns:
        """Compute the yields."""
        return returns(
            exact(args.price),
            rent=exact(args.annual_rent),
            costs=exact(args.annual_costs),
            vacancy=exact(args.vacancy_percent) / 100,
        )

    def format(self, args: CapRateArguments, raw: Returns, context: ToolContext) -> ToolResult:
        """State the cap rate with its two figures; the gross yield where costs make it differ."""
        statements = [
            (
                f"Cap rate {percent(raw.cap_rate)}: net operating income "
                f"{money(raw.operating_income)} a year on a price of {money(raw.price)}."
            )
        ]
        if raw.operating_income != raw.rent:
            statements.append(
                f"Gross yield {percent(raw.gross_yield)}: rent {money(raw.rent)} a year."
            )
        return ToolResult(
            statements=tuple(statements),
            answer=percent(raw.cap_rate),
            data={
                "cap_rate_percent": float(round(100 * raw.cap_rate, 4)),
                "gross_yield_percent": float(round(100 * raw.gross_yield, 4)),
                "net_operating_income": float(round(raw.operating_income, 2)),
            },
            sources=(Source(self.spec.name, self.spec.name),),
        )


def _named(plain: str, name: str) -> Fraction | None:
    """Return the amount that stands beside its name, on either side."""
    return first(
        plain,
        rf"\b{name}{_LINK}{AMOUNT}(?![\d.]| ?%|{_MONTHLY})",
        rf"(?<![\d.]){AMOUNT} (?:(?:a|per) (?:month|year) |monthly |yearly )?(?:in )?{name}\b",
    )


def _per_year(plain: str, name: str) -> Fraction | None:
    """Return an amount for a year; one that is said to be for a month counts twelve times."""
    monthly = first(
        plain,
        rf"\b{name}{_LINK}{AMOUNT}{_MONTHLY}",
        rf"(?<![\d.]){AMOUNT} {name}{_MONTHLY}",
        rf"(?<![\d.]){AMOUNT} monthly {name}\b",
    )
    return 12 * monthly if monthly is not None else _named(plain, name)


def _largest(plain: str) -> Fraction | None:
    """Return the largest amount: no rent or cost of a year exceeds the price."""
    largest = max(figures(plain), default=Fraction(0))
    return largest if largest >= _LEAST_PRICE else None


TOOL = CapRate()
