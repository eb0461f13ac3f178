"""The gate of the web interface: who is served, and what a served page may do.

Served is who shows the token: in the first URL, from then on in a cookie, because histories keep
URLs. Refused are other names of this address, which a rebound DNS entry gives another site, and
pages of other origins, which a browser lets reach loopback. A page may load nothing from elsewhere.
"""

import hmac
from collections.abc import Mapping
from pathlib import Path
from string import Template

from aiohttp import web
from aiohttp.typedefs import Handler

HOST = "127.0.0.1"
PAGE = Path(__file__).with_name("page")

_UNKNOWN = (
    "<p>Open the whole address that <code>toollama serve --web</code> printed in the terminal, "
    "with what stands behind <code>?token=</code>.</p>"
)
_NOT_OURS = "<p>This server answers only pages of its own, at the address that it printed.</p>"


class Gate:
    """Lets in who knows the token, and nobody without it."""

    def __init__(self, *, port: int, token: str) -> None:
        self._token = token
        self._own = {f"{name}:{port}" for name in (HOST, "localhost")}
        self._headers = response_headers(self._own)
        # Browsers send a cookie to every port of its host (RFC 6265, section 8.5).
        self.cookie = f"toollama_token_{port}"

    def guard(self, app: web.Application) -> None:
        """Stand before every handler of an application and mark every response."""

        @web.middleware
        async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
            instead = self._instead_of(request)
            return await handler(request) if instead is None else instead

        app.middlewares.append(admit)
        app.on_response_prepare.append(self._mark)

    def _instead_of(self, request: web.Request) -> web.Response | None:
        """Return what is served in place of what was asked for, or None where that may be had."""
        origin = request.headers.get("Origin")
        if request.host not in self._own or (origin is not None and not self._is_own(origin)):
            return _refusal(_NOT_OURS)
        if self._knows(request.query.get("token", "")):
            return self._welcome()
        if not self._knows(request.cookies.get(self.cookie, "")):
            return _refusal(_UNKNOWN)
        return None

    def _is_own(self, origin: str) -> bool:
        scheme, _, authority = origin.partition("://")
        return scheme == "http" and authority in self._own

    def _knows(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(errors="replace"), self._token.encode())

    def _welcome(self) -> web.Response:
        """Move the token from the URL into a cookie."""
        response = web.Response(status=303, headers={"Location": "/"})
        response.set_cookie(self.cookie, self._token, httponly=True, samesite="Strict", path="/")
        return response

    async def _mark(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(self._headers)


def response_headers(own: set[str]) -> Mapping[str, str]:
    """Return the headers of every response of a server with these authorities.

    xterm.js puts its colours into style elements, hence `unsafe-inline` for styles alone.
    """
    sockets = " ".join(f"ws://{authority}" for authority in sorted(own))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        f"font-src 'self'; img-src 'self' data:; connect-src 'self' {sockets}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def _refusal(reason: str) -> web.Response:
    template = Template((PAGE / "refused.html").read_text(encoding="utf-8"))
    style = (PAGE / "notice.css").read_text(encoding="utf-8")
    text = template.substitute(style=style, reason=reason)
    return web.Response(status=403, text=text, content_type="text/html")
