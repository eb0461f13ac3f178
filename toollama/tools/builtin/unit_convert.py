"""Units of measure: 42 km in miles, 5 ft 11 in in cm, 72 F in celsius.

Owns the words people use for units; the factors are pint's, computed with exact fractions. Gallons,
pints, cups and fluid ounces are US customary unless `imperial` is said; a ton is the US short ton,
an acre 4840 square yards of 0.9144 m, a year 365.25 days. It refuses unlike dimensions, and
currencies, whose rates are not constants.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from pydantic import Field

from toollama.text import one_line
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.words import exact_decimal, rounded_decimal, with_digits

_SIGNIFICANT_DIGITS = 4
_EXACT_DIGITS = 6

_TABLE = """
mm, millimeter, millimetre; cm, centimeter, centimetre; m, meter, metre
km, kilometer, kilometre; in, inch, inches; ft, foot, feet; yd, yard; mi, mile
nautical mile(s), nautical_mile, nautical mile, nmi; light year(s), light_year, light year, ly
mg, milligram; g, gram, gramme; kg, kilogram, kilogramme, kilo; tonne(s), metric_ton, t
oz, ounce; lb, pound; stone, stone, st; US short ton(s), short_ton, ton, short ton
imperial long ton(s), long_ton, long ton, imperial ton
ml, milliliter, millilitre, cc; cl, centiliter, centilitre; dl, deciliter, decilitre
L, liter, litre; tsp, teaspoon; tbsp, tablespoon, tbs; US cup(s), cup
US fl oz, fluid_ounce, fl oz, floz, fluid ounce; US pint(s), pint, pt; US quart(s), quart, qt
US gallon(s), gallon, gal; imperial gallon(s), imperial_gallon, imperial gallon, uk gallon
imperial pint(s), imperial_pint, imperial pint, uk pint; ha, hectare; acre(s), acre
K, kelvin; °C, degree_Celsius, C, celsius, centigrade; °F, degree_Fahrenheit, F, fahrenheit
ms, millisecond; s, second, sec; min, minute; h, hour, hr; day(s), day; week(s), week
month(s), month; year(s), year, yr
km/h, kilometer/hour, kph, kmh; mph, mile/hour; knot(s), knot, kn; mpg, mile/gallon
bit(s), bit; B, byte; kB, kilobyte; MB, megabyte; GB, gigabyte; TB, terabyte; PB, petabyte
KiB, kibibyte; MiB, mebibyte; GiB, gibibyte; TiB, tebibyte
kbit, kilobit, Kb; Mbit, megabit, Mb; Gbit, gigabit, Gb
Mbit/s, megabit/second, Mbps; Gbit/s, gigabit/second, Gbps
J, joule; kJ, kilojoule; cal, calorie; kcal, kilocalorie; Wh, watt_hour, watt hour
kWh, kilowatt_hour, kilowatt hour; BTU, british_thermal_unit; W, watt; kW, kilowatt; hp, horsepower
Pa, pascal; hPa, hectopascal; kPa, kilopascal; bar, bar; psi, psi; mmHg, mmHg
atm, standard_atmosphere, atmosphere; N, newton
Hz, hertz; kHz, kilohertz; MHz, megahertz; GHz, gigahertz; °, degree, deg; rad, radian
"""
"""Symbol, pint's name, other spellings. Where only capitals differ (MB, Mb), bytes come first."""

