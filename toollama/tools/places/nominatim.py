"""Where an address lies, by OpenStreetMap's Nominatim.

https://nominatim.org/release-docs/latest/api/Search/ and its usage policy: one request a second for
the whole program, a User-Agent with a contact, attribution. Not yet run against the real service.
"""

from toollama.tools.base import HttpDoor
from toollama.tools.upstream import Document, read_as

HOST = "nominatim.openstreetmap.org"


class Spot(Document):
    """A point on the map with the name it is known by."""

    lat: float
    lon: float
    display_name: str

    @property
    def short_name(self) -> str:
        """Return the first parts of the name, enough to be recognised."""
        return ", ".join(self.display_name.split(", ")[:3])


async def find_spot(http: HttpDoor, address: str) -> Spot | None:
    """Return the likeliest place, or None. Raises `ToolFailure`."""
    answer = await http.get_json(
        f"https://{HOST}/search",
        params={"q": address, "format": "jsonv2", "limit": 1},
        hosts=[HOST],
    )
    found = read_as(tuple[Spot, ...], answer, service=HOST)
    return found[0] if found else None
