"""RSS and Atom documents as entries, read by feedparser. Pure: bytes in, entries out.

feedparser takes a URL as well and would fetch it by itself, so it is only ever given bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from time import struct_time
from typing import Any

from toollama.text import one_line
from toollama.tools.base import ToolFailure
from toollama.tools.declared.plain_text import plain

_TEXT_CHARACTERS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a feed. What the feed does not say is empty."""

    title: str
    link: str = ""
    summary: str = ""
    """Plain text on one line."""
    published: str = ""
    """`2026-11-21`, the day in UTC."""
    authors: tuple[str, ...] = ()
    identifier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed and its entries, in the order of the document."""

    title: str
    entries: tuple[Entry, ...]
    total: int | None = None
    """How many entries a searched feed has in all (OpenSearch's totalResults)."""


def read_feed(body: bytes, *, service: str) -> Feed:
    """Return the feed. Raises `ToolFailure(kind="upstream")` for what is not one."""
    import feedparser

    document = feedparser.parse(BytesIO(body), sanitize_html=True)
    if not document.get("version"):
        start = one_line(body[:400].decode("utf-8", "replace"), 120)
        raise ToolFailure(
            f"{service} sent something that is no feed: {start}",
            kind="upstream",
            fix="give the address of an RSS or Atom feed",
        )
    total = str(document.feed.get("opensearch_totalresults", ""))
    return Feed(
        title=_line(document.feed.get("title", "")),
        entries=tuple(_entry(entry) for entry in document.entries if entry.get("title")),
        total=int(total) if total.isdigit() else None,
    )


def _entry(entry: Any) -> Entry:
    authors = entry.get("authors") or []
    return Entry(
        title=_line(entry.title),
        link=entry.get("link", ""),
        summary=_line(entry.get("summary", ""))[:_TEXT_CHARACTERS],
        published=_day(entry.get("published_parsed") or entry.get("updated_parsed")),
        authors=tuple(author["name"] for author in authors if author.get("name")),
        identifier=entry.get("id", ""),
    )


def _line(html: str) -> str:
    return str(plain(html))


def _day(moment: struct_time | None) -> str:
    return f"{moment.tm_year:04}-{moment.tm_mon:02}-{moment.tm_mday:02}" if moment else ""


def matching(entries: Sequence[Entry], about: str) -> list[Entry]:
    """Return the entries that hold every word of `about`, or all where it is empty."""
    wanted = about.casefold().split()
    return [
        entry
        for entry in entries
        if all(word in f"{entry.title} {entry.summary}".casefold() for word in wanted)
    ]
