"""The interface in a browser: textual-serve on loopback, behind a gate.

A page costs a process that draws, never an engine: every tab asks the engine host of this process
over its socket. textual-serve 1.1.3 fetches its font from Google, keeps waiting for a tab's process
that failed, and at the end for its open pages; the page and the life of a tab are therefore ours.
"""

import asyncio
import secrets
import shlex
import socket
import sys
from contextlib import suppress
from pathlib import Path
from string import Template

from aiohttp import WSCloseCode, web
from textual_serve.app_service import AppService
from textual_serve.server import Server, to_int

from toollama.host.wire import MOST_LINE_BYTES
from toollama.tui.web_gate import HOST, PAGE, Gate

_HEARTBEAT_S = 15.0
"""A page that answers no ping for half of this is gone."""
_LEAVE_WITHIN_S = 10.0
"""What a tab's process has to end its run before it is killed."""


class TokenServer(Server):  # type: ignore[misc] # textual-serve carries no types
    """Serves the interface to who knows the token."""

    def __init__(self, connect: Path, *, port: int, token: str) -> None:
        """Serve tabs that ask the host at the socket `connect`, on a port that is bound already."""
        command = [sys.executable, "-m", "toollama", "tui", "--connect", str(connect)]
        super().__init__(
            f"exec {shlex.join(command)}",
            host=HOST,
            port=port,
            title="ToolLama",
            public_url=f"http://{HOST}:{port}",
        )
        self.gate = Gate(port=port, token=token)
        self._pages: set[web.WebSocketResponse] = set()

    async def application(self) -> web.Application:
        """Return the aiohttp application with its gate."""
        app: web.Application = await self._make_app()
        app.add_routes(
            web.get(f"/{name}", self.handle_asset)
            for name in ("notice.css", "terminal.css", "terminal.js", "icon.svg")
        )
        self.gate.guard(app)
        return app

    async def handle_index(self, request: web.Request) -> web.Response:
        """Serve the page under the name that the browser knows, which its cookie belongs to."""
        template = Template((PAGE / "terminal.html").read_text(encoding="utf-8"))
        return web.Response(text=template.substitute(host=request.host), content_type="text/html")

    async def handle_asset(self, request: web.Request) -> web.FileResponse:
        """Serve a file of the page."""
        return web.FileResponse(PAGE / request.path.removeprefix("/"))

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Give a page a process that draws for it, until one of the two is gone."""
        page = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, max_msg_size=MOST_LINE_BYTES)
        await page.prepare(request)
        tab = _Tab(
            self.command,
            write_bytes=page.send_bytes,
            write_str=page.send_str,
            close=page.close,
            download_manager=self.download_manager,
        )
        self._pages.add(page)
        try:
            width, height = (
                to_int(request.query.get(side, ""), 80) for side in ("width", "height")
            )
            await tab.start(width, height)
            await self._process_messages(page, tab)
        finally:
            self._pages.discard(page)
            await tab.stop()
        return page

    async def on_startup(self, app: web.Application) -> None:
        """Print nothing: the command tells the address."""

    async def on_shutdown(self, app: web.Application) -> None:
        """Close every page, which ends its process."""
        closing = (page.close(code=WSCloseCode.GOING_AWAY) for page in set(self._pages))
        await asyncio.gather(*closing)


class _Tab(AppService):  # type: ignore[misc] # textual-serve carries no types
    """The process behind one page: neither outlives the other."""

    async def run(self) -> None:
        """Pass on what the process draws; when it has ended, close the page."""
        await super().run()
        if self._process is not None:
            await self._process.wait()
        await self.remote_close()

    async def stop(self) -> None:
        """End the process: by its own way out, else by force."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LEAVE_WITHIN_S):
                    await super().stop()
                    if self._process is not None:
                        await self._process.wait()
        finally:
            if self._process is not None and self._process.returncode is None:
                self._process.kill()


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
