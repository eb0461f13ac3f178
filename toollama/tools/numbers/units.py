"""Units of measure: the words people use for them, and their exact factors.

Owns spellings, symbols and dimensions; the factors are pint's, computed with exact fractions.
Gallons, pints, cups and fluid ounces are US customary unless `imperial` is said; a ton is the US
short ton, an acre 4840 square yards of 0.9144 m, a year 365.25 days. It refuses unlike dimensions,
and currencies, whose rates are not constants.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from toollama.text import one_line
from toollama.tools.refusal import refusal

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

_COUNTERPARTS = {
    "mm": "in", "cm": "in", "m": "ft", "km": "mi", "in": "cm", "ft": "m", "yd": "m", "mi": "km",
    "g": "oz", "kg": "lb", "oz": "g", "lb": "kg", "stone": "kg", "°C": "°F", "°F": "°C",
    "ml": "fl oz", "L": "gal", "US fl oz": "ml", "US pint(s)": "L", "US gallon(s)": "L",
    "km/h": "mph", "mph": "km/h", "ha": "acres", "acre(s)": "ha",
}  # fmt: skip
"""By symbol, what people of the other system of measures would say."""

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
CURRENCY = re.compile(
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
UNIT_NAMES = frozenset(_FOLDED)
"""Every spelling that is known here, in lower case."""
_BASE = "|".join(sorted(map(re.escape, {*_EXACT, *_FOLDED}), key=len, reverse=True))
_TERM = rf"(?:degrees? |° ?)?(?:(?:square|sq\.?|cubic|cu\.?) ?)?(?:{_BASE})(?:\^?[23]|[²³])?(?!\w)"
UNIT = rf"{_TERM}(?: ?(?:/|\bper\b) ?{_TERM})*"


def counterpart(unit: Unit) -> str | None:
    """Return the usual unit of the other system of measures: `km` for miles."""
    return _COUNTERPARTS.get(unit.symbol)


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
    if CURRENCY.search(word):
        raise refusal(
            f"{one_line(word, 20)} is a currency: its rate changes, and only units of measure are "
            "converted here",
            fix="ask for an exchange rate; tools that know one: toollama tools list",
        )
    # Only plain names reach pint's own parser, which would read whole formulas.
    if word not in _registry() or not word.isalpha():
        raise refusal(
            f"{one_line(word, 20)!r} is not a unit that is known here",
            fix="write the unit in full, such as: kilometre, pound, degree celsius",
        )
    return Unit(word, f"{_registry().parse_units(word):~P}")


@cache
def _registry() -> Any:
    """Return pint's registry with exact fractions; building it takes about half a second."""
    import pint

    registry = pint.UnitRegistry(non_int_type=Fraction, on_redefinition="ignore")
    registry.define("acre = 4840 * yard ** 2")
    return registry


def magnitude(amount: Fraction, unit: Unit, target: Unit) -> Fraction:
    """Return the amount in the target unit. Raises `ToolFailure` for unlike dimensions."""
    kind, wanted = dimension(unit), dimension(target)
    if kind != wanted:
        raise refusal(
            f"{unit.name} measures {kind}, and {target.name} measures {wanted}",
            fix="ask for a unit of the same kind",
        )
    quantity = _registry().Quantity(amount, unit.pint_name)
    return Fraction(quantity.to(target.pint_name).magnitude)


def dimension(unit: Unit) -> str:
    """Return what the unit measures: `length`, `data size`."""
    found = _registry().parse_units(unit.pint_name).dimensionality
    if re.search(r"bit|byte", unit.pint_name):  # pure numbers to pint, as angles are
        return "data rate" if "[time]" in found else "data size"
    for name, example in _DIMENSIONS.items():
        if found == _registry().parse_units(example).dimensionality:
            return name
    return str(found)
