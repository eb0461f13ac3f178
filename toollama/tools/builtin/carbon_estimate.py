"""The tool `carbon_estimate`: the CO2 of a journey or an amount of energy, computed here."""

import re
from decimal import Decimal
from typing import Literal

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
from toollama.tools.emissions.factors import FACTORS, KM_PER_MILE, activity_in
from toollama.tools.language.sentences import fit
from toollama.tools.refusal import refusal

_AMOUNT = re.compile(
    r"(?P<amount>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?) ?"
    r"(?P<unit>km|kilomet(?:re|er)s?|mi(?:les?)?|kwh|kilowatt.hours?|lit(?:re|er)s?|l)\b",
    re.IGNORECASE,
)


class CarbonArguments(Arguments):
    """What was done, and how much of it."""

    activity: Literal[
        "petrol_car", "diesel_car", "train", "coach", "bus", "domestic_flight", "short_flight",
        "long_flight", "uk_electricity", "us_electricity", "natural_gas", "petrol", "diesel",
    ]  # fmt: skip
    amount: Decimal = Field(gt=0, le=10**9, description="how many units")
    unit: Literal["km", "mile", "kWh", "litre"]
    passengers: int = Field(default=1, ge=1, le=1000, description="people who travel")


class CarbonEstimate(Tool[CarbonArguments, Decimal]):
    """Multiplies an amount with a published factor."""

    spec = ToolSpec(
        name="carbon_estimate",
        summary="Estimate the CO2 of a journey, electricity, gas or fuel, from public factors.",
        utterances=(
            "carbon footprint of driving 500 km",
            "how much CO2 does a 300 km train ride cause",
            "emissions of a 1200 km flight",
            "co2 of 250 kWh of UK electricity",
            "carbon footprint of 40 litres of petrol",
            "how much carbon is 3000 kWh natural gas",
            "estimate the CO2 of a 90 km bus trip",
            "is the train greener than the car for 400 km",
            "greenhouse gases from flying 6000 km",
            "kg co2 for 100 miles by car",
            "emission estimate for a coach ride of 250 km",
            "what does 60 litres of diesel emit",
            "carbon of a domestic flight of 500 km",
            "how many kilos of CO2 for 800 miles in a diesel car",
            "climate impact of a long-haul flight of 9000 km",
            "CO2 for 1000 kWh american electricity",
            "my commute is 30 km by car, what are the emissions",
            "carbon footpint of a 2000 km flight",
            "how bad is a short-haul flight of 900 km for the climate",
            "emissions if i drive 120 miles",
            "co2 output burning 20 litres gasoline",
        ),
        parameters=CarbonArguments,
        packs=("drummer.analysis",),
        homepage="https://www.gov.uk/government/collections/government-conversion-factors-for-company-reporting",
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the amount with its unit, and the activity that the words name."""
        found: dict[str, list[Candidate]] = {}
        kilometres = None
        if match := _AMOUNT.search(text):
            amount, unit = Decimal(match["amount"].replace(",", "")), _unit(match["unit"])
            found["amount"] = [Candidate(amount, "words", certain=True)]
            found["unit"] = [Candidate(unit, "words", certain=True)]
            kilometres = {"km": amount, "mile": amount * KM_PER_MILE}.get(unit)
        if activity := activity_in(text, kilometres=kilometres):
            found["activity"] = [Candidate(activity, "words", certain=True)]
        return found

    async def execute(self, args: CarbonArguments, context: ToolContext) -> Decimal:
        """Return kg CO2e. Raises `ToolFailure` for a unit that does not measure the activity."""
        factor = FACTORS[args.activity]
        amount, unit = args.amount, args.unit
        if unit == "mile":
            amount, unit = amount * KM_PER_MILE, "km"
        if unit != factor.unit:
            raise refusal(
                f"{args.activity} is measured in {factor.unit}, not in {args.unit}",
                fix=f"give the amount in {factor.unit}",
            )
        people = args.passengers if factor.per_passenger else 1
        return amount * factor.kg_per_unit * people

    def format(self, args: CarbonArguments, raw: Decimal, context: ToolContext) -> ToolResult:
        """State the estimate with the factor that it rests on."""
        factor = FACTORS[args.activity]
        kilograms = f"{raw:,.1f}" if raw < 1000 else f"{raw:,.0f}"
        plural = "s" if args.amount != 1 and args.unit in {"mile", "litre"} else ""
        people = f" for {args.passengers} people" if args.passengers > 1 else ""
        said = (
            f"{args.amount:,f} {args.unit}{plural} {factor.name}{people} cause about "
            f"{kilograms} kg CO2e ({factor.kg_per_unit} kg per {factor.unit}, {factor.source})."
        )
        return ToolResult(
            (fit(said),),
            answer=f"{kilograms} kg",
            data={
                "activity": args.activity,
                "kg_co2e": float(raw),
                "kg_per_unit": float(factor.kg_per_unit),
                "factor_unit": factor.unit,
            },
            sources=(Source(title=factor.source, locator=factor.url),),
        )


def _unit(word: str) -> str:
    lowered = word.lower()
    if lowered.startswith("mi"):
        return "mile"
    if lowered.startswith("l"):
        return "litre"
    return "kWh" if lowered.startswith(("kw", "kilow")) else "km"


TOOL = CarbonEstimate()
