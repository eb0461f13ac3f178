"""Turn what a service answered into data or into a typed failure. Pure: no socket, no clock.

Messages name the host and never the URL, whose query may hold a credential; what is quoted from a
body is at most 200 visible characters with the caller's credentials struck out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pydantic_core import from_json

from toollama.retry_after import retry_after_s
from toollama.text import one_line
from toollama.tools.base import ToolFailure

_CREDENTIAL_NAME = re.compile(r"key|token|secret|auth|passw|appid|signature|cookie", re.IGNORECASE)
_STRUCK_OUT = "•••"
_TRY_LATER = "try again in a minute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole HTTP response."""

    host: str
    url: str = field(default="", repr=False)
    status: int
    headers: Mapping[str, str]
    """Names are looked up in any case."""
    body: bytes = b""
    credentials: frozenset[str] = field(default=frozenset(), repr=False)
    """Texts that a service may echo and that no message may repeat."""

    @property
    def excerpt(self) -> str:
        """Return the start of the body, fit to be shown."""
        text = self.body[:4_000].decode("utf-8", errors="replace")
        for credential in sorted(self.credentials, key=len, reverse=True):
            text = text.replace(credential, _STRUCK_OUT)
        return one_line(text)


def credentials_in(pairs: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the values of headers and query parameters whose names say that they are secret.

    `Authorization: Bearer abc` gives both the whole value and `abc`.
    """
    values = [value for name, value in pairs if value and _CREDENTIAL_NAME.search(name)]
    return frozenset(
        spelling
        for value in values
        for part in (value, value.split()[-1])
        for spelling in (part, quote(part, safe=""))
    )


def check_status(reply: Reply, *, now: datetime) -> None:
    """Return for a 2xx status.

    Raises `ToolFailure` with the kind that the status means (RFC 9110, section 15).
    """
    status, host = reply.status, reply.host
    if 200 <= status < 300:
        return
    retry_after = retry_after_s(reply.headers.get("retry-after"), now=now)
    if status == 429:
        wait = "" if retry_after is None else f" and wants {retry_after:.0f} s of rest"
        raise ToolFailure(
            f"{host} has had too many requests{wait}",
            kind="rate_limited",
            fix=_TRY_LATER,
            retry_after_s=retry_after,
            status=status,
        )
    if status == 401:
        raise ToolFailure(
            f"{host} asks for a credential",
            kind="missing_credential",
            fix="toollama keys list",
            status=status,
        )
    if status in {403, 451}:
        raise ToolFailure(
            f"{host} refused the request ({status}): {reply.excerpt}",
            kind="blocked",
            fix="set contact in the configuration: some services refuse strangers",
            status=status,
        )
    if status in {404, 410}:
        raise ToolFailure(
            f"{host} has nothing there", kind="not_found", fix="try other words", status=status
        )
    if status in {408, 425} or status >= 500:
        raise ToolFailure(
            f"{host} cannot answer now ({status})",
            kind="unavailable",
            fix=_TRY_LATER,
            retry_after_s=retry_after,
            status=status,
        )
    raise ToolFailure(
        f"{host} answered {status}: {reply.excerpt}",
        kind="upstream",
        fix="try other words",
        status=status,
    )


def decode_json(reply: Reply) -> Any:
    """Return the body as JSON. Raises `ToolFailure(kind="upstream")` with an excerpt."""
    try:
        return from_json(reply.body, allow_inf_nan=False)
    except ValueError as error:
        is_html = reply.body.lstrip()[:1] == b"<"
        found = "a page instead of JSON" if is_html else "something that is not JSON"
        raise ToolFailure(
            f"{reply.host} sent {found}: {reply.excerpt}", kind="upstream", fix=_TRY_LATER
        ) from error
