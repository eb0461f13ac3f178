"""`toollama serve --web` as a process: refused without the token, and two tabs on one engine."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

_WAITS = 200


@asynccontextmanager
async def _server() -> AsyncIterator[str]:
    """Start the server and give the address that it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "toollama", "serve", "--web"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        assert await process.wait() == 0


class _Tab:
    """One page of the interface, without a browser to draw it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.drawn = b""
        self._socket = socket
        self._reader = asyncio.create_task(self._read())

    async def type(self, text: str) -> None:
        await self._socket.send_json(["stdin", text])

    async def shows(self, text: bytes) -> None:
        for _ in range(_WAITS):
            if text in self.drawn:
                return
            await asyncio.sleep(0.2)
        raise AssertionError(self.drawn[-2000:])

    async def close(self) -> None:
        await self._socket.close()
        await self._reader

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                self.drawn += message.data


async def test_two_tabs_share_one_engine_behind_the_token() -> None:
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address without a name
    async with _server() as address, aiohttp.ClientSession(cookie_jar=jar) as browser:
        base = address.partition("/?")[0]
        assert (await browser.get(f"{base}/")).status == 403
        assert (await browser.get(address)).status == 200
        tabs = [_Tab(await browser.ws_connect(f"{base}/ws?width=100&height=30")) for _ in "12"]
        for percent, tab in zip((10, 11), tabs, strict=True):
            await tab.shows(b"Answer")
            await tab.type(f"what is {percent}% of 2480?")
            await asyncio.sleep(0.5)  # a key pressed in the same moment counts as pasted
            await tab.type("\r")
        await tabs[0].shows(b"= 248")
        await tabs[1].shows(b"= 272.8")
        for tab in tabs:
            await tab.close()
