"""A network tool from the command line, with its host pointed to a loopback server."""

import asyncio
import subprocess

import pytest

from tests.e2e.conftest import command
from tests.loopback import Loopback, json_answer

pytestmark = pytest.mark.starter

HOST = "en.wikipedia.org"
PAGE = f"https://{HOST}/wiki/Ada_Lovelace"
EXTRACT = "Ada Lovelace was an English mathematician. She wrote on the Analytical Engine."


def _expect_lookup(server: Loopback) -> None:
    search = {"query": {"search": [{"ns": 0, "title": "Ada Lovelace", "pageid": 1}]}}
    page = {
        "type": "standard",
        "title": "Ada Lovelace",
        "extract": EXTRACT,
        "content_urls": {"desktop": {"page": PAGE}, "mobile": {"page": PAGE}},
    }
    query = {
        "action": "query",
        "list": "search",
        "format": "json",
        "srsearch": "Ada Lovelace",
        "srlimit": "3",
    }
    server.expect(HOST, "/w/api.php", json_answer(search), query=query)
    server.expect(HOST, "/api/rest_v1/page/summary/Ada_Lovelace", json_answer(page))


async def _ask(environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *command("ask", *arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_an_answer_from_the_network_names_its_page(environment: dict[str, str]) -> None:
    async with Loopback(HOST) as server:
        _expect_lookup(server)
        bases = ",".join(f"{host}={url}" for host, url in server.base_urls.items())
        code, out, err = await _ask(
            environment | {"TOOLLAMA_BASE_URLS": bases}, "who was Ada Lovelace"
        )
    assert code == 0, err
    assert out.startswith("Ada Lovelace was an English mathematician.")
    assert out.endswith(f"[1] Wikipedia: Ada Lovelace — {PAGE}\n")


async def test_the_same_request_is_refused_offline(environment: dict[str, str]) -> None:
    code, out, err = await _ask(environment | {"TOOLLAMA_OFFLINE": "1"}, "who was Ada Lovelace")
    assert (code, out) == (5, "")
    assert "offline" in err