_DIMENSIONS = {
    "length": "m",
    "area": "m**2",
    "volume": "m**3",
    "mass": "kg",
    "time": "s",
    "speed": "m/s",
    "temperature": "K",
    "energy": "J",
    "power": "W",
    "pressure": "Pa",
    "force": "N",
    "frequency": "Hz",
    "angle": "rad",
    "fuel economy": "km/L",
    "fuel consumption": "L/km",
}
_CURRENCY = re.compile(
    r"[$€£¥]|\b(?:usd|eur|gbp|jpy|chf|cad|aud|inr|cny|dollars?|euros?|yen|rupees?|pesos?|francs?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as pint computes it and as people read it."""

    pint_name: str
    symbol: str

    @property
    def name(self) -> str:
        """The symbol by itself: `acre`, `mi`."""
        return self.symbol.removesuffix("(s)")

    def of(self, amount: str) -> str:
        """Return the amount with the unit: `1 acre`, `2 acres`, `26.1 mi`."""
        space = "" if self.symbol == "°" else " "
        return f"{amount}{space}{self.symbol.replace('(s)', '' if amount == '1' else 's')}"


def _spellings() -> tuple[dict[str, Unit], dict[str, Unit]]:
    exact: dict[str, Unit] = {}
    folded: dict[str, Unit] = {}
    for row in re.split(r"; |\n", _TABLE.strip()):
        symbol, name, *others = row.split(", ")
        unit = Unit(name, symbol)
        spellings = {symbol.removesuffix("(s)"), name, *others}
        for spelling in spellings | {f"{spelling}s" for spelling in spellings if len(spelling) > 1}:
            exact.setdefault(spelling, unit)
            folded.setdefault(spelling.lower(), unit)
    return exact, folded


_EXACT, _FOLDED = _spellings()
_BASE = "|".join(sorted(map(re.escape, {*_EXACT, *_FOLDED}), key=len, reverse=True))
_TERM = rf"(?:degrees? |° ?)?(?:(?:square|sq\.?|cubic|cu\.?) ?)?(?:{_BASE})(?:\^?[23]|[²³])?(?!\w)"
_UNIT = rf"{_TERM}(?: ?(?:/|\bper\b) ?{_TERM})*"
_NUMBER = r"-?(?:\d+ )?\d+/\d+|-?\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?|-?\.\d+"
_AMOUNT = rf"(?<![\w.])(?<!per )(?:(?:{_NUMBER})[ -]?|an? )(?:{_UNIT})"
_QUANTITY = rf"(?P<quantity>{_AMOUNT}(?:(?:,| and)? {_AMOUNT}){{0,2}})"
_TARGET = rf"(?P<to>(?:{_UNIT})(?: (?:and|&) (?:{_UNIT}))?)"
_LINK = r"(?: is| are| equals?)? (?:to|in|into|as|=|->|how many|what in)(?: the| how many)? "
_IS = r"(?: of \w+)? (?:(?:is|are|makes?|equals?|do|does|fit|there)(?: there| are)?(?: in)?|in|=) "
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_QUANTITY}{_LINK}{_TARGET}",
        rf"\bhow (?:many|much) {_TARGET}{_IS}(?:the )?{_QUANTITY}",
        rf"(?<!\w)(?<!\d ){_TARGET} in {_QUANTITY}",
    )
)
_MARKS = str.maketrans({"\N{PRIME}": "'", "\N{DOUBLE PRIME}": '"'})
_REWRITES = (
    (re.compile(r"(\d+) ?' ?(\d+(?:\.\d+)?) ?(?:\"|'')?"), r"\1 ft \2 in"),
    (re.compile(r"(\d) ?\""), r"\1 in"),
    (
        re.compile(r"(\d+) ?(?:ft|foot|feet),? (\d+) in (?!in\b|to\b|as\b)(?=[a-z])"),
        r"\1 ft \2 in in ",
    ),
    (re.compile(r"\bhalf an? ", re.IGNORECASE), "0.5 "),
    (re.compile(r"\bconvert (\S+) from ", re.IGNORECASE), r"\1 "),
)


def _normal(text: str) -> str:
    """Return the text with digits for words, feet and inches for their marks, single spaces."""
    text = with_digits(text.translate(_MARKS))
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    return " ".join(text.split())


def parse_unit(text: str) -> Unit:
    """Return the unit that the words name: `square metres`, `km/h`, `degrees C`.

    Raises `ToolFailure(kind="invalid_input")` for a currency or an unknown unit.
    """
    if text.strip().lower() in _FOLDED:
        return _base_unit(text.strip())
    terms = [_parse_term(term) for term in re.split(r"\s*(?:/|\bper\b)\s*", text.strip())]
    if len(terms) == 1:
        return terms[0]
    return Unit(
        "/".join(f"({term.pint_name})" for term in terms),
        "/".join(term.name for term in terms),
    )


def _parse_term(text: str) -> Unit:
    match = re.fullmatch(
        r"(?:degrees? |° ?)?(?:(?P<square>square |sq\.? ?)|(?P<cubic>cubic |cu\.? ?))?"
        r"(?P<base>.+?)(?P<power>\^?[23]|[²³])?",
        text,
        re.IGNORECASE,
    )
    if match is None or _FOLDED.get(text.lower()):
        return _base_unit(text)
    base = _base_unit(match["base"])
    power = {"2": 2, "²": 2, "3": 3, "³": 3}.get((match["power"] or "")[-1:], 1)
    power = 2 if match["square"] else 3 if match["cubic"] else power
    if power == 1:
        return base
    return Unit(f"({base.pint_name})**{power}", f"{base.name}{' ²³'[power - 1]}")


def _base_unit(word: str) -> Unit:
    known = _EXACT.get(word) or _FOLDED.get(word.lower())
    if known:
        return known
    if _CURRENCY.search(word):
        raise _invalid(
            f"{one_line(word, 20)} is a currency: its rate changes, and only units of measure are "
            "converted here",
            fix="ask for an exchange rate; tools that know one: toollama tools list",
        )
    # Only plain names reach pint's own parser, which would read whole formulas.
    if word not in _registry() or not word.isalpha():
        raise _invalid(
            f"{one_line(word, 20)!r} is not a unit that is known here",
            fix="write the unit in full, such as: kilometre, pound, degree celsius",
        )
    return Unit(word, f"{_registry().parse_units(word):~P}")


def _invalid(message: str, *, fix: str) -> ToolFailure:
    return ToolFailure(message, kind="invalid_input", fix=fix)


@cache
def _registry() -> Any:
    """Return pint's registry with exact fractions; building it takes about half a second."""
    import pint

    registry = pint.UnitRegistry(non_int_type=Fraction, on_redefinition="ignore")
    registry.define("acre = 4840 * yard ** 2")
    return registry


def parse_quantity(text: str) -> list[tuple[Fraction, Unit]]:
    """Return the amounts of one quantity: `5 ft 11 in` is two.

    Raises `ToolFailure(kind="invalid_input")`.
    """
    text = _normal(text)
    if money := _CURRENCY.search(text):
        parse_unit(money.group())
    pattern = rf"({_NUMBER}|\ban?\b)[ -]?({_UNIT}|[^\W\d]+)"
    found = re.findall(pattern, text, re.IGNORECASE)
    if not found or re.sub(pattern, "", text, flags=re.IGNORECASE).strip(" ,and"):
        raise _invalid(f"{one_line(text, 40)!r} is not a number with a unit", fix="write: 42 km")
    return [(_amount(number), parse_unit(unit)) for number, unit in found]


def _amount(number: str) -> Fraction:
    if number.lower() in {"a", "an"}:
        return Fraction(1)
    sign = -1 if number.startswith("-") else 1
    return sign * sum(map(Fraction, number.lstrip("-").split()), Fraction(0))


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
    total = sum((_magnitude(amount, unit, first) for amount, unit in given), Fraction(0))
    is_temperature = _dimension(first) == "temperature"
    if is_temperature and _magnitude(total, first, _base_unit("K")) < 0:
        raise _invalid(f"{one_line(quantity, 40)} is below absolute zero", fix="check the number")
    if len(targets) == 1:
        return Conversion(tuple(given), ((total, first),), is_temperature)
    whole = Fraction(int(total))
    rest = _magnitude(total - whole, first, targets[1])
    return Conversion(tuple(given), ((whole, first), (rest, targets[1])), is_temperature)


def _magnitude(amount: Fraction, unit: Unit, target: Unit) -> Fraction:
    """Return the amount in the target unit. Raises `ToolFailure` for unlike dimensions."""
    kind, wanted = _dimension(unit), _dimension(target)
    if kind != wanted:
        raise _invalid(
            f"{unit.name} measures {kind}, and {target.name} measures {wanted}",
            fix="ask for a unit of the same kind",
        )
    quantity = _registry().Quantity(amount, unit.pint_name)
    return Fraction(quantity.to(target.pint_name).magnitude)


def _dimension(unit: Unit) -> str:
    found = _registry().parse_units(unit.pint_name).dimensionality
    if re.search(r"bit|byte", unit.pint_name):  # pure numbers to pint, as angles are
        return "data rate" if "[time]" in found else "data size"
    for name, example in _DIMENSIONS.items():
        if found == _registry().parse_units(example).dimensionality:
            return name
    return str(found)


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
        ),
        parameters=UnitConvertArguments,
        packs=("drummer.analysis", "belter.knowledge", "belter.property"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the quantity and the unit wanted, certain where one pair uses every number."""
        text = _normal(text)
        matches = [match for pattern in _PATTERNS for match in pattern.finditer(text)]
        pairs = list(dict.fromkeys((match["quantity"], match["to"]) for match in matches))
        if not pairs:
            quantities = [
                match["quantity"] for match in re.finditer(_QUANTITY, text, re.IGNORECASE)
            ]
            found = [Candidate(quantity, "words") for quantity in dict.fromkeys(quantities)]
            return {"quantity": found} if found else {}
        count = [len(re.findall(r"\d+(?:\.\d+)?", part)) for part in (text, " ".join(pairs[0]))]
        certain = len(pairs) == 1 and count[0] == count[1]
        return {
            "quantity": [Candidate(quantity, "words", certain=certain) for quantity, _ in pairs],
            "to": [Candidate(unit, "words", certain=certain) for _, unit in pairs],
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


def _shown(amount: Fraction, *, places: int | None = None) -> str:
    """Return four significant digits, or all of them where they are at most six."""
    exact = exact_decimal(amount)
    if places is not None:
        return exact_decimal(Fraction(round(amount * 10**places), 10**places)) or ""
    if exact and len(exact.lstrip("-0.").replace(".", "")) <= _EXACT_DIGITS:
        return exact
    return rounded_decimal(amount, significant_digits=_SIGNIFICANT_DIGITS)


TOOL = UnitConvert()
