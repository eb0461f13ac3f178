"""Snapshots in the Wayback Machine, and how their times are written.

The CDX server (https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server) lists
captures; the availability interface (https://archive.org/help/wayback_api.php) names the nearest
one and turns many anonymous clients away, so it comes second. Not yet run against the real service.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from toollama.tools.base import HttpDoor, ToolFailure
from toollama.tools.upstream import Document, read_as

CDX_HOST = "web.archive.org"
AVAILABILITY_HOST = "archive.org"
_STAMP = "%Y%m%d%H%M%S"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One capture of a page."""

    taken: datetime
    """In UTC."""
    original: str

    @property
    def url(self) -> str:
        """Return where the capture is shown."""
        return f"https://{CDX_HOST}/web/{self.taken.strftime(_STAMP)}/{self.original}"


class _Closest(Document):
    timestamp: str
    available: bool = True


class _Closests(Document):
    closest: _Closest | None = None


class _Availability(Document):
    archived_snapshots: _Closests


async def nearest(http: HttpDoor, url: str, *, day: str) -> Snapshot | None:
    """Return the first capture on or after a day (`20190501`), else the last one before it.

    Without a day, the latest capture. None where there is none. Raises `ToolFailure`.
    """
    try:
        if not day:
            return await _first(http, url, {"limit": -1})
        later = await _first(http, url, {"limit": 1, "from": day})
        return later or await _first(http, url, {"limit": -1, "to": day})
    except ToolFailure as failure:
        if failure.kind not in {"unavailable", "rate_limited"}:
            raise
        return await _available(http, url, day)


async def oldest(http: HttpDoor, url: str) -> Snapshot | None:
    """Return the first capture of a page. Raises `ToolFailure`."""
    return await _first(http, url, {"limit": 1})


async def _first(http: HttpDoor, url: str, window: dict[str, str | int]) -> Snapshot | None:
    answer = await http.get_json(
        f"https://{CDX_HOST}/cdx/search/cdx",
        params={
            "url": url,
            "output": "json",
            "fl": "timestamp,original",
            "filter": "statuscode:200",
            **window,
        },
        hosts=[CDX_HOST],
        deadline_s=30.0,
    )
    rows = read_as(tuple[tuple[str, str], ...], answer, service=CDX_HOST)[1:]
    return _snapshot(*rows[0]) if rows else None


async def _available(http: HttpDoor, url: str, day: str) -> Snapshot | None:
    params = {"url": url, **({"timestamp": day} if day else {})}
    answer: Any = await http.get_json(
        f"https://{AVAILABILITY_HOST}/wayback/available", params=params, hosts=[AVAILABILITY_HOST]
    )
    closest = read_as(_Availability, answer, service=AVAILABILITY_HOST).archived_snapshots.closest
    return _snapshot(closest.timestamp, url) if closest and closest.available else None


def _snapshot(stamp: str, original: str) -> Snapshot:
    try:
        taken = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise ToolFailure(
            f"{CDX_HOST} did not answer as documented: a time is {stamp[:20]}",
            kind="upstream",
            fix="use another tool, and report it",
        ) from error
    return Snapshot(taken, original)
