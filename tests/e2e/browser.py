"""Chromium before `toollama serve --web`: what a person types, sees and copies there.

`python -m tests.e2e.browser docs/web.png` takes the picture of the documentation.
"""

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pyte
from pydantic_core import from_json

from tests.e2e.conftest import command

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Response, WebSocket

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
OTHER_NAME = "rebound.example"
"""A name that chromium resolves to loopback, as an attacker's DNS server would."""
_PATIENCE_S = 120.0
_TYPED_APART_MS = 20
_PASTE_OVER_S = 0.5
"""An Enter sooner after other keys counts as part of a paste."""


async def until(holds: Callable[[], bool], told: Callable[[], object] = lambda: "") -> None:
    """Wait until something holds; where it never does, say what is there instead."""
    end_s = asyncio.get_running_loop().time() + _PATIENCE_S
    while not holds():
        assert asyncio.get_running_loop().time() < end_s, told()
        await asyncio.sleep(0.1)


class Tab:
    """A page of the interface; what its terminal shows is read from what it is sent."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.screen = pyte.Screen(80, 24)
        page.on("websocket", self._connected)

    def text(self) -> str:
        return "\n".join(self.screen.display)

    async def shows(self, text: str) -> None:
        await until(lambda: text in self.text(), self.text)

    async def ask(self, request: str) -> None:
        await self.page.keyboard.type(request, delay=_TYPED_APART_MS)
        await self.shows(request[-20:])
        await asyncio.sleep(_PASTE_OVER_S)
        await self.page.keyboard.press("Enter")

    async def picture_of(self, text: str) -> bytes:
        """Return what chromium drew in the cells where a text stands."""
        row = next(at for at, line in enumerate(self.screen.display) if text in line)
        column = self.screen.display[row].index(text)
        return await self._cells(row, column, len(text))

    async def picture_of_nothing(self, width: int) -> bytes:
        """Return what chromium drew in as many cells that are blank."""
        blank = " " * width
        row, column = next(
            (at, line.index(blank)) for at, line in enumerate(self.screen.display) if blank in line
        )
        return await self._cells(row, column, width)

    async def _cells(self, row: int, column: int, width: int) -> bytes:
        box = await self.page.locator(".xterm-screen").bounding_box()
        assert box is not None
        wide, high = box["width"] / self.screen.columns, box["height"] / self.screen.lines
        x, y = box["x"] + column * wide, box["y"] + row * high
        return await self.page.screenshot(
            clip={"x": x, "y": y, "width": width * wide, "height": high}
        )

    def _connected(self, socket: "WebSocket") -> None:
        size = parse_qs(urlsplit(socket.url).query)
        self.screen = pyte.Screen(int(size["width"][0]), int(size["height"][0]))
        stream = pyte.ByteStream(self.screen)

        def received(frame: str | bytes) -> None:
            if isinstance(frame, bytes):
                stream.feed(frame)

        def sent(frame: str | bytes) -> None:
            kind, *rest = from_json(frame)
            if kind == "resize":
                self.screen.resize(rest[0]["height"], rest[0]["width"])

        socket.on("framereceived", received)
        socket.on("framesent", sent)


class Browser:
    """One browser profile, and all that its pages asked for and complained about."""

    def __init__(self, context: "BrowserContext", server: Process, address: str) -> None:
        self.server = server
        self.address = address
        self.base = address.partition("/?")[0]
        self.requested_hosts: set[str] = set()
        self.complaints: list[str] = []
        self._context = context

    async def page(self) -> "Page":
        page = await self._context.new_page()
        page.on("request", lambda request: self._requested(request.url))
        page.on("websocket", lambda socket: self._requested(socket.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self._heard(said.text))
        return page

    async def visit(self, address: str) -> "tuple[Page, Response]":
        page = await self.page()
        response = await page.goto(address)
        assert response is not None
        return page, response

    async def open(self, address: str = "") -> Tab:
        """Open the interface in a new tab and wait until it is drawn."""
        tab = Tab(await self.page())
        await tab.page.goto(address or self.address)
        await tab.shows("Models 5")
        return tab

    async def allow(self, *permissions: str) -> None:
        await self._context.grant_permissions(permissions)

    async def shuts_out(self, page: "Page") -> bool:
        """Return whether a page cannot open the socket of the interface."""
        opening = """address => new Promise(resolve => {
            const socket = new WebSocket(address);
            socket.onopen = () => resolve(false);
            socket.onerror = () => resolve(true);
        })"""
        where = self.base.replace("http", "ws", 1) + "/ws?width=80&height=24"
        return bool(await page.evaluate(opening, where))

    def tab_processes(self) -> list[int]:
        """Return the processes that the server started."""
        return [pid for pid in _processes() if _parent(pid) == self.server.pid]

    def model_holders(self) -> list[int]:
        """Return those of the server and its processes that have a model file in memory."""
        own = [self.server.pid, *self.tab_processes()]
        return [pid for pid in own if ".gguf" in _read(f"/proc/{pid}/maps")]

    def _requested(self, url: str) -> None:
        if not url.startswith("data:"):
            self.requested_hosts.add(urlsplit(url).hostname or url)

    def _heard(self, said: str) -> None:
        if "Content Security Policy" in said:
            self.complaints.append(said)


@asynccontextmanager
async def browsing(environment: Mapping[str, str], directory: Path) -> AsyncIterator[Browser]:
    """Start the server in a directory, and chromium; end both."""
    from playwright.async_api import async_playwright

    server = await asyncio.create_subprocess_exec(
        *command("serve", "--web"), stdout=PIPE, cwd=directory, env=environment
    )
    assert server.stdout is not None
    try:
        address = (await server.stdout.readline()).decode().strip()
        async with async_playwright() as driver:
            chromium = await driver.chromium.launch(
                executable_path=CHROMIUM,
                # As root in a container chromium has no sandbox; it visits loopback alone.
                args=["--no-sandbox", f"--host-resolver-rules=MAP {OTHER_NAME} 127.0.0.1"],
            )
            context = await chromium.new_context(viewport={"width": 1280, "height": 800})
            yield Browser(context, server, address)
            await chromium.close()
    finally:
        if server.returncode is None:
            server.terminate()
        await server.communicate()


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _parent(pid: int) -> int:
    """Return the parent of a process, 0 where it is gone or has ended."""
    lines = dict(line.split(":", 1) for line in _read(f"/proc/{pid}/status").splitlines())
    zombie = lines.get("State", "Z").strip().startswith("Z")
    return 0 if zombie else int(lines["PPid"])


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


async def _take_picture(target: Path) -> None:
    async with browsing(os.environ, Path.cwd()) as browser:
        tab = await browser.open()
        await tab.ask(
            "how many miles are 42 km, what is 15% of 240 and what weekday was 20 July 1969?"
        )
        await tab.shows("run complete")
        await asyncio.sleep(1)
        await tab.page.screenshot(path=target)


if __name__ == "__main__":
    asyncio.run(_take_picture(Path(sys.argv[1])))
