"""What the US Census Bureau says of the neighbourhood (census tract) of an address.

The geocoder (https://geocoding.geo.census.gov/geocoder/Geocoding_Services_API.html) is keyless; the
American Community Survey (https://www.census.gov/data/developers/data-sets/acs-5year.html) wants a
key since May 2026. Not yet run against the real services.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toollama.tools.base import HttpDoor
from toollama.tools.upstream import Document, read_as

GEOCODER_HOST = "geocoding.geo.census.gov"
DATA_HOST = "api.census.gov"
YEAR = 2023
"""The last year of the five that the figures are means of."""
VARIABLES: Mapping[str, str] = {
    "B01003_001E": "population",
    "B01002_001E": "median_age",
    "B19013_001E": "median_income",
    "B25077_001E": "median_home_value",
    "B25064_001E": "median_rent",
}


class Tract(Document):
    """A census tract by its FIPS codes."""

    STATE: str
    COUNTY: str
    TRACT: str
    NAME: str = ""


class _Match(Document):
    matchedAddress: str  # noqa: N815 - the service's own name
    geographies: Mapping[str, Sequence[Tract]] = {}


class _Matches(Document):
    addressMatches: tuple[_Match, ...]  # noqa: N815 - the service's own name


class _Found(Document):
    result: _Matches


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Figures by the names of `VARIABLES`; what the survey does not tell is left out."""

    address: str
    name: str
    figures: Mapping[str, float]


async def find_tract(http: HttpDoor, address: str) -> tuple[str, Tract] | None:
    """Return the address as it was matched and its tract, or None. Raises `ToolFailure`."""
    answer = await http.get_json(
        f"https://{GEOCODER_HOST}/geocoder/geographies/onelineaddress",
        params={
            "address": address,
            "benchmark": "Public_AR_Current",
            "vintage": "Current_Current",
            "format": "json",
        },
        hosts=[GEOCODER_HOST],
    )
    for match in read_as(_Found, answer, service=GEOCODER_HOST).result.addressMatches:
        if tracts := match.geographies.get("Census Tracts"):
            return match.matchedAddress, tracts[0]
    return None


async def survey(http: HttpDoor, address: str, tract: Tract, *, key: str) -> Neighbourhood | None:
    """Return the figures of a tract, None where the survey has none. Raises `ToolFailure`."""
    answer = await http.get_json(
        f"https://{DATA_HOST}/data/{YEAR}/acs/acs5",
        params={
            "get": ",".join(["NAME", *VARIABLES]),
            "for": f"tract:{tract.TRACT}",
            "in": f"state:{tract.STATE} county:{tract.COUNTY}",
            "key": key,
        },
        hosts=[DATA_HOST],
    )
    rows = read_as(tuple[tuple[str | None, ...], ...], answer, service=DATA_HOST)
    if len(rows) < 2:
        return None
    values = dict(zip(rows[0], rows[1], strict=True))
    figures = {name: _figure(values.get(code)) for code, name in VARIABLES.items()}
    known = {name: figure for name, figure in figures.items() if figure is not None}
    return Neighbourhood(address, values.get("NAME") or tract.NAME, known) if known else None


def _figure(text: str | None) -> float | None:
    """Return the number; large negative ones mean that there is none."""
    number = float(text) if text else None
    return number if number is not None and number >= 0 else None
