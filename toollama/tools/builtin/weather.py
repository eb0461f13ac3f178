"""The weather now and for up to a week, in whole sentences. The figures are Open-Meteo's."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Rate,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.calendar.calendar_names import spoken, weekday
from toollama.tools.language.sentences import fit
from toollama.tools.weather.open_meteo import (
    FORECAST_HOST,
    GEOCODING_HOST,
    Current,
    Daily,
    Forecast,
    Place,
    Units,
    find_places,
    forecast,
    likeliest,
)
from toollama.tools.weather.weather_codes import in_words
from toollama.tools.weather.weather_words import (
    MAX_DAYS,
    days_asked,
    places,
    places_named,
    units_asked,
)


class WeatherArguments(Arguments):
    """Where, how long and in which units."""

    place: Annotated[str, Field(min_length=1, max_length=100)]
    """A town or region, with its country where the name is common: `Bergen, Norway`."""
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 1
    """Days of forecast, today included."""
    units: Units = "metric"


@dataclass(frozen=True, slots=True)
class _Labels:
    temperature: str
    speed: str
    depth: str


_LABELS: dict[Units, _Labels] = {
    "metric": _Labels("°C", "km/h", "mm"),
    "imperial": _Labels("°F", "mph", "in"),
}


@dataclass(frozen=True, slots=True)
class Report:
    """The places that may be meant, and the forecast for the likeliest."""

    candidates: Sequence[Place]
    place: Place | None
    forecast: Forecast | None


class Weather(Tool[WeatherArguments, Report]):
    """Current weather and daily forecasts."""

    spec = ToolSpec(
        name="weather",
        summary="Tell the current weather or the forecast for up to 7 days at a place.",
        utterances=(
            "What's the weather in Bergen?",
            "Weather in Paris tomorrow",
            "Will it rain in Oslo tomorrow?",
            "Do I need an umbrella in London today?",
            "How hot is it in Dubai right now?",
            "What is the temperature in New York in fahrenheit?",
            "Give me the forecast for Tokyo for the next 3 days",
            "5-day forecast for Chicago",
            "Is it snowing in Helsinki?",
            "How windy is it in Wellington?",
            "Bergen weather",
            "What will the weather be like in Madrid on Friday?",
            "Weather this weekend in Amsterdam",
            "How cold will it get in Reykjavik tonight?",
            "Is it going to be sunny in Lisbon?",
            "What's the humidity in Singapore?",
            "Forecast for Portland, Oregon in imperial units",
            "Weather for Springfield, Illinois",
            "How warm is Rome at the moment?",
            "Any chance of thunderstorms in Kansas City this week?",
            "Should I wear a coat in Berlin tomorrow?",
            "Compare the weather in Oslo and Bergen",
            "What is the wind speed at Cape Town?",
            "Is it foggy in San Francisco this morning?",
            "will I need a jacket in Prague",
            "temp in Cairo",
            "what's it like outside in Nice",
            "rain in Glasgow today?",
            "is it hot in Seville",
            "weekend forecast Munich",
            "good day for a barbecue in Zurich tomorrow?",
            "sun or clouds in Nairobi this afternoon",
            "should i take sunglasses to Miami",
            "how strong is the wind in Bergen",
            "snow in Calgary on sunday?",
            "is it freezing in Minsk",
            "whats the wether in Dublin",
            "when does it stop raining in Leeds",
            "UV index and humidity in Sydney",
            "hows the weather in Athens",
            "storm coming to Galway?",
            "can we hike near Innsbruck on saturday or will it pour",
            "degrees outside in Stockholm",
            "sunset and rain chance in Faro",
            "weather",
            "will it stay dry on Saturday in Como",
            "do i have to take a thick coat to Edinburgh on thursday",
            "is it a good day to hang out laundry in York",
        ),
        parameters=WeatherArguments,
        packs=("drummer.api", "belter.property"),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(GEOCODING_HOST, FORECAST_HOST),
        provider="open_meteo",
        rates=(Rate(600, 60.0), Rate(5_000, 3_600.0), Rate(10_000, 86_400.0)),
        cache_ttl_s=600.0,
        homepage="https://open-meteo.com/en/docs",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the place after `in`, the days until `Friday`, the units of `fahrenheit`."""
        proposal: dict[str, list[Candidate]] = {}
        found = places(text)
        if found:
            certain = places_named(text) == found
            proposal["place"] = [Candidate(place, "words", certain=certain) for place in found[:1]]
            proposal["place"] += [Candidate(place, "words") for place in found[1:]]
        today = context.clock.now().astimezone(ZoneInfo(context.timezone)).date()
        if days := days_asked(text, today=today):
            proposal["days"] = [Candidate(days, "words", certain=True)]
        if units := units_asked(text):
            proposal["units"] = [Candidate(units, "words", certain=True)]
        return proposal

    async def execute(self, args: WeatherArguments, context: ToolContext) -> Report:
        """Find the place, then ask for its forecast."""
        name, *regions = (part.strip() for part in args.place.split(","))
        # A region sorts namesakes out, so more of them are worth having.
        candidates = await find_places(context.http, name, limit=20 if regions else 5)
        place = likeliest(candidates, regions)
        if place is None:
            return Report(candidates, None, None)
        found = await forecast(context.http, place, days=args.days, units=args.units)
        return Report(candidates, place, found)

    def format(self, args: WeatherArguments, raw: Report, context: ToolContext) -> ToolResult:
        """State the weather now for one day, and each day's forecast first for several."""
        if raw.place is None or raw.forecast is None:
            return ToolResult((_not_found(args.place, raw.candidates),), status="empty")
        where, units = raw.place.full_name, _LABELS[args.units]
        now = _now_sentence(where, raw.forecast.current, units)
        days = _day_sentences(where, raw.forecast.daily, units)
        statements = [now, *days] if args.days == 1 else [*days, now]
        namesakes = {place.full_name for place in raw.candidates if place.name == raw.place.name}
        if len(namesakes) > 1 and "," not in args.place:
            statements.append(
                f"Several places are called {raw.place.name}; this is {where}, the most populous."
            )
        source = Source(
            title=f"Open-Meteo: weather for {where}",
            locator="https://open-meteo.com/",
            retrieved_at=context.clock.now().isoformat(timespec="seconds"),
            untrusted=True,
        )
        return ToolResult(
            tuple(fit(statement) for statement in statements),
            answer=_temperature(raw.forecast.current, units) if args.days == 1 else "",
            text="\n".join(statements),
            data={
                "place": raw.place.model_dump(),
                "units": asdict(units),
                **raw.forecast.model_dump(mode="json"),
            },
            sources=(source,),
        )


