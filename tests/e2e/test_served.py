"""Questions for services, asked of the whole program: it says what they serve and cites them.

The services stand on 127.0.0.1 and are reached as a mirror of a user is. The model is the 1.5B
where it is on this machine, else the bundled one: these questions are read by code.
"""

import asyncio
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Toollama
from tests.e2e.test_larger import LARGE
from tests.e2e.test_starter import SALES
from tests.provider.server import Provider
from tests.provider.wire import Reply, Request, json_reply

CREW = ["-m", f"all={LARGE}"] if LARGE.exists() else []


@dataclass(frozen=True)
class Served:
    """What a service has at one path, for a query that holds at least these words."""

    host: str
    path: str
    reply: Reply
    query: tuple[tuple[str, str], ...] = ()

    def faults(self, request: Request) -> list[str]:
        found = {
            "host": request.host == self.host,
            "path": request.path == self.path,
            "query": set(self.query) <= set(request.query),
        }
        return [name for name, holds in found.items() if not holds]


def _forecast(today: date) -> dict[str, Any]:
    days = [(today + timedelta(days=at)).isoformat() for at in range(2)]
    return {
        "timezone": "Europe/Oslo",
        "current": {
            "time": f"{days[0]}T13:00", "interval": 900, "temperature_2m": 7.2,
            "apparent_temperature": 4.1, "relative_humidity_2m": 87, "precipitation": 0.3,
            "weather_code": 61, "wind_speed_10m": 18.4,
        },
        "daily": {
            "time": days, "weather_code": [61, 3], "temperature_2m_max": [8.0, 9.7],
            "temperature_2m_min": [3.1, 2.4], "precipitation_sum": [4.2, 0.0],
            "precipitation_probability_max": [85, 15],
        },
    }  # fmt: skip


BERGEN = {"name": "Bergen", "latitude": 60.393, "longitude": 5.324, "country": "Norway"}
PAPER = {
    "paperId": "a1", "title": "Ranks and Gains", "year": 2024, "venue": "MadeConf",
    "citationCount": 1310, "abstract": "We made this.", "authors": [{"name": "Ida Berg"}],
    "url": "https://www.semanticscholar.org/paper/a1", "externalIds": {"DOI": "10.5555/made.1"},
}  # fmt: skip
KENYA = {
    "indicator": {"id": "SP.POP.TOTL", "value": "Population, total"}, "country": {"value": "Kenya"},
    "countryiso3code": "KEN", "date": "2024", "value": 56000001,
}  # fmt: skip
SENSE = {"definition": "The scent of rain on dry ground.", "example": "Petrichor rose."}
WORD = {
    "word": "petrichor", "sourceUrls": ["https://en.wiktionary.org/wiki/petrichor"],
    "meanings": [{"partOfSpeech": "noun", "definitions": [SENSE]}],
}  # fmt: skip
COMIC = {"num": 614, "title": "Woodpecker", "safe_title": "Woodpecker", "alt": "If you don't",
         "transcript": "", "img": "https://imgs.xkcd.com/a.png", "year": "2009", "month": "7",
         "day": "24"}  # fmt: skip


def _services() -> list[Served]:
    today = datetime.now(UTC).date()
    return [
        Served("geocoding-api.open-meteo.com", "/v1/search", json_reply({"results": [BERGEN]})),
        Served("api.open-meteo.com", "/v1/forecast", json_reply(_forecast(today))),
        Served("xkcd.com", "/614/info.0.json", json_reply(COMIC)),
        Served("api.dictionaryapi.dev", "/api/v2/entries/en/petrichor", json_reply([WORD])),
        Served(
            "api.worldbank.org",
            "/v2/country/KEN/indicator/SP.POP.TOTL",
            json_reply([{"page": 1, "total": 1, "lastupdated": "2026-07-01"}, [KENYA]]),
        ),
        Served(
            "api.semanticscholar.org",
            "/graph/v1/paper/search",
            json_reply({"total": 1, "offset": 0, "data": [PAPER]}),
            (("query", "LoRA"), ("year", "2024-")),
        ),
    ]  # fmt: skip


def _reach(provider: Provider, environment: dict[str, str]) -> None:
    """Let the program reach the provider in place of the services."""
    mirrors = (f"{host}={url}" for host, url in provider.base_urls.items())
    environment["TOOLLAMA_BASE_URLS"] = ",".join(mirrors)
    environment.pop("TOOLLAMA_OFFLINE", None)


@pytest.mark.parametrize(
    ("question", "said", "source"),
    [
        ("weather in Bergen tomorrow", "9.7", "open-meteo.com"),
        ("xkcd 614", "Woodpecker", "https://xkcd.com/614/"),
        ("define petrichor", "The scent of rain on dry ground.", "wiktionary.org/wiki/petrichor"),
        ("population of Kenya", "56,000,001", "worldbank.org"),
        ("papers about LoRA since 2024", "Ranks and Gains", "semanticscholar.org/paper/a1"),
    ],
)
async def test_a_service_is_asked_and_cited(
    toollama: Toollama, environment: dict[str, str], question: str, said: str, source: str
) -> None:
    async with Provider(_services()) as provider:
        _reach(provider, environment)
        done = await asyncio.to_thread(toollama, "ask", *CREW, question)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert source in done.stdout
    assert provider.refused == []


PAPERS = {
    "type": "object",
    "properties": {
        "papers": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"title": {"type": "string"}},
                "required": ["title"],
            },
        }
    },
    "required": ["papers"],
}


async def test_an_answer_under_a_schema_is_one_document_of_what_was_found(
    toollama: Toollama, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "papers.json").write_text(json.dumps(PAPERS))
    titles = ["Ranks and Gains", "Small Ranks, Large Gains", "A Survey of Low-Rank Adapters"]
    found = {"total": 3, "offset": 0, "data": [{**PAPER, "title": title} for title in titles]}
    search = Served("api.semanticscholar.org", "/graph/v1/paper/search", json_reply(found))
    async with Provider([search]) as provider:
        _reach(provider, environment)
        done = await asyncio.to_thread(
            toollama, "ask", "3 papers on LoRA", "--schema", "papers.json"
        )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert sorted(each["title"] for each in document["papers"]) == sorted(titles)


async def test_files_and_a_page_are_attached_and_the_answer_is_a_file(
    toollama: Toollama, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(SALES, tmp_path / "data")
    page = Reply(200, {"Content-Type": "text/plain"}, b"one two three four")
    async with Provider([Served("example.org", "/notes.txt", page)]) as provider:
        _reach(provider, environment)
        done = await asyncio.to_thread(
            toollama,
            *("ask", "-f", "data/**/*.csv", "-f", "https://example.org/notes.txt"),
            *("which shop has the highest total revenue in sales.csv?", "-o", "answer.md"),
        )
        shown = await asyncio.to_thread(toollama, "runs", "show", "last", "--json", "--events")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "written to answer.md\n")
    assert (tmp_path / "answer.md").read_text().startswith("Harbour has the highest total revenue")
    started = json.loads(shown.stdout)["events"][0]
    assert started["data"]["attachments"] == ["data/sales.csv", "https://example.org/notes.txt"]
