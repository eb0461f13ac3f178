"""What an HTTP answer means for a file of which some bytes may be here already. Pure.

A byte range is only joined to what is here if the server says that the file is still the same
(RFC 9110: validators §8.8, ranges §14, If-Range §13.1.5).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_UNSATISFIED = re.compile(r"bytes \*/(\d{1,18})")
_LATER = {408, 425, 429}
_MAX_RETRY_AFTER_S = 120.0

Headers = Mapping[str, str]
"""Header fields by lower-case name."""


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes follow. They belong at `offset`; what is here beyond it must go."""

    offset: int
    total_bytes: int | None
    """Length of the whole file, where the server says it."""


@dataclass(frozen=True, slots=True)
class Complete:
    """Every byte is here."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What is here belongs to another file: it must go, and all bytes be asked for."""


@dataclass(frozen=True, slots=True)
class Later:
    """The server may answer another time."""

    reason: str
    wait_s: float = 0.0
    """How long it asks us to wait, at most 120 s."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Asking again is no use."""

    status: int
    reason: str


Answer = Body | Complete | Changed | Later | Refused


def validator(headers: Headers) -> str:
    """Return what identifies these bytes: a strong ETag, else Last-Modified, else `""`."""
    etag = headers.get("etag", "").strip()
    if etag and not etag.startswith("W/"):
        return etag
    return headers.get("last-modified", "").strip()


def range_request(*, have_bytes: int, known: str) -> dict[str, str]:
    """Return the header fields that ask for the rest of the file that `known` identifies."""
    if not have_bytes:
        return {}
    return {"Range": f"bytes={have_bytes}-", "If-Range": known}


def read(status: int, headers: Headers, *, have_bytes: int, known: str) -> Answer:
    """Return what the answer to a request for the bytes from `have_bytes` on means.

    `known` is the validator of the bytes that are here.
    """
    if headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        return Refused(status, "sent a compressed body that was not asked for")
    match status:
        case 200:
            return Body(0, _count(headers.get("content-length", "")))
        case 206:
            return _partial(headers, have_bytes=have_bytes, known=known)
        case 416:
            whole = _UNSATISFIED.fullmatch(headers.get("content-range", "").strip())
            same = validator(headers) in {"", known}
            return Complete() if whole and same and int(whole[1]) == have_bytes else Changed()
        case _ if status in _LATER or status >= 500:
            return Later(f"answered {status}", _retry_after_s(headers))
        case _:
            return Refused(status, f"answered {status}")


def _partial(headers: Headers, *, have_bytes: int, known: str) -> Answer:
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    if not have_bytes or found is None:
        return Refused(206, "sent a part that was not asked for")
    if int(found[1]) != have_bytes or validator(headers) not in {"", known}:
        return Changed()
    return Body(have_bytes, _count(found[3]))


def _count(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,18}", text.strip()) else None


def _retry_after_s(headers: Headers) -> float:
    """Return the seconds of Retry-After; a date is not worth its parser here."""
    seconds = _count(headers.get("retry-after", ""))
    return min(float(seconds or 0), _MAX_RETRY_AFTER_S)
