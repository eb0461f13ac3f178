"""A person on a terminal adds to a request while a service keeps the run waiting."""

import asyncio

import pytest

from bench.terminal import Terminal
from tests.e2e.conftest import command
from tests.loopback import Answer, Loopback, json_answer

HOST = "en.wikipedia.org"
PAGE = f"https://{HOST}/wiki/Ada_Lovelace"
QUERY = {
    "action": "query",
    "list": "search",
    "format": "json",
    "srsearch": "Ada Lovelace",
    "srlimit": "3",
}

pytestmark = pytest.mark.starter


class Pause:
    """Holds an answer back until the test lets it go."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.over = asyncio.Event()

    async def __call__(self) -> None:
        self.reached.set()
        await self.over.wait()


def _expect_lookup(server: Loopback, *, until: Pause) -> None:
    search = json_answer({"query": {"search": [{"ns": 0, "title": "Ada Lovelace", "pageid": 1}]}})
    page = {
        "type": "standard",
        "title": "Ada Lovelace",
        "extract": "Ada Lovelace was an English mathematician.",
        "content_urls": {"desktop": {"page": PAGE}, "mobile": {"page": PAGE}},
    }
    held = Answer(search.body, search.status, search.headers, until=until)
    server.expect(HOST, "/w/api.php", held, query=QUERY)
    server.expect(HOST, "/api/rest_v1/page/summary/Ada_Lovelace", json_answer(page))


async def test_what_is_typed_while_a_tool_waits_is_in_the_answer(
    environment: dict[str, str],
) -> None:
    pause = Pause()
    async with Loopback(HOST) as server:
        _expect_lookup(server, until=pause)
        bases = ",".join(f"{host}={url}" for host, url in server.base_urls.items())
        environ = environment | {"TOOLLAMA_BASE_URLS": bases}
        chat = Terminal([*command("chat"), "--plain"], environ=environ)
        with chat:
            await asyncio.to_thread(chat.until_written, "> ")
            chat.type(b"How many miles are 42 km? Who was Ada Lovelace?\n")
            await pause.reached.wait()
            chat.type(b"and 10 kg in pounds?\n")
            await asyncio.to_thread(chat.until_written, "taken in at the next step")
            pause.over.set()
            await asyncio.to_thread(chat.until_written, "taken: 1 new task")
            await asyncio.to_thread(chat.until_written, "22.05")
            chat.type(b"/quit\n")
            assert await asyncio.to_thread(chat.finish) == 0
    said = chat.written.decode()
    assert "26.1" in said
    assert "Ada Lovelace was an English mathematician." in said
