from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.loopback import Answer, Loopback, json_answer
from toollama.clock import FixedClock
from toollama.tools.base import ToolContext, ToolFailure, ToolResult
from toollama.tools.builtin.weather import TOOL
from toollama.tools.http import Door, HttpSettings
from toollama.tools.run import run
from toollama.tools.weather.weather_codes import in_words
from toollama.tools.weather.weather_words import days_asked

GEOCODING = "geocoding-api.open-meteo.com"
FORECAST = "api.open-meteo.com"
SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CURRENT = (
    "temperature_2m,apparent_temperature,relative_humidity_2m,precipitation,weather_code,"
    "wind_speed_10m"
)
DAILY = (
    "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum,"
    "precipitation_probability_max"
)
BERGEN_NO = {
    "id": 3161732,
    "name": "Bergen",
    "latitude": 60.39299,
    "longitude": 5.32415,
    "country_code": "NO",
    "country": "Norway",
    "admin1": "Vestland",
    "population": 213585,
}
BERGEN_DE = {
    "id": 2949985,
    "name": "Bergen",
    "latitude": 52.81,
    "longitude": 9.96,
    "country_code": "DE",
    "country": "Germany",
    "admin1": "Lower Saxony",
    "population": 12932,
}


def context(door: Door) -> ToolContext:
    return ToolContext(clock=FixedClock(SUNDAY), http=door)


def expect_places(server: Loopback, name: str, *found: dict[str, Any], count: int = 5) -> None:
    """Answer as https://open-meteo.com/en/docs/geocoding-api documents: no hits, no results."""
    document = {"generationtime_ms": 0.5, **({"results": list(found)} if found else {})}
    server.expect(
        GEOCODING,
        "/v1/search",
        json_answer(document),
        query={"name": name, "count": str(count), "language": "en", "format": "json"},
    )


def expect_forecast(
    server: Loopback, place: dict[str, Any], *, days: int, answer: Answer, **units: str
) -> None:
    server.expect(
        FORECAST,
        "/v1/forecast",
        answer,
        query={
            "latitude": str(place["latitude"]),
            "longitude": str(place["longitude"]),
            "current": CURRENT,
            "daily": DAILY,
            "timezone": "auto",
            "forecast_days": str(days),
            **units,
        },
    )


def forecast(days: int = 1, **daily: Any) -> Answer:
    """A forecast as https://open-meteo.com/en/docs documents it."""
    columns = {
        "time": [f"2026-11-{22 + day}" for day in range(days)],
        "weather_code": [61, 3, 75][:days],
        "temperature_2m_max": [8.0, 6.5, -1.0][:days],
        "temperature_2m_min": [3.1, -0.0, -4.2][:days],
        "precipitation_sum": [4.2, 0.0, 12.5][:days],
        "precipitation_probability_max": [85, 10, 100][:days],
    }
    current = {
        "time": "2026-11-22T13:00",
        "interval": 900,
        "temperature_2m": 7.2,
        "apparent_temperature": 4.1,
        "relative_humidity_2m": 87,
        "precipitation": 0.3,
        "weather_code": 61,
        "wind_speed_10m": 18.4,
    }
    return json_answer({"timezone": "Europe/Oslo", "current": current, "daily": columns | daily})


async def ask(server: Loopback, **arguments: Any) -> ToolResult:
    async with Door(HttpSettings(base_urls=server.base_urls)) as door:
        return await run(TOOL, arguments, context(door))


async def test_the_weather_now_comes_first_and_says_where_and_when() -> None:
    async with Loopback(GEOCODING, FORECAST) as server:
        expect_places(server, "Bergen", BERGEN_NO)
        expect_forecast(server, BERGEN_NO, days=1, answer=forecast())
        result = await ask(server, place="Bergen")
    now, today = result.statements
    assert now == (
        "In Bergen, Vestland, Norway it is 7.2 °C (feels like 4.1 °C) with slight rain, "
        "87% humidity and wind of 18.4 km/h (13:00 local time, Sunday 22 November 2026)."
    )
    assert today == (
        "The forecast for Bergen, Vestland, Norway on Sunday 22 November 2026 is slight rain, "
        "3.1 to 8 °C, 4.2 mm of precipitation, 85% chance of precipitation."
    )
    assert result.answer == "7.2 °C"
    assert result.sources[0].untrusted


async def test_several_days_come_before_the_weather_now() -> None:
    async with Loopback(GEOCODING, FORECAST) as server:
        expect_places(server, "Bergen", BERGEN_NO)
        expect_forecast(server, BERGEN_NO, days=3, answer=forecast(3))
        result = await ask(server, place="Bergen", days=3)
    assert "Monday 23 November 2026 is an overcast sky, 0 to 6.5 °C" in result.statements[1]
    assert "Tuesday 24 November 2026 is heavy snowfall" in result.statements[2]
    assert result.statements[3].startswith("In Bergen")


async def test_imperial_units_are_asked_for_and_named() -> None:
    async with Loopback(GEOCODING, FORECAST) as server:
        expect_places(server, "Bergen", BERGEN_NO)
        expect_forecast(
            server,
            BERGEN_NO,
            days=1,
            answer=forecast(),
            temperature_unit="fahrenheit",
            wind_speed_unit="mph",
            precipitation_unit="inch",
        )
        result = await ask(server, place="Bergen", units="imperial")
    assert "7.2 °F" in result.statements[0]
    assert "18.4 mph" in result.statements[0]
    assert "4.2 in of precipitation" in result.statements[1]