def _not_found(place: str, candidates: Sequence[Place]) -> str:
    said = f'Open-Meteo knows no place called "{place}".'
    names = dict.fromkeys(candidate.full_name for candidate in candidates)
    return fit(f"{said} It knows: {'; '.join(names)}." if names else said)


def _temperature(now: Current, units: _Labels) -> str:
    return f"{_figure(now.temperature_2m)} {units.temperature}"


def _now_sentence(where: str, now: Current, units: _Labels) -> str:
    return (
        f"In {where} it is {_temperature(now, units)} "
        f"(feels like {_figure(now.apparent_temperature)} {units.temperature}) "
        f"with {in_words(now.weather_code)}, {_figure(now.relative_humidity_2m)}% humidity and "
        f"wind of {_figure(now.wind_speed_10m)} {units.speed} "
        f"({now.time:%H:%M} local time, {_date(now.time)})."
    )


def _day_sentences(where: str, daily: Daily, units: _Labels) -> list[str]:
    days = zip(
        daily.time,
        daily.weather_code,
        daily.temperature_2m_min,
        daily.temperature_2m_max,
        daily.precipitation_sum,
        daily.precipitation_probability_max,
        strict=False,
    )
    sentences = []
    for day, code, low, high, depth, chance in days:
        parts = [
            None if code is None else in_words(code),
            None
            if low is None or high is None
            else f"{_figure(low)} to {_figure(high)} {units.temperature}",
            None if depth is None else f"{_figure(depth)} {units.depth} of precipitation",
            None if chance is None else f"{_figure(chance)}% chance of precipitation",
        ]
        known = ", ".join(filter(None, parts)) or "nothing yet"
        sentences.append(f"The forecast for {where} on {_date(day)} is {known}.")
    return sentences


def _figure(value: float) -> str:
    return f"{value + 0.0:g}"  # adding 0.0 turns -0.0 into 0


def _date(day: date) -> str:
    return f"{weekday(day)} {spoken(day)}"


TOOL = Weather()
