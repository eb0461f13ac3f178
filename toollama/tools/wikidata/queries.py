"""The questions put to Wikidata, and its answers as values fit to be told.

SPARQL comes from three templates that take two identifiers and nothing else, so that no text of a
user or a model is ever part of a query. Shapes as documented at
https://www.mediawiki.org/wiki/Wikidata_Query_Service/User_Manual and
https://www.wikidata.org/w/api.php?action=help&modules=wbsearchentities; keyless. Not yet run
against the real services.
"""

import re
from datetime import date

from toollama.tools.base import HttpDoor
from toollama.tools.upstream import Document, read_as
from toollama.tools.wikidata.properties import Kind, Property

SEARCH_HOST = "www.wikidata.org"
QUERY_HOST = "query.wikidata.org"
_IDENTIFIER = re.compile(r"[QP]\d{1,12}")
_DAY, _MONTH = 11, 10
_LABELS = 'SERVICE wikibase:label { bd:serviceParam wikibase:language "en,mul". }'
_TEMPLATES: dict[Kind, str] = {
    "item": (
        "SELECT ?value ?valueLabel WHERE {{ wd:{item} wdt:{property} ?value . {labels} }} LIMIT 20"
    ),
    "time": (
        "SELECT ?value ?precision WHERE {{ wd:{item} p:{property} ?claim . "
        "?claim a wikibase:BestRank ; psv:{property} ?node . "
        "?node wikibase:timeValue ?value ; wikibase:timePrecision ?precision . }} LIMIT 5"
    ),
    "quantity": (
        "SELECT ?value ?unitLabel ?date WHERE {{ wd:{item} p:{property} ?claim . "
        "?claim a wikibase:BestRank ; psv:{property} ?node . "
        "?node wikibase:quantityAmount ?value ; wikibase:quantityUnit ?unit . "
        "OPTIONAL {{ ?claim pq:P585 ?date . }} {labels} }} LIMIT 5"
    ),
}


class Entity(Document):
    """A thing that Wikidata knows."""

    id: str
    label: str = ""
    description: str = ""

    @property
    def url(self) -> str:
        """Return where Wikidata shows it."""
        return f"https://{SEARCH_HOST}/wiki/{self.id}"


class _Entities(Document):
    search: tuple[Entity, ...]


class _Term(Document):
    value: str


class _Results(Document):
    bindings: tuple[dict[str, _Term], ...]


class _Answer(Document):
    results: _Results


async def find_entities(http: HttpDoor, name: str, *, limit: int) -> tuple[Entity, ...]:
    """Return the things of that name, best first. Raises `ToolFailure`."""
    answer = await http.get_json(
        f"https://{SEARCH_HOST}/w/api.php",
        params={
            "action": "wbsearchentities",
            "search": name,
            "language": "en",
            "uselang": "en",
            "format": "json",
            "limit": limit,
        },
        hosts=[SEARCH_HOST],
    )
    return read_as(_Entities, answer, service=SEARCH_HOST).search


async def values_of(http: HttpDoor, entity: Entity, wanted: Property) -> tuple[str, ...]:
    """Return what Wikidata states for the property, as it is told. Raises `ToolFailure`."""
    answer = await http.get_json(
        f"https://{QUERY_HOST}/sparql",
        params={"query": query(entity.id, wanted), "format": "json"},
        headers={"Accept": "application/sparql-results+json"},
        hosts=[QUERY_HOST],
        deadline_s=60.0,
    )
    rows = read_as(_Answer, answer, service=QUERY_HOST).results.bindings
    told = (_told({name: term.value for name, term in row.items()}, wanted.kind) for row in rows)
    return tuple(dict.fromkeys(filter(None, told)))


def query(item: str, wanted: Property) -> str:
    """Return the SPARQL for one property of one item. Raises `ValueError` for another id."""
    if not _IDENTIFIER.fullmatch(item):
        raise ValueError(f"not an identifier of Wikidata: {item!r}")
    return _TEMPLATES[wanted.kind].format(item=item, property=wanted.number, labels=_LABELS)


def _told(row: dict[str, str], kind: Kind) -> str:
    if kind == "item":
        return row.get("valueLabel") or row.get("value", "")
    if kind == "time":
        return _time(row.get("value", ""), int(row.get("precision", "9")))
    return _quantity(row.get("value", ""), row.get("unitLabel", ""), row.get("date", ""))


def _time(value: str, precision: int) -> str:
    """Return a point of time as precisely as Wikidata knows it; years before 1 as BC."""
    found = re.match(r"(-?)0*(\d+)-(\d\d)-(\d\d)", value)
    if not found:
        return ""
    sign, year, month, day = found[1], int(found[2]), int(found[3]), int(found[4])
    if sign or year == 0:
        # RDF counts a year 0, so that 0 is 1 BC.
        return f"{year + 1} BC"
    if precision >= _DAY and month and day:
        return f"{day} {date(2000, month, 1):%B} {year}"
    if precision == _MONTH and month:
        return f"{date(2000, month, 1):%B} {year}"
    return str(year)


def _quantity(value: str, unit: str, day: str) -> str:
    number = value.lstrip("+")
    whole, _, fraction = number.partition(".")
    fraction = fraction.rstrip("0")
    figure = f"{int(whole):,}" + (f".{fraction}" if fraction else "") if whole else number
    shown = f"{figure} {unit}" if unit and unit != "1" else figure
    return f"{shown} ({day[:4]})" if day else shown
