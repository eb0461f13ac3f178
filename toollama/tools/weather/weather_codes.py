"""Weather codes in words: the rows of WMO code table 4677 that Open-Meteo uses.

Source: "WMO Weather interpretation codes (WW)" in https://open-meteo.com/en/docs.
"""

_WORDS = {
    0: "a clear sky",
    1: "a mainly clear sky",
    2: "a partly cloudy sky",
    3: "an overcast sky",
    45: "fog",
    48: "depositing rime fog",
    51: "light drizzle",
    53: "moderate drizzle",
    55: "dense drizzle",
    56: "light freezing drizzle",
    57: "dense freezing drizzle",
    61: "slight rain",
    63: "moderate rain",
    65: "heavy rain",
    66: "light freezing rain",
    67: "heavy freezing rain",
    71: "slight snowfall",
    73: "moderate snowfall",
    75: "heavy snowfall",
    77: "snow grains",
    80: "slight rain showers",
    81: "moderate rain showers",
    82: "violent rain showers",
    85: "slight snow showers",
    86: "heavy snow showers",
    95: "a thunderstorm",
    96: "a thunderstorm with slight hail",
    99: "a thunderstorm with heavy hail",
}


def in_words(code: int) -> str:
    """Return the weather as the object of `with`; a code outside the table is named as such."""
    return _WORDS.get(code, f"weather of WMO code {code}")
