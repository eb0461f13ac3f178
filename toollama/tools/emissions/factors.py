"""Emission factors with the publications that they come from. Pure.

kg CO2e per unit of activity, from the UK Government GHG Conversion Factors for Company Reporting
2023 (DESNZ; transport, fuels, British electricity) and the US EPA's eGRID 2022 (US electricity).
Flights include the effect of vapour trails at height. Electricity, gas, rail and domestic flights
were compared with others' copies of the tables; the other figures have not been compared again.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

UK = "UK Government GHG Conversion Factors 2023 (DESNZ)"
EPA = "US EPA eGRID 2022"
KM_PER_MILE = Decimal("1.609344")
UK_URL = (
    "https://www.gov.uk/government/publications/greenhouse-gas-reporting-conversion-factors-2023"
)
EPA_URL = "https://www.epa.gov/egrid"


@dataclass(frozen=True, slots=True)
class Factor:
    """What one unit of an activity causes."""

    name: str
    """As it stands in a sentence: `by average petrol car`."""
    kg_per_unit: Decimal
    unit: str
    """`km`, `kWh` or `litre`."""
    source: str = UK
    per_passenger: bool = False

    @property
    def url(self) -> str:
        """Return where the source is published."""
        return EPA_URL if self.source == EPA else UK_URL


FACTORS = {
    "petrol_car": Factor("by average petrol car", Decimal("0.16391"), "km"),
    "diesel_car": Factor("by average diesel car", Decimal("0.16984"), "km"),
    "train": Factor("by train", Decimal("0.03546"), "km", per_passenger=True),
    "coach": Factor("by coach", Decimal("0.02717"), "km", per_passenger=True),
    "bus": Factor("by local bus", Decimal("0.10215"), "km", per_passenger=True),
    "domestic_flight": Factor("by domestic flight", Decimal("0.27257"), "km", per_passenger=True),
    "short_flight": Factor("by short-haul flight", Decimal("0.18592"), "km", per_passenger=True),
    "long_flight": Factor("by long-haul flight", Decimal("0.26128"), "km", per_passenger=True),
    "uk_electricity": Factor("of British electricity", Decimal("0.20707"), "kWh"),
    "us_electricity": Factor("of US electricity", Decimal("0.3734"), "kWh", source=EPA),
    "natural_gas": Factor("of natural gas", Decimal("0.18293"), "kWh"),
    "petrol": Factor("of petrol", Decimal("2.0975"), "litre"),
    "diesel": Factor("of diesel", Decimal("2.5121"), "litre"),
}
LONG_HAUL_KM = Decimal(3_700)
"""From there on a flight out of Europe counts as long-haul."""
_ACTIVITIES = (
    (r"\bdiesel car\b|\bcar\b.*\bdiesel\b", "diesel_car"),
    (r"\b(?:car|drive|driving|drove|petrol car)\b", "petrol_car"),
    (r"\b(?:train|rail)\b", "train"),
    (r"\bcoach\b", "coach"),
    (r"\bbus\b", "bus"),
    (r"\bdomestic (?:flight|flying)\b", "domestic_flight"),
    (r"\blong.haul\b", "long_flight"),
    (r"\bshort.haul\b", "short_flight"),
    (r"\b(?:flight|flying|fly|flew|plane)\b", "flight"),
    (r"\b(?:us|american|u\.s\.) (?:electricity|power|grid)\b", "us_electricity"),
    (r"\b(?:uk|british) (?:electricity|power|grid)\b", "uk_electricity"),
    (r"\b(?:natural )?gas\b", "natural_gas"),
    (r"\bdiesel\b", "diesel"),
    (r"\b(?:petrol|gasoline)\b", "petrol"),
)


def activity_in(text: str, *, kilometres: Decimal | None) -> str:
    """Return the activity that the words name, or ""."""
    lowered = text.lower()
    found = next((name for words, name in _ACTIVITIES if re.search(words, lowered)), "")
    if found != "flight":
        return found
    if kilometres is None:
        return ""
    return "long_flight" if kilometres >= LONG_HAUL_KM else "short_flight"
