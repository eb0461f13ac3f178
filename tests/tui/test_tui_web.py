"""The browser's way in: nothing without the token, nothing for another site's page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from toollama.tui import web


@asynccontextmanager
async def _client() -> AsyncIterator[TestClient[Request, Application]]:
    listener = web.bind(0)
    port = listener.getsockname()[1]
    server = web.TokenServer(Path("/nowhere/host.sock"), port=port, token="secret")
    application = await server.application()
    async with TestClient(TestServer(application, host=web.HOST, port=port)) as client:
        listener.close()
        yield client


@pytest.mark.parametrize("path", ["/", "/ws", "/static/js/textual.js", "/download/x"])
async def test_nothing_is_served_without_the_token(path: str) -> None:
    async with _client() as client:
        assert (await client.get(path)).status == 403
        assert (await client.get(f"{path}?token=guess")).status == 403


async def test_the_token_moves_from_the_address_into_a_cookie() -> None:
    async with _client() as client:
        reply = await client.get("/?token=secret", allow_redirects=False)
        assert (reply.status, reply.headers["Location"]) == (303, "/")
        cookie = reply.cookies[web.COOKIE]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


async def test_the_page_is_served_with_the_cookie() -> None:
    async with _client() as client:
        reply = await client.get("/", headers={"Cookie": f"{web.COOKIE}=secret"})
        assert reply.status == 200
        assert "ToolLama" in await reply.text()


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
async def test_another_sites_page_is_refused_even_with_the_cookie(headers: dict[str, str]) -> None:
    async with _client() as client:
        reply = await client.get("/", headers={"Cookie": f"{web.COOKIE}=secret", **headers})
        assert reply.status == 403


def test_a_token_cannot_be_guessed() -> None:
    tokens = {web.new_token() for _ in range(10)}
    assert len(tokens) == 10
    assert min(len(token) for token in tokens) >= 43
