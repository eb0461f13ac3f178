"""Clock times around the world: now in a place, a time carried over, the difference of two places.

Owns which zone a place name means; offsets and daylight saving come from the tz database through
`zoneinfo`. A country with several zones is read as its capital, and an abbreviation that several
zones share is read as one of them; the answer says which. Calendar sums belong to `date_math`.
"""

import difflib
import re
import unicodedata
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from typing import Literal

from pydantic import Field

from toollama.text import one_line
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.words import counted, with_digits

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
_ALSO_WORDS = frozenset(
    str.split("center west north south easter reunion knox nome troll nice acre vincennes general")
)
_ASKING = frozenset(
    str.split(
        "what whats is it the time current local now right rn in at of for and to from when "
        "convert how many hours far ahead behind difference between please me tell my zone "
        "clock on if its"
    )
)
"""Words that only ask; any other word may change what is asked."""
_HERE = "here"
_OFFSET = r"(?:utc|gmt) ?([+-]) ?(\d{1,2})(?::?(\d{2}))?"
_TIME = (
    r"(?<![\d:])\d{1,2}(?::\d{2})? ?(?:am|pm|a\.m\.|p\.m\.)(?!\w)"
    r"|(?<![\d:+-])\d{1,2}:\d{2}(?![\d:])"
    r"|\bnoon\b|\bmidday\b|\bmidnight\b|\b\d{1,2} ?o'?clock\b"
)


class TimeZoneArguments(Arguments):
    """Where the time is wanted, and which time it is where."""

    place: str = Field(
        default="",
        max_length=60,
        description="Where the time is wanted: a city, country, zone such as Europe/Berlin or EST, "
        "UTC+2; empty means the user's own zone",
    )
    from_place: str = Field(
        default="",
        max_length=60,
        description="Where `time` is given, or the other place of a time difference",
    )
    time: str = Field(
        default="", max_length=20, description="A clock time to convert, such as 14:30 or 3pm"
    )
    day: date | None = Field(
        default=None, description="The day in from_place as YYYY-MM-DD; left out means today"
    )


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


@dataclass(frozen=True, slots=True)
class Reading:
    """One moment in the place asked for and in the other one."""

    kind: Literal["now", "converted", "difference"]
    place: Place
    other: Place
    moment: datetime
    note: str = ""


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
            names.setdefault(zone.lower(), (zone, ""))
    return names


def find_place(name: str) -> Place:
    """Return the place with that name. Raises `ToolFailure(kind="not_found")`."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    plain = " ".join(re.sub(r"\btime\b|[.,?!]", " ", folded).split())
    if offset := re.fullmatch(_OFFSET, plain):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        label = f"UTC{offset[1]}{minutes // 60:02}:{minutes % 60:02}"
        if minutes <= 14 * 60:
            sign = 1 if offset[1] == "+" else -1
            return Place(label, label, timezone(sign * timedelta(minutes=minutes)))
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


def parse_time(text: str) -> time:
    """Return the clock time that the words give: `3pm`, `14:30`, `noon`.

    Raises `ToolFailure(kind="invalid_input")`.
    """
    words = text.lower().replace(".", "").strip()
    named = {"noon": time(12), "midday": time(12), "midnight": time(0)}
    if words in named:
        return named[words]
    match = re.fullmatch(r"(\d{1,2})(?::(\d{2}))? ?(am|pm|o'?clock)?", words)
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 0)
    if match and match[3] in {"am", "pm"}:
        hour = hour % 12 + (12 if match[3] == "pm" else 0) if 1 <= hour <= 12 else 99
    if hour > 23 or minute > 59:
        raise ToolFailure(
            f"{one_line(text, 20)!r} is not a clock time",
            kind="invalid_input",
            fix="write it as 14:30 or 2:30pm",
        )
    return time(hour, minute)


def moment_at(day: date, clock_time: time, tz: tzinfo) -> tuple[datetime, str]:
    """Return the moment at which clocks there show the time, and what daylight saving did to it."""
    local = datetime.combine(day, clock_time, tz)
    real = local.astimezone(UTC).astimezone(tz)
    if real.replace(tzinfo=None) != local.replace(tzinfo=None):
        note = f"Clocks there skip {clock_time:%H:%M} that day; {real:%H:%M} is taken."
        return real, note
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        return local, f"Clocks there show {clock_time:%H:%M} twice that day; the first is taken."
    return local, ""


class TimeZone(Tool[TimeZoneArguments, Reading]):
    """Answers one question about clock times."""

    spec = ToolSpec(
        name="time_zone",
        summary="Tells the time in a city or zone, converts times and compares time zones.",
        utterances=(
            "what time is it in Tokyo",
            "3pm London in New York",
            "convert 14:30 UTC to Sydney on 2026-07-01",
            "time difference between Berlin and Mumbai",
            "current time in new york",
            "whats the time in india rn",
            "what time is it",
            "when it's 9am in Paris what time is it in Los Angeles",
            "how far ahead is Singapore of London",
            "10:00 EST in CET",
            "time in sao paulo?",
            "is it morning in Melbourne now",
            "what is 5pm PST in my time",
            "convert noon Chicago time to Dubai",
            "local time Nairobi",
            "how many hours between Toronto and Madrid",
            "clock in hong kong",
            "9 am UTC+2 to tokyo",
            "tiem in lisbon",
            "what time zone is Denver in",
            "midnight in Rome is what time in Seoul",
        ),
        parameters=TimeZoneArguments,
        packs=("drummer.analysis", "belter.knowledge", "belter.research"),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return the places and the time in the words, in the direction the words give."""
        text = with_digits(text)
        clock = re.search(_TIME, text, re.IGNORECASE)
        mentions = _mentions(text)
        place, from_place, clear = _direction(text, clock, mentions)
        day = re.search(r"\b\d{4}-\d{2}-\d{2}\b", text)
        values = {
            "place": place or context.timezone,
            "from_place": context.timezone if from_place == _HERE else from_place,
            "time": clock.group() if clock else "",
            "day": day.group() if day else "",
        }
        spare = text
        for words in filter(None, [*(match.group() for match in mentions), *values.values()]):
            spare = spare.replace(words, " ", 1)
        certain = clear and _ASKING.issuperset(re.findall(r"\w+", spare.lower()))
        asks_time = certain and re.search(r"\btime\b", text, re.IGNORECASE)
        if not mentions and clock is None and not asks_time:
            return {}
        return {
            name: [Candidate(value, "words" if value in text else "context", certain=certain)]
            for name, value in values.items()
            if value
        }

    async def execute(self, args: TimeZoneArguments, context: ToolContext) -> Reading:
        """Find the places and the moment."""
        place = find_place(args.place or context.timezone)
        other = find_place(args.from_place or context.timezone)
        now = context.clock.now()
        if not args.time and not args.from_place:
            return Reading("now", place, other, now)
        day = args.day or now.astimezone(other.tz).date()
        moment, note = moment_at(day, parse_time(args.time or "noon"), other.tz)
        return Reading("converted" if args.time else "difference", place, other, moment, note)

    def format(self, args: TimeZoneArguments, raw: Reading, context: ToolContext) -> ToolResult:
        """State the time or the difference, then how ambiguous names were read."""
        there, here = raw.moment.astimezone(raw.place.tz), raw.moment.astimezone(raw.other.tz)
        readings = {
            f"{place.label} is read as {place.read_as}."
            for place in (raw.place, raw.other)
            if place.read_as
        }
        return ToolResult(
            statements=(_statement(raw, there, here), *sorted(readings), *filter(None, [raw.note])),
            data={
                "place": raw.place.zone,
                "time": there.isoformat(timespec="minutes"),
                "from_place": raw.other.zone,
                "from_time": here.isoformat(timespec="minutes"),
            },
            sources=(Source(self.spec.name, self.spec.name),),
        )


