"""The tool `unit_convert`: 42 km in miles, 5 ft 11 in in cm, 72 F in celsius.

Owns the conversion and the digits it is stated with. Words for units are `tools.units`', amounts in
sentences `tools.quantities`'.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from pydantic import Field

from toollama.text import one_line
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
from toollama.tools.numbers.decimals import exact_decimal, rounded_decimal
from toollama.tools.numbers.quantities import ConversionReading, parse_quantity, read_conversion
from toollama.tools.numbers.units import Unit, counterpart, dimension, magnitude, parse_unit
from toollama.tools.refusal import refusal

_SIGNIFICANT_DIGITS = 4
_EXACT_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Conversion:
    """A quantity in its own units and in those asked for; several where they are mixed."""

    given: tuple[tuple[Fraction, Unit], ...]
    result: tuple[tuple[Fraction, Unit], ...]
    is_temperature: bool


def convert(quantity: str, to: str) -> Conversion:
    """Convert exactly. `to` may name two units: `feet and inches`.

    Raises `ToolFailure(kind="invalid_input")` for unknown units and unlike dimensions.
    """
    given = parse_quantity(quantity)
    targets = [parse_unit(part) for part in re.split(r"\s+(?:and|&)\s+", to.strip())][:2]
    first = targets[0]
    total = sum((magnitude(amount, unit, first) for amount, unit in given), Fraction(0))
    is_temperature = dimension(first) == "temperature"
    if is_temperature and magnitude(total, first, parse_unit("K")) < 0:
        raise refusal(f"{one_line(quantity, 40)} is below absolute zero", fix="check the number")
    if len(targets) == 1:
        return Conversion(tuple(given), ((total, first),), is_temperature)
    whole = Fraction(int(total))
    rest = magnitude(total - whole, first, targets[1])
    return Conversion(tuple(given), ((whole, first), (rest, targets[1])), is_temperature)


_POINTING = re.compile(
    r"\b(?:how (?:much|far|heavy|long|tall|big|hot) (?:is|was)|what(?:'s| is)) (?:that|it|this) in "
    r"(?P<unit>[^?.!,]+)"
    r"|\bhow many (?P<units>[a-z ]+?) (?:is|are|would) (?:that|it|this)\b",
    re.IGNORECASE,
)
"""A question about a quantity that was told before it: `A bag of 23 kg. How much is that in lb?`"""


class UnitConvertArguments(Arguments):
    """What to convert."""

    quantity: str = Field(
        min_length=1,
        max_length=80,
        description="A number with its unit, such as 42 km, 5 ft 11 in, 72 F or 3 GB",
    )
    to: str = Field(
        min_length=1,
        max_length=60,
        description="The unit wanted, such as mi, celsius, km/h, or feet and inches",
    )


class UnitConvert(Tool[UnitConvertArguments, Conversion]):
    """Converts one quantity."""

    spec = ToolSpec(
        name="unit_convert",
        summary="Converts units of measure: length, weight, volume, temperature, speed, data.",
        utterances=(
            "How many miles is 42 km?",
            "convert 5 feet 11 inches to cm",
            "72 F in celsius",
            "100 mph to km/h",
            "how many cups in a liter",
            "3 GB in MiB",
            "350 degrees fahrenheit in C",
            "2 tbsp to ml",
            "1 acre in square metres",
            "180 cm in feet and inches",
            "whats 10 stone in kg",
            "how much is 16 oz in grams",
            "6'2\" in cm",
            "how many ounces are in a pound",
            "half a mile in metres",
            "how hot is 40 celsius in fahrenheit",
            "100 Mbps in MB/s",
            "how many seconds are there in 3 days",
            "convrt 12 inches to centimeters",
            "what is 60 knots in kph",
            "psi in 2 bar",
            "how tall is 6 foot 2 in cm",
            "litres in a gallon",
            "whats 200 pounds in kilos",
            "5 foot 4 in metres",
            "convert 20 km/l to mpg",
            "oven at 200 c in fahrenheit",
            "inches in a yard",
            "1 hp in watts",
            "kcal in 500 kj",
            "how long is 26.2 miles in km",
            "turn 3 hectares into acres",
            "25 m2 in square feet",
            "how far is 10 nautical miles in km",
            "250 g of flour in ounces",
            "5 km is how many miles",
            "mb in a gb",
            "90 minutes in hours",
            "65 inches in cm",
            "temprature 100 F to C",
            "how heavy is 70 kg in pounds",
            "fluid ounces in 1 pint",
            "how many millilitres is 2 cups of flour",
            "how many kilos are 1200 lbs",
            "what is 26 degrees C in fahrenheit",
        ),
        parameters=UnitConvertArguments,
        packs=("drummer.analysis", "belter.knowledge", "belter.property"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the quantity and the unit wanted, certain where one pair uses every number."""
        reading = read_conversion(text)
        pointing = _POINTING.search(text)
        if pointing and not reading.pairs and len(reading.quantities) == 1:
            wanted = pointing["unit"] or pointing["units"]
            reading = read_conversion(f"{reading.quantities[0]} in {wanted}")
        if not reading.pairs:
            return _without_target(reading)
        quantities, targets = zip(*reading.pairs, strict=True)
        return {
            "quantity": [
                Candidate(quantity, "words", certain=reading.certain) for quantity in quantities
            ],
            "to": [Candidate(unit, "words", certain=reading.certain) for unit in targets],
        }

    async def execute(self, args: UnitConvertArguments, context: ToolContext) -> Conversion:
        """Convert the quantity."""
        return convert(args.quantity, args.to)

    def format(
        self, args: UnitConvertArguments, raw: Conversion, context: ToolContext
    ) -> ToolResult:
        """State the conversion with the digits a person expects; the exact value is data."""
        places = 1 if raw.is_temperature else None
        given = " ".join(unit.of(_shown(amount)) for amount, unit in raw.given)
        result = " ".join(unit.of(_shown(amount, places=places)) for amount, unit in raw.result)
        exact = " ".join(
            unit.of(exact_decimal(amount) or str(amount)) for amount, unit in raw.result
        )
        return ToolResult(
            statements=(f"{given} = {result}",),
            answer=result,
            text=f"Exactly: {given} = {exact}",
            data={
                "given": [
                    {"value": str(amount), "unit": unit.symbol} for amount, unit in raw.given
                ],
                "result": [
                    {"value": float(amount), "exact": str(amount), "unit": unit.symbol}
                    for amount, unit in raw.result
                ],
            },
            sources=(Source(self.spec.name, self.spec.name),),
        )


def _without_target(reading: ConversionReading) -> Proposal:
    """Return the quantities; for a single one also what the other system of measures has."""
    found: dict[str, list[Candidate]] = {}
    for quantity in reading.quantities:
        candidate = Candidate(quantity, "words", certain=reading.certain)
        found.setdefault("quantity", []).append(candidate)
    if len(reading.quantities) == 1:
        ((_, unit), *_) = parse_quantity(reading.quantities[0])
        if to := counterpart(unit):
            found["to"] = [Candidate(to, "default")]
    return found


def _shown(amount: Fraction, *, places: int | None = None) -> str:
    """Return four significant digits, or all of them where they are at most six."""
    exact = exact_decimal(amount)
    if places is not None:
        return exact_decimal(Fraction(round(amount * 10**places), 10**places)) or ""
    if exact and len(exact.lstrip("-0.").replace(".", "")) <= _EXACT_DIGITS:
        return exact
    return rounded_decimal(amount, significant_digits=_SIGNIFICANT_DIGITS)


TOOL = UnitConvert()
