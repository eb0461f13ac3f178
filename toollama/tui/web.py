"""The interface in a browser: textual-serve on loopback, behind a token.

A page costs a process that draws, never an engine: every tab asks the engine host of this process
over its socket. The token stands in the first URL, then in a cookie; without it nothing is served.
textual-serve 1.1.3 has neither, so its aiohttp application gets a middleware.
"""

import hmac
import secrets
import shlex
import socket
import sys
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from textual_serve.server import Server

HOST = "127.0.0.1"
COOKIE = "toollama_token"


class TokenServer(Server):  # type: ignore[misc] # textual-serve carries no types
    """Serves the interface to who knows the token."""

    def __init__(self, connect: Path, *, port: int, token: str) -> None:
        """Serve tabs that ask the host at the socket `connect`, on a port that is bound already."""
        command = [sys.executable, "-m", "toollama", "tui", "--connect", str(connect)]
        super().__init__(
            shlex.join(command),
            host=HOST,
            port=port,
            title="ToolLama",
            public_url=f"http://{HOST}:{port}",
        )
        self._token = token

    async def application(self) -> web.Application:
        """Return the aiohttp application with its gate."""
        app: web.Application = await self._make_app()
        app.middlewares.append(self.gate())
        return app

    def gate(self) -> Middleware:
        """Return the middleware that lets nobody in without the token."""

        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self._is_ours(request):
                raise web.HTTPForbidden(text="not this host")
            if self._same(request.query.get("token", "")):
                raise self._welcome(request)
            if not self._same(request.cookies.get(COOKIE, "")):
                raise web.HTTPForbidden(text="open the address that toollama serve --web printed")
            return await handler(request)

        return gate

    async def on_startup(self, app: web.Application) -> None:
        """Print nothing: the command tells the address."""

    def _same(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())

    def _is_ours(self, request: web.Request) -> bool:
        """Return whether a page of this server asks: another site's page may reach loopback too."""
        own = {f"{name}:{self.port}" for name in (HOST, "localhost")}
        origin = request.headers.get("Origin")
        return request.host in own and (origin is None or origin.partition("://")[2] in own)

    def _welcome(self, request: web.Request) -> web.HTTPSeeOther:
        """Move the token from the URL, which histories keep, into a cookie."""
        response = web.HTTPSeeOther(request.path)
        response.set_cookie(COOKIE, self._token, httponly=True, samesite="Strict", path="/")
        return response


def new_token() -> str:
    """Return a token that cannot be guessed."""
    return secrets.token_urlsafe(32)


def bind(port: int) -> socket.socket:
    """Return a socket that listens on loopback; port 0 is any free one. Raises `OSError`."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener
