"""What Open-Meteo answers: places by name, and the forecast for one of them.

Shapes as documented at https://open-meteo.com/en/docs and
https://open-meteo.com/en/docs/geocoding-api; both services are keyless for non-commercial use.
Not yet run against the real services.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

from toollama.text import truncate
from toollama.tools.base import HttpDoor
from toollama.tools.upstream import Document, read_as

GEOCODING_HOST = "geocoding-api.open-meteo.com"
FORECAST_HOST = "api.open-meteo.com"
_CURRENT_FIELDS = (
    "temperature_2m,apparent_temperature,relative_humidity_2m,precipitation,weather_code,"
    "wind_speed_10m"
)
_DAILY_FIELDS = (
    "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum,"
    "precipitation_probability_max"
)
_IMPERIAL = {
    "temperature_unit": "fahrenheit",
    "wind_speed_unit": "mph",
    "precipitation_unit": "inch",
}
_COUNTRY_CODES = {"usa": "us", "u.s.": "us", "u.s.a.": "us", "uk": "gb", "u.k.": "gb"}
_PLACE_CHARACTERS = 80

Units = Literal["metric", "imperial"]
"""Degrees Celsius, km/h and mm; or degrees Fahrenheit, mph and inches."""


class Place(Document):
    """A place of the gazetteer. What the service does not know, it leaves out."""

    name: str
    latitude: float
    longitude: float
    country: str = ""
    country_code: str = ""
    admin1: str = ""
    admin2: str = ""
    population: int = 0

    @property
    def full_name(self) -> str:
        """Return the name as it is told from others of the same name."""
        parts = dict.fromkeys(filter(None, (self.name, self.admin1, self.country)))
        return truncate(", ".join(parts), _PLACE_CHARACTERS)

    def lies_in(self, region: str) -> bool:
        """Return whether `region` is the country, its code, or a division that this lies in."""
        wanted = region.casefold()
        known = {self.country, self.country_code, self.admin1, self.admin2}
        folded = {name.casefold() for name in known}
        return wanted in folded or _COUNTRY_CODES.get(wanted) in folded


class _Places(Document):
    results: tuple[Place, ...] = ()


class Current(Document):
    """The weather at one moment, in local time."""

    time: datetime
    temperature_2m: float
    apparent_temperature: float
    relative_humidity_2m: float
    precipitation: float
    weather_code: int
    wind_speed_10m: float


class Daily(Document):
    """One value a day in each column; None where the models do not reach so far."""

    time: tuple[date, ...]
    weather_code: tuple[int | None, ...]
    temperature_2m_max: tuple[float | None, ...]
    temperature_2m_min: tuple[float | None, ...]
    precipitation_sum: tuple[float | None, ...]
    precipitation_probability_max: tuple[float | None, ...]


class Forecast(Document):
    """The weather now and by day."""

    current: Current
    daily: Daily


async def find_places(http: HttpDoor, name: str, *, limit: int) -> Sequence[Place]:
    """Return the places of that name, best first, at most `limit`. Raises `ToolFailure`."""
    answer = await http.get_json(
        f"https://{GEOCODING_HOST}/v1/search",
        params={"name": name, "count": limit, "language": "en", "format": "json"},
        hosts=[GEOCODING_HOST],
    )
    return read_as(_Places, answer, service=GEOCODING_HOST).results


def likeliest(candidates: Sequence[Place], regions: Sequence[str]) -> Place | None:
    """Return the most populous place that lies in every region named with it."""
    fitting = [
        place for place in candidates if all(place.lies_in(region) for region in regions if region)
    ]
    return max(fitting, key=lambda place: place.population, default=None)


async def forecast(http: HttpDoor, place: Place, *, days: int, units: Units) -> Forecast:
    """Return the weather at the place, now and for `days` from today. Raises `ToolFailure`."""
    answer = await http.get_json(
        f"https://{FORECAST_HOST}/v1/forecast",
        params={
            "latitude": place.latitude,
            "longitude": place.longitude,
            "current": _CURRENT_FIELDS,
            "daily": _DAILY_FIELDS,
            "timezone": "auto",
            "forecast_days": days,
            **(_IMPERIAL if units == "imperial" else {}),
        },
        hosts=[FORECAST_HOST],
    )
    return read_as(Forecast, answer, service=FORECAST_HOST)
