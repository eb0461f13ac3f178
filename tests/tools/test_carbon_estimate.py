from decimal import Decimal
from pathlib import Path

import pytest

from tests.tools.answering import answered, best, refusal_of
from toollama.tools.builtin.carbon_estimate import TOOL
from toollama.tools.emissions.factors import FACTORS


async def test_an_amount_is_multiplied_with_the_factor_that_is_cited(tmp_path: Path) -> None:
    arguments = {"activity": "petrol_car", "amount": "500", "unit": "km"}
    result = await answered(TOOL, arguments, output=tmp_path)
    assert result.statements == (
        (
            "500 km by average petrol car cause about 82.0 kg CO2e (0.16391 kg per km, "
            "UK Government GHG Conversion Factors 2023 (DESNZ))."
        ),
    )
    assert result.sources[0].locator.startswith("https://www.gov.uk/")


async def test_passengers_count_where_the_factor_is_per_passenger(tmp_path: Path) -> None:
    train = {"activity": "train", "amount": 1000, "unit": "km", "passengers": 2}
    car = {"activity": "petrol_car", "amount": 1000, "unit": "km", "passengers": 2}
    assert (await answered(TOOL, train, output=tmp_path)).answer == "70.9 kg"
    assert (await answered(TOOL, car, output=tmp_path)).answer == "163.9 kg"


async def test_miles_are_converted_exactly(tmp_path: Path) -> None:
    arguments = {"activity": "coach", "amount": 100, "unit": "mile"}
    result = await answered(TOOL, arguments, output=tmp_path)
    assert result.data["kg_co2e"] == float(Decimal("160.9344") * Decimal("0.02717"))


async def test_a_unit_that_does_not_measure_the_activity_is_refused() -> None:
    failure = await refusal_of(TOOL, activity="train", amount=10, unit="kWh")
    assert (failure.kind, failure.fix) == ("invalid_input", "give the amount in km")
    assert (await refusal_of(TOOL, activity="train", amount=-1, unit="km")).kind == "invalid_input"


@pytest.mark.parametrize(
    ("text", "activity", "amount", "unit"),
    [
        ("carbon footprint of driving 500 km", "petrol_car", 500, "km"),
        ("emissions of a 1,200 km flight", "short_flight", 1200, "km"),
        ("CO2 of a 9000 km flight", "long_flight", 9000, "km"),
        ("a 250 kWh of UK electricity", "uk_electricity", 250, "kWh"),
        ("100 miles in a diesel car", "diesel_car", 100, "mile"),
        ("burn 40 litres of petrol", "petrol", 40, "litre"),
    ],
)
def test_a_request_names_activity_and_amount(
    text: str, activity: str, amount: int, unit: str
) -> None:
    assert best(TOOL, text) == {"activity": activity, "amount": amount, "unit": unit}


def test_every_factor_is_positive_and_names_its_publication() -> None:
    assert all(one.kg_per_unit > 0 and one.source and one.url for one in FACTORS.values())
