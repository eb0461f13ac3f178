"""The two ways to search the web: the user's own SearXNG server, and public engines by ddgs.

SearXNG answers JSON where its settings allow it (https://docs.searxng.org/dev/search_api.html).
ddgs (https://github.com/deedy5/ddgs) reads the result pages of public engines with an HTTP client
of its own, which the door cannot guard: it is only ever given words, never an address, and runs in
a thread that is left behind after `deadline_s`. Neither has yet been run against a real service.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from toollama.text import one_line
from toollama.tools.base import ToolContext, ToolFailure
from toollama.tools.upstream import Document, read_as

SEARXNG_HOST = "searxng.invalid"
"""What `SEARXNG_URL` stands in for; see `toollama.base_urls`."""

Topic = Literal["text", "news"]
Period = Literal["day", "week", "month", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One page that a search found."""

    title: str
    url: str
    excerpt: str = ""
    published: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is searched for."""

    query: str
    topic: Topic = "text"
    period: Period | None = None
    limit: int = 5


class SearchEngine(Protocol):
    """Something that finds pages."""

    async def search(self, question: Question, context: ToolContext) -> tuple[Hit, ...]:
        """Return the hits, best first, at most `question.limit`. Raises `ToolFailure`."""
        ...


class _SearxngHit(Document):
    title: str = ""
    url: str
    content: str | None = None
    publishedDate: str | None = None  # noqa: N815 - the service's own name


class _SearxngAnswer(Document):
    results: tuple[_SearxngHit, ...]


class Searxng:
    """The user's own server."""

    async def search(self, question: Question, context: ToolContext) -> tuple[Hit, ...]:
        """Ask the server for JSON."""
        params = {
            "q": question.query,
            "format": "json",
            "categories": "news" if question.topic == "news" else "general",
            **({"time_range": question.period} if question.period else {}),
        }
        answer = await context.http.get_json(
            f"https://{SEARXNG_HOST}/search", params=params, hosts=[SEARXNG_HOST]
        )
        found = read_as(_SearxngAnswer, answer, service="SearXNG").results
        return tuple(
            Hit(
                title=hit.title,
                url=hit.url,
                excerpt=hit.content or "",
                published=(hit.publishedDate or "")[:10],
            )
            for hit in found[: question.limit]
        )


class PublicEngines:
    """DuckDuckGo and others, by ddgs."""

    def __init__(self, *, deadline_s: float = 20.0) -> None:
        self._deadline_s = deadline_s

    async def search(self, question: Question, context: ToolContext) -> tuple[Hit, ...]:
        """Ask in a thread, because ddgs blocks."""
        if context.offline:
            raise ToolFailure(
                "the web was not searched: offline mode is on",
                kind="unavailable",
                fix="turn offline mode off (TOOLLAMA_OFFLINE)",
                lasting=True,
            )
        try:
            async with asyncio.timeout(self._deadline_s):
                rows = await asyncio.to_thread(_ask_ddgs, question)
        except TimeoutError as error:
            raise _unavailable(f"did not answer within {self._deadline_s:g} s") from error
        return tuple(_hit(row) for row in rows[: question.limit])


def _ask_ddgs(question: Question) -> list[dict[str, Any]]:
    from ddgs import DDGS
    from ddgs.exceptions import DDGSException, RatelimitException, TimeoutException

    search = getattr(DDGS(timeout=10), question.topic)
    period = question.period[0] if question.period else None
    try:
        rows: list[dict[str, Any]] = search(
            question.query, timelimit=period, max_results=question.limit
        )
    except RatelimitException as error:
        raise ToolFailure(
            "the public search engines have had too many requests",
            kind="rate_limited",
            fix="wait some minutes, or set SEARXNG_URL to a server of your own",
        ) from error
    except TimeoutException as error:
        raise _unavailable("did not answer in time") from error
    except DDGSException as error:
        if "no results" in str(error).lower():
            return []
        raise _unavailable(f"could not be read: {one_line(str(error), 120)}") from error
    return rows


def _hit(row: Mapping[str, Any]) -> Hit:
    return Hit(
        title=str(row.get("title") or ""),
        url=str(row.get("href") or row.get("url") or ""),
        excerpt=str(row.get("body") or ""),
        published=str(row.get("date") or "")[:10],
    )


def _unavailable(what: str) -> ToolFailure:
    return ToolFailure(
        f"the public search engines {what}",
        kind="unavailable",
        fix="try again, or set SEARXNG_URL to a server of your own",
    )
