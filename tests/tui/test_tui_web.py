"""The browser's way in: nothing without the token, nothing for another site's page."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from toollama.tui import web, web_gate

TOKEN = "secret"


@asynccontextmanager
async def _client(*, known: bool = True) -> AsyncIterator[TestClient[Request, Application]]:
    """Give a client, with the cookie of a browser that opened the printed address or without."""
    listener = web.bind(0)
    port = listener.getsockname()[1]
    server = web.TokenServer(Path("/nowhere/host.sock"), port=port, token=TOKEN)
    serving = TestServer(await server.application(), host=web_gate.HOST, port=port)
    cookies = {server.gate.cookie: TOKEN} if known else {}
    async with TestClient(serving, cookies=cookies) as client:
        listener.close()
        yield client


@pytest.mark.parametrize("path", ["/", "/ws", "/static/js/textual.js", "/icon.svg", "/download/x"])
async def test_nothing_is_served_without_the_token(path: str) -> None:
    async with _client(known=False) as client:
        assert (await client.get(path)).status == 403
        assert (await client.get(f"{path}?token=guess")).status == 403


async def test_who_is_refused_reads_what_to_open() -> None:
    async with _client(known=False) as client:
        reply = await client.get("/")
        assert reply.content_type == "text/html"
        assert "toollama serve --web" in await reply.text()


async def test_the_token_moves_from_the_address_into_a_cookie() -> None:
    async with _client(known=False) as client:
        reply = await client.get(f"/?token={TOKEN}", allow_redirects=False)
        assert (reply.status, reply.headers["Location"]) == (303, "/")
        (cookie,) = reply.cookies.values()
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


async def test_a_cookie_of_other_bytes_is_refused_like_a_wrong_one() -> None:
    async with _client(known=False) as client:
        cookie = f"toollama_token_{client.port}=\udcff\udcfe"
        assert (await client.get("/", headers={"Cookie": cookie})).status == 403


async def test_two_servers_do_not_overwrite_each_others_cookie() -> None:
    """A cookie belongs to a host with all its ports."""
    async with _client(known=False) as one, _client(known=False) as other:
        replies = [
            await client.get(f"/?token={TOKEN}", allow_redirects=False) for client in (one, other)
        ]
        names = {name for reply in replies for name in reply.cookies}
        assert len(names) == 2


async def test_every_file_that_the_page_names_is_served_from_here() -> None:
    async with _client() as client:
        reply = await client.get("/")
        assert reply.status == 200
        page = await reply.text()
        sheet = await (await client.get("/terminal.css")).text()
        named = re.findall(r'(?:href|src)="([^"]+)"', page) + re.findall(r'url\("([^"]+)"', sheet)
        assert len(named) >= 8
        assert [path for path in named if (await client.get(path)).status != 200] == []


async def test_the_page_may_load_nothing_from_elsewhere() -> None:
    async with _client() as client:
        headers = (await client.get("/")).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self';")
        assert f"connect-src 'self' ws://127.0.0.1:{client.port} " in policy
        assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")


async def test_the_page_asks_for_its_socket_at_the_name_that_was_opened() -> None:
    async with _client() as client:
        reply = await client.get("/", headers={"Host": f"localhost:{client.port}"})
        assert f"ws://localhost:{client.port}/ws" in await reply.text()


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1:1"},
    ],
)
async def test_another_sites_page_is_refused_even_with_the_cookie(headers: dict[str, str]) -> None:
    async with _client() as client:
        assert (await client.get("/", headers=headers)).status == 403
        assert (await client.get("/ws", headers=headers)).status == 403


async def test_a_page_whose_process_cannot_start_is_closed() -> None:
    """The socket of its host is nowhere, so the process ends at once."""
    async with _client() as client, client.ws_connect("/ws?width=80&height=24") as page:
        said = [message async for message in page]
        assert said == []
        assert page.closed


def test_a_token_cannot_be_guessed() -> None:
    tokens = {web.new_token() for _ in range(10)}
    assert len(tokens) == 10
    assert min(len(token) for token in tokens) >= 43
