"""One call of a tool with all that its services must be asked: what the contract suite runs.

A declared API brings its cases as `examples`; a Python tool has a file in tests/tools/fixtures.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from tests.provider.declared import DeclaredOperation
from tests.provider.recorded import Exchange, exchange
from tests.provider.server import Expectation
from tests.provider.wire import Reply, json_reply
from toollama.tools.declared import catalogue
from toollama.tools.discovery import Entry, Origin
from toollama.tools.weather.open_meteo import GEOCODING_HOST

_ROOT = Path(__file__).parents[2]
_FIXTURES = _ROOT / "tests" / "tools" / "fixtures"
_PLACE = {"name": "Bergen", "latitude": 60.39, "longitude": 5.32, "country": "Norway"}


@dataclass(frozen=True)
class Case:
    """A call, its contract, and what it must say."""

    tool: str
    arguments: Mapping[str, Any]
    expectations: tuple[Expectation, ...]
    statements: tuple[str, ...] = ()
    """Texts that must occur in what the tool says."""


def cases_of(entry: Entry) -> list[Case]:
    """Return the cases of a networked tool; none where nobody wrote any."""
    if entry.origin is Origin.CATALOGUE:
        return _declared(entry)
    path = _FIXTURES / f"{entry.name}.yaml"
    return _written(entry.name, path) if path.exists() else []


def seam_of(entry: Entry) -> Path | None:
    """Return the test of a tool whose library brings a client of its own, as its fixture names it.

    No socket of ours is asked there; the tool is tested where it hands over to the library.
    """
    path = _FIXTURES / f"{entry.name}.yaml"
    if not path.exists():
        return None
    seam = yaml.safe_load(path.read_text(encoding="utf-8")).get("seam")
    return _ROOT / seam if seam else None


def _written(name: str, path: Path) -> list[Case]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    missing = {"source", "checked", "verified_live", "cases"} - document.keys()
    assert not missing, f"{path.name} does not say {missing}"
    return [
        Case(
            name,
            one.get("arguments") or {},
            tuple(map(exchange, one["exchanges"])),
            tuple(one.get("statements") or ()),
        )
        for one in document["cases"] or ()
    ]


@lru_cache(maxsize=128)
def _document(path: Path) -> Mapping[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return document


def _declared(entry: Entry) -> list[Case]:
    [path] = [path for path in catalogue.files() if path.name == entry.place]
    document = _document(path)
    for at, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters" and operation["operationId"] == entry.name:
                terms = operation["x-toollama"]
                return [
                    _declared_case(DeclaredOperation(document, at, method, {}, Reply()), example)
                    for example in terms.get("examples", [])
                ]
    raise AssertionError(f"{path.name} has no operation {entry.name}")


def _declared_case(declared: DeclaredOperation, example: Mapping[str, Any]) -> Case:
    arguments = example.get("arguments") or {}
    asked = replace(declared, arguments=arguments, reply=_reply_of(example))
    located = (asked.operation["x-toollama"].get("locate") or {}).get("parameter")
    place = arguments.get(located) if located else None
    expectations: tuple[Expectation, ...] = (asked, _geocoding(place)) if place else (asked,)
    return Case(asked.operation["operationId"], arguments, expectations)


def _reply_of(example: Mapping[str, Any]) -> Reply:
    reply, status = example.get("reply"), example.get("status", 200)
    if isinstance(reply, str):
        return Reply(status, {"Content-Type": "text/plain"}, reply.encode())
    return json_reply(reply, status=status)


def _geocoding(place: str) -> Exchange:
    """Return the exchange that turns the name of a place into coordinates (Open-Meteo)."""
    town, *regions = (part.strip() for part in place.split(","))
    query = {"name": town, "count": 20 if regions else 5, "language": "en", "format": "json"}
    reply = json_reply({"results": [_PLACE]})
    return Exchange("GET", GEOCODING_HOST, "/v1/search", query, {}, None, reply)
