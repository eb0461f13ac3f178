"""`toollama serve --web` in chromium: `pytest -m browser`, with the extra `browser`.

The server, the browser and the model are real; the model is the bundled one.
"""

import asyncio
import importlib.util
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.browser import CHROMIUM, OTHER_NAME, Browser, Tab, browsing, until
from tests.e2e.conftest import Toollama

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        CHROMIUM is None or importlib.util.find_spec("playwright") is None,
        reason="needs chromium and the extra `browser`",
    ),
]

QUESTION, ANSWER = "how many miles are 42 km?", "42 km = 26.1 mi"
FERRY = "The ferry to Grimsey leaves from Dalvik at 9:00. A ticket costs 40 euros.\n"


@pytest.fixture
async def browser(environment: dict[str, str], tmp_path: Path) -> AsyncIterator[Browser]:
    """Give a browser; whatever its pages did, they asked nobody else and broke no rule."""
    (tmp_path / "ferry.txt").write_text(FERRY)
    async with browsing(environment, tmp_path) as browser:
        yield browser
        assert browser.requested_hosts <= {"127.0.0.1", "localhost", OTHER_NAME}
        assert browser.complaints == []


async def test_without_the_token_a_person_reads_what_to_open(browser: Browser) -> None:
    page, response = await browser.visit(f"{browser.base}/")
    assert (response.status, await page.title()) == (403, "Refused – ToolLama")
    assert "toollama serve --web" in await page.inner_text("main")
    assert await browser.shuts_out(page)
    assert browser.tab_processes() == []


async def test_another_sites_page_gets_neither_page_nor_socket(browser: Browser) -> None:
    """Its name resolves to this machine, and the browser has the cookie."""
    await browser.open()
    page, response = await browser.visit(browser.address.replace("127.0.0.1", OTHER_NAME))
    assert response.status == 403
    assert "only pages of its own" in await page.inner_text("main")
    assert await browser.shuts_out(page)
    assert len(browser.tab_processes()) == 1


async def test_a_question_is_typed_and_its_answer_is_drawn(browser: Browser) -> None:
    tab = await browser.open()
    assert (tab.page.url, await tab.page.title()) == (f"{browser.base}/", "ToolLama")
    assert await tab.page.evaluate("document.cookie") == ""
    await tab.ask(QUESTION)
    await tab.shows(ANSWER)
    await tab.shows("run complete")
    assert await tab.picture_of(ANSWER) != await tab.picture_of_nothing(len(ANSWER))


async def test_what_is_typed_while_the_interface_starts_is_kept(browser: Browser) -> None:
    page, _ = await browser.visit(browser.address)
    tab = Tab(page)
    await page.reload()
    await page.wait_for_selector("body.-loaded")
    await tab.ask(QUESTION)
    await tab.shows(ANSWER)


async def test_the_page_works_under_the_name_localhost_too(browser: Browser) -> None:
    tab = await browser.open(browser.address.replace("127.0.0.1", "localhost"))
    await tab.ask(QUESTION)
    await tab.shows(ANSWER)


async def test_two_tabs_are_answered_by_one_engine(browser: Browser) -> None:
    tabs = [await browser.open(), await browser.open()]
    for tab in tabs:
        await tab.page.bring_to_front()
        await tab.ask("@ferry.txt where does the ferry leave from?")
    for tab in tabs:
        await tab.shows("run complete")
        assert "Dalvik" in tab.text()
    assert len(browser.tab_processes()) == 2
    assert browser.model_holders() == [browser.server.pid]


async def test_closing_a_tab_stops_its_run_and_ends_its_process(
    browser: Browser, toollama: Toollama, tmp_path: Path
) -> None:
    (tmp_path / "long.txt").write_text(FERRY * 300)
    tab, other = await browser.open(), await browser.open()
    await tab.page.bring_to_front()
    await tab.ask("summarise @long.txt")
    await until(lambda: bool(browser.model_holders()), tab.text)
    await tab.page.close()
    await until(lambda: len(browser.tab_processes()) == 1)
    await other.page.bring_to_front()
    await other.ask(QUESTION)
    await other.shows(ANSWER)
    kept = json.loads(toollama("runs", "list", "--json").stdout)
    assert [run["status"] for run in kept] == ["complete", "cancelled"]


async def test_a_reloaded_page_has_one_process_and_answers(browser: Browser) -> None:
    tab = await browser.open()
    tab.screen.reset()
    await tab.page.reload()
    await tab.shows("Models 5")
    await until(lambda: len(browser.tab_processes()) == 1)
    await tab.ask(QUESTION)
    await tab.shows(ANSWER)


async def test_the_panes_follow_the_size_of_the_window(browser: Browser) -> None:
    tab = await browser.open()
    assert "Plan 1" in tab.screen.display[1]
    assert "Answer 2" in tab.screen.display[1]
    await tab.page.set_viewport_size({"width": 500, "height": 500})
    await until(lambda: "Observer  Models" in tab.screen.display[1], tab.text)
    assert "Plan 1" not in tab.text()


async def test_an_answer_is_copied_and_the_clipboard_is_pasted(browser: Browser) -> None:
    await browser.allow("clipboard-read", "clipboard-write")
    tab = await browser.open()
    await tab.ask(QUESTION)
    await tab.shows("run complete")
    await tab.page.keyboard.press("F3")
    await tab.page.keyboard.press("Shift+Y")
    await tab.shows("copied 15 characters")
    assert await tab.page.evaluate("navigator.clipboard.readText()") == ANSWER
    await tab.page.evaluate("navigator.clipboard.writeText('pasted words')")
    await tab.page.keyboard.press("i")
    for keys in ("Control+v", "Control+Shift+v", "Shift+Insert"):
        await tab.page.keyboard.press(keys)
    await tab.shows("pasted words" * 3)


async def test_when_the_server_ends_the_page_says_so(browser: Browser) -> None:
    tab = await browser.open()
    browser.server.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(browser.server.wait(), 30) == 0
    await tab.page.wait_for_selector("body.-closed")
    assert "This session has ended" in await tab.page.inner_text(".ended")


async def test_no_process_outlives_a_server_that_was_killed(browser: Browser) -> None:
    await browser.open()
    (tab,) = browser.tab_processes()
    browser.server.kill()
    await until(lambda: not Path(f"/proc/{tab}").exists())
