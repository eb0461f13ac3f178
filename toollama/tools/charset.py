"""Decide which characters the bytes of a page stand for. Pure.

The order is the web's own (https://encoding.spec.whatwg.org, https://html.spec.whatwg.org
#determining-the-character-encoding): byte order mark, header, declaration in the page, UTF-8,
Windows-1252. Every body decodes to something.
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from email.message import Message

from toollama.tools.base import HttpDoor, HttpReply, Query

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE
)
_DECLARATION_BYTES = 1024
# What the web labels so is the Windows superset; the rest are no encodings of pages.
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252"}
_NOT_FOR_PAGES = frozenset({"utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape"})


async def get_text(
    http: HttpDoor,
    url: str,
    *,
    params: Query | None = None,
    accept: str = "text/html, text/plain;q=0.9, */*;q=0.1",
    secrets: Sequence[str] = (),
    hosts: Sequence[str],
    deadline_s: float = 20.0,
    max_bytes: int = 2_000_000,
) -> str:
    """Return the body of a GET as text. Raises `ToolFailure`."""
    reply = await http.request(
        "GET", url, params=params, accept=accept, secrets=secrets,
        hosts=hosts, deadline_s=deadline_s, max_bytes=max_bytes,
    )  # fmt: skip
    return text_of(reply)


def text_of(reply: HttpReply) -> str:
    """Return the body as text; what is no character becomes U+FFFD."""
    return decode(reply.body, content_type=reply.headers.get("content-type", ""))


def media_type(reply: HttpReply) -> str:
    """Return the media type in lower case, without parameters; "" where none was sent."""
    return reply.headers.get("content-type", "").partition(";")[0].strip().lower()


def decode(body: bytes, *, content_type: str = "") -> str:
    """Return bytes as text, given the Content-Type that came with them."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return body.decode(codec, "replace")
    for label in _labels(body, content_type):
        if codec := _codec(label):
            return body.decode(codec, "replace")
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _labels(body: bytes, content_type: str) -> Iterator[str]:
    header = Message()
    header["content-type"] = content_type.replace("\r", " ").replace("\n", " ")
    yield str(header.get_param("charset") or "")
    if declared := _DECLARED.search(body[:_DECLARATION_BYTES]):
        yield declared.group(1).decode("ascii")


def _codec(label: str) -> str:
    """Return the codec to decode with, or "" for a label that names none."""
    try:
        found = codecs.lookup(label.strip())
        b"x".decode(found.name, "replace")  # refuses codecs that give no text, such as zip
    except (LookupError, ValueError):
        return ""
    name = found.name.replace("_", "-")
    return "" if name in _NOT_FOR_PAGES else _SUPERSETS.get(name, found.name)
