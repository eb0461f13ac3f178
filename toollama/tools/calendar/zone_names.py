"""Time zones by the names people use: cities, countries, abbreviations, offsets from UTC.

Owns which zone a name means. A country with several zones is read as its capital, and an
abbreviation that several zones share is read as one of them; `Place.read_as` says which. Offsets
and daylight saving come from the tz database through `zoneinfo`.
"""

import difflib
import re
import unicodedata
import zoneinfo
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache

from toollama.text import one_line
from toollama.tools.base import ToolFailure

# Places whose names are not part of a zone's name; those are added from the tz database.
_PLACES = """
America/New_York: washington, washington dc, boston, philadelphia, miami, atlanta, nyc
America/New_York: us east coast
America/Chicago: houston, dallas, austin, san antonio, minneapolis, new orleans, st louis, nashville
America/Denver: salt lake city, albuquerque; America/Phoenix: arizona, tucson
America/Los_Angeles: san francisco, seattle, san diego, las vegas, portland, la, california
America/Los_Angeles: silicon valley; Pacific/Honolulu: hawaii
America/Toronto: ottawa, montreal, quebec; America/Vancouver: british columbia
America/Edmonton: calgary; America/Mexico_City: guadalajara; America/Sao_Paulo: brasilia de janeiro
America/Argentina/Buenos_Aires: argentina; America/Santiago: chile; America/Bogota: colombia
America/Lima: peru; America/Caracas: venezuela; America/Guayaquil: quito, ecuador
America/La_Paz: bolivia; America/Montevideo: uruguay; America/Asuncion: paraguay
America/Guatemala: guatemala city
Europe/London: uk, united kingdom, england, scotland, wales, britain, great britain, manchester
Europe/London: birmingham, edinburgh, glasgow, liverpool, cardiff; Europe/Dublin: ireland
Europe/Paris: france, lyon, marseille, nice, toulouse
Europe/Berlin: germany, munich, hamburg, frankfurt, cologne, stuttgart, dusseldorf, leipzig
Europe/Vienna: austria, salzburg; Europe/Zurich: switzerland, geneva, bern, basel
Europe/Brussels: belgium, antwerp; Europe/Amsterdam: netherlands, holland, rotterdam, the hague
Europe/Madrid: spain, barcelona, valencia, seville; Europe/Lisbon: portugal, porto
Europe/Rome: italy, milan, naples, turin, florence, venice; Europe/Athens: greece
Europe/Warsaw: poland, krakow; Europe/Prague: czechia, czech republic; Europe/Budapest: hungary
Europe/Bucharest: romania; Europe/Sofia: bulgaria; Europe/Belgrade: serbia
Europe/Copenhagen: denmark; Europe/Stockholm: sweden, gothenburg; Europe/Oslo: norway, bergen
Europe/Helsinki: finland; Atlantic/Reykjavik: iceland; Europe/Kyiv: ukraine
Europe/Istanbul: turkey, ankara; Europe/Moscow: saint petersburg, st petersburg
Asia/Dubai: uae, united arab emirates, abu dhabi; Asia/Riyadh: saudi arabia, jeddah, mecca
Asia/Qatar: doha; Asia/Jerusalem: israel; Asia/Tehran: iran
Asia/Karachi: pakistan, islamabad, lahore
Asia/Kolkata: india, mumbai, bombay, delhi, new delhi, bangalore, bengaluru, chennai, hyderabad
Asia/Kolkata: pune; Asia/Dhaka: bangladesh; Asia/Colombo: sri lanka; Asia/Kathmandu: nepal
Asia/Bangkok: thailand; Asia/Ho_Chi_Minh: vietnam, hanoi, saigon; Asia/Jakarta: bandung
Asia/Makassar: bali, denpasar; Asia/Kuala_Lumpur: malaysia; Asia/Manila: philippines
Asia/Shanghai: china, beijing, shenzhen, guangzhou, chengdu, wuhan; Asia/Taipei: taiwan
Asia/Tokyo: japan, osaka, kyoto, nagoya, sapporo, yokohama; Asia/Seoul: south korea, korea, busan
Asia/Pyongyang: north korea; Asia/Tashkent: uzbekistan; Africa/Cairo: egypt, alexandria
Africa/Johannesburg: south africa, cape town, pretoria, durban; Africa/Lagos: nigeria, abuja
Africa/Nairobi: kenya; Africa/Addis_Ababa: ethiopia; Africa/Accra: ghana
Africa/Casablanca: morocco, rabat; Africa/Algiers: algeria; Africa/Tunis: tunisia
Africa/Dar_es_Salaam: tanzania; Africa/Kampala: uganda; Africa/Kigali: rwanda; Africa/Dakar: senegal
Australia/Sydney: canberra, new south wales; Australia/Brisbane: gold coast
Pacific/Auckland: new zealand, wellington, christchurch; UTC: gmt, zulu, z, utc time
"""
_READ_AS = """
usa, us, united states, america: America/New_York, Washington; russia: Europe/Moscow, Moscow
canada: America/Toronto, Ottawa; australia: Australia/Sydney, Canberra
brazil: America/Sao_Paulo, Brasilia; mexico: America/Mexico_City, Mexico City
indonesia: Asia/Jakarta, Jakarta; kazakhstan: Asia/Almaty, Astana
mongolia: Asia/Ulaanbaatar, Ulaanbaatar; est, edt, et: America/New_York, US Eastern time
cst, cdt, ct: America/Chicago, US Central time; mst, mdt: America/Denver, US Mountain time
pst, pdt, pt: America/Los_Angeles, US Pacific time; ist: Asia/Kolkata, India Standard Time
bst: Europe/London, British Summer Time; cet, cest: Europe/Paris, Central European time
eet, eest: Europe/Athens, Eastern European time; msk: Europe/Moscow, Moscow time
jst: Asia/Tokyo, Japan time; kst: Asia/Seoul, Korea time; sgt: Asia/Singapore, Singapore time
hkt: Asia/Hong_Kong, Hong Kong time; aest, aedt: Australia/Sydney, Sydney time
nzst, nzdt: Pacific/Auckland, New Zealand time; gst: Asia/Dubai, Gulf time
"""
"""Names that could mean several zones: the zone taken, and what the answer says it was read as."""
_REGIONS = {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
_OFFSET = r"(?:utc|gmt) ?([+-]) ?(\d{1,2})(?::?(\d{2}))?"


@dataclass(frozen=True, slots=True)
class Place:
    """A place name with its zone."""

    label: str
    zone: str
    tz: tzinfo
    read_as: str = ""
    """What an ambiguous name was taken for."""

    def described(self, moment: datetime) -> str:
        """Return `Tokyo (Asia/Tokyo, UTC+09:00)` for the moment."""
        offset = moment.astimezone(self.tz).strftime("%z")
        zone = "" if self.zone == self.label else f"{self.zone}, "
        return f"{self.label} ({zone}UTC{offset[:3]}:{offset[3:5]})"


@cache
def _names() -> dict[str, tuple[str, str]]:
    """Return zone and reading by plain name: `mumbai`, `kuala lumpur`, `est`."""
    names: dict[str, tuple[str, str]] = {}
    for line in re.split(r"; |\n", _READ_AS.strip()):
        spellings, taken = line.split(": ")
        zone, reading = taken.split(", ")
        names |= dict.fromkeys(spellings.split(", "), (zone, reading))
    for line in re.split(r"; |\n", _PLACES.strip()):
        zone, places = line.split(": ")
        names |= dict.fromkeys(places.split(", "), (zone, ""))
    for zone in sorted(zoneinfo.available_timezones()):
        if zone == "UTC" or zone.partition("/")[0] in _REGIONS:
            names.setdefault(zone.rpartition("/")[2].replace("_", " ").lower(), (zone, ""))
        if zone == "UTC" or "/" in zone:  # `Etc/UTC` is what many servers are set to
            names.setdefault(zone.lower(), (zone, ""))
    return names


def find_place(name: str) -> Place:
    """Return the place with that name. Raises `ToolFailure(kind="not_found")`."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = " ".join(re.sub(r"\btime\b|[.,?!]", " ", folded).split())
    if offset := _fixed_offset(plain):
        return offset
    if plain not in _names():
        near = difflib.get_close_matches(plain, _names(), n=3, cutoff=0.6)
        raise ToolFailure(
            f"no city, country or time zone is known as {one_line(name, 40)!r}",
            kind="not_found",
            fix=f"did you mean {', '.join(near)}?" if near else "name a large city nearby",
        )
    zone, read_as = _names()[plain]
    if "/" in plain or zone == "UTC":
        label = zone
    else:
        label = plain.upper() if len(plain) < 4 + bool(read_as) else plain.title()
    return Place(label, zone, zoneinfo.ZoneInfo(zone), read_as)


def _fixed_offset(name: str) -> Place | None:
    """Return `utc+5:30` as a place; no zone is further than 14 hours from UTC."""
    match = re.fullmatch(_OFFSET, name)
    minutes = int(match[2]) * 60 + int(match[3] or 0) if match else 0
    if match is None or minutes > 14 * 60:
        return None
    label = f"UTC{match[1]}{minutes // 60:02}:{minutes % 60:02}"
    sign = 1 if match[1] == "+" else -1
    return Place(label, label, timezone(sign * timedelta(minutes=minutes)))


@cache
def any_name() -> re.Pattern[str]:
    """Return the pattern of every name that `find_place` knows, whatever its case."""
    longest_first = sorted(_names(), key=len, reverse=True)
    by_initial: defaultdict[str, list[str]] = defaultdict(list)
    for name in longest_first:
        by_initial[name[0]].append(re.escape(name[1:]))
    # A branch per initial: the matcher tries each branch at every word of a text.
    names = "|".join(f"{re.escape(at)}(?:{'|'.join(rest)})" for at, rest in by_initial.items())
    return re.compile(rf"(?<!\w)(?:{_OFFSET}|{names})(?!\w)", re.IGNORECASE)