async def test_of_namesakes_the_most_populous_is_taken_and_said() -> None:
    async with Loopback(GEOCODING, FORECAST) as server:
        expect_places(server, "Bergen", BERGEN_DE, BERGEN_NO)
        expect_forecast(server, BERGEN_NO, days=1, answer=forecast())
        result = await ask(server, place="Bergen")
    assert result.statements[-1] == (
        "Several places are called Bergen; this is Bergen, Vestland, Norway, the most populous."
    )


@pytest.mark.parametrize("place", ["Bergen, Germany", "bergen, lower saxony", "Bergen, DE"])
async def test_a_region_chooses_among_namesakes(place: str) -> None:
    async with Loopback(GEOCODING, FORECAST) as server:
        expect_places(server, place.partition(",")[0], BERGEN_NO, BERGEN_DE, count=20)
        expect_forecast(server, BERGEN_DE, days=1, answer=forecast())
        result = await ask(server, place=place)
    assert "Lower Saxony, Germany" in result.statements[0]
    assert len(result.statements) == 2


async def test_an_unknown_place_is_an_honest_empty_result() -> None:
    async with Loopback(GEOCODING, FORECAST) as server:
        expect_places(server, "Qwxzv")
        result = await ask(server, place="Qwxzv")
    assert (result.status, result.statements) == (
        "empty",
        ('Open-Meteo knows no place called "Qwxzv".',),
    )


async def test_a_region_without_that_place_names_the_ones_known() -> None:
    async with Loopback(GEOCODING, FORECAST) as server:
        expect_places(server, "Bergen", BERGEN_NO, count=20)
        result = await ask(server, place="Bergen, Japan")
    assert result.status == "empty"
    assert "It knows: Bergen, Vestland, Norway." in result.statements[0]


async def test_a_day_beyond_the_models_leaves_its_figures_out() -> None:
    gaps = forecast(precipitation_probability_max=[None], weather_code=[None])
    async with Loopback(GEOCODING, FORECAST) as server:
        expect_places(server, "Bergen", BERGEN_NO)
        expect_forecast(server, BERGEN_NO, days=1, answer=gaps)
        result = await ask(server, place="Bergen")
    assert result.statements[1].endswith("is 3.1 to 8 °C, 4.2 mm of precipitation.")


async def test_a_service_error_is_passed_on_with_its_reason() -> None:
    answer = json_answer({"error": True, "reason": "Daily API limit exceeded"}, status=400)
    async with Loopback(GEOCODING, FORECAST) as server:
        expect_places(server, "Bergen", BERGEN_NO)
        expect_forecast(server, BERGEN_NO, days=1, answer=answer)
        with pytest.raises(ToolFailure, match="Daily API limit exceeded"):
            await ask(server, place="Bergen")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("What's the weather in Bergen?", "Bergen"),
        ("weather in new york tomorrow", "new york"),
        ("what\N{RIGHT SINGLE QUOTATION MARK}s it like in São Paulo right now", "São Paulo"),
        ("forecast for Portland, Oregon in fahrenheit", "Portland, Oregon"),
        ("Give me the forecast for Tokyo for the next 3 days", "Tokyo"),
    ],
)
def test_a_place_after_a_preposition_is_certain(text: str, place: str) -> None:
    [candidate] = TOOL.propose(text, context(Door(HttpSettings())))["place"]
    assert (candidate.value, candidate.certain) == (place, True)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Bergen weather", ["Bergen"]),
        ("weather new york", ["new york"]),
        ("How warm is Rome at the moment?", ["Rome"]),
        ("Compare the weather in Oslo and Bergen", ["Oslo", "Bergen"]),
    ],
)
def test_other_places_are_offered_without_certainty(text: str, places: list[str]) -> None:
    offered = TOOL.propose(text, context(Door(HttpSettings())))["place"]
    assert [candidate.value for candidate in offered] == places
    assert not any(candidate.certain for candidate in offered)


@pytest.mark.parametrize("text", ["Will it rain tomorrow?", "how's the weather", "weather please"])
def test_a_request_without_a_place_offers_none(text: str) -> None:
    assert "place" not in TOOL.propose(text, context(Door(HttpSettings())))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("weather in Oslo", None),
        ("weather in Oslo now", 1),
        ("weather in Oslo tomorrow", 2),
        ("the day after tomorrow in Oslo", 3),
        ("Oslo for the next three days", 3),
        ("5-day forecast for Oslo", 5),
        ("the next 14 days in Oslo", 7),
        ("Oslo on Sunday", 1),
        ("Oslo on Monday", 2),
        ("Oslo on Saturday", 7),
        ("Oslo this week", 7),
    ],
)
def test_the_days_of_a_request_reach_the_day_it_names(text: str, days: int | None) -> None:
    assert days_asked(text, today=SUNDAY.date()) == days


def test_a_weekend_lasts_until_its_sunday() -> None:
    assert days_asked("this weekend", today=date(2026, 11, 27)) == 3


@pytest.mark.parametrize(
    ("text", "units"),
    [("Oslo in fahrenheit", "imperial"), ("wind in mph", "imperial"), ("in °C", "metric")],
)
def test_the_units_of_a_request_are_certain(text: str, units: str) -> None:
    [candidate] = TOOL.propose(text, context(Door(HttpSettings())))["units"]
    assert (candidate.value, candidate.certain) == (units, True)


def test_a_code_outside_the_table_is_named_as_such() -> None:
    assert (in_words(95), in_words(42)) == ("a thunderstorm", "weather of WMO code 42")


def test_there_are_twenty_utterances_to_route_by() -> None:
    assert len(set(TOOL.spec.utterances)) >= 20