def _mentions(text: str) -> list[re.Match[str]]:
    """Return the place names in the sentence; short ones only where a place is expected."""
    found = []
    for match in _any_name().finditer(text):
        name = match.group()
        expected = re.search(
            r"(?:\b(?:in|to|from|between|and)|\d|[ap]m|noon) ?$", text[: match.start()]
        )
        if expected or name.isupper() or (len(name) > 3 and name.lower() not in _ALSO_WORDS):
            found.append(match)
    return found


@cache
def _any_name() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, _names()), key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{_OFFSET}|{names})(?!\w)", re.IGNORECASE)


def _direction(
    text: str, clock: re.Match[str] | None, mentions: list[re.Match[str]]
) -> tuple[str, str, bool]:
    """Return the place asked for, the place the time is given for, and whether that is clear."""
    names = [match.group() for match in mentions]
    if clock is None:
        if re.search(r"differ|between|ahead|behind|apart|\bvs\b", text, re.IGNORECASE):
            first = names[0] if len(names) > 1 else _HERE
            return (names or [""])[-1], first, 1 <= len(names) <= 2
        unknown = re.search(r"\btime\b.*? in ([^\d?.!,]+)", text, re.IGNORECASE)
        return (names or [unknown[1].strip() if unknown else ""])[0], "", len(names) <= 1
    given = next((match for match in mentions if _belongs(text, clock, match)), None)
    others = [match.group() for match in mentions if match is not given]
    place = others[0] if others else ""
    if given is None:
        return place, "", len(others) == 1 and " to " in text
    one_way = bool(others) or " in " not in text[clock.end() : given.start()]
    return place, given.group(), one_way and len(others) <= 1


def _belongs(text: str, clock: re.Match[str], place: re.Match[str]) -> bool:
    """Whether the clock time is given for the place: `3pm London`, `in Paris it is 9am`."""
    if place.start() >= clock.end():
        between = text[clock.end() : place.start()]
        return re.fullmatch(r"[ ,]*(?:in |at |from )?", between, re.IGNORECASE) is not None
    between = text[place.end() : clock.start()]
    return re.fullmatch(r"[ ,]*(?:time )?(?:it is |it's |is |at )?", between) is not None


def _statement(raw: Reading, there: datetime, here: datetime) -> str:
    place, other = raw.place.described(raw.moment), raw.other.described(raw.moment)
    if raw.kind == "now":
        return f"It is {there:%H:%M} on {_day(there)} in {place}."
    if raw.kind == "converted":
        return (
            f"{here:%H:%M} on {_day(here)} in {other} is {there:%H:%M} on {_day(there)} in {place}."
        )
    ahead = (there.utcoffset() or timedelta()) - (here.utcoffset() or timedelta())
    if not ahead:
        return f"{place} and {other} have the same time on {_day(here)}."
    hours, minutes = divmod(int(abs(ahead).total_seconds()) // 60, 60)
    length = f"{counted(hours, 'hour')}" + (f" {minutes} minutes" if minutes else "")
    side = "ahead of" if ahead > timedelta() else "behind"
    return f"{place} is {length} {side} {other} on {_day(here)}."


def _day(moment: datetime) -> str:
    return f"{moment:%A}, {moment.day} {moment:%B} {moment.year}"


TOOL = TimeZone()
