import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ddgs.exceptions import DDGSException, RatelimitException, TimeoutException

from tests.tools.answering import OFFLINE, answered, best, get, refusal_of
from toollama.tools.base import ToolContext, ToolFailure
from toollama.tools.builtin.web_search import TOOL, WebSearch
from toollama.tools.run import run
from toollama.tools.searching.engines import Hit, PublicEngines, Question

Ddgs = Callable[[Callable[..., list[dict[str, Any]]]], None]


class FakeEngine:
    """Finds one page, and keeps what it was asked."""

    def __init__(self) -> None:
        self.questions: list[Question] = []

    async def search(self, question: Question, context: ToolContext) -> tuple[Hit, ...]:
        self.questions.append(question)
        return (Hit(title="A page", url="https://example.org/", excerpt="It says  so."),)


@pytest.fixture
def ddgs(monkeypatch: pytest.MonkeyPatch) -> Ddgs:
    """Put an answer in place of what ddgs would fetch."""

    def answer_with(answer: Callable[..., list[dict[str, Any]]]) -> None:
        class Fake:
            def __init__(self, timeout: int) -> None:
                assert timeout

            def text(self, query: str, **options: Any) -> list[dict[str, Any]]:
                return answer(query, **options)

        monkeypatch.setattr("ddgs.DDGS", Fake)

    return answer_with


async def public(query: str = "moss", **options: Any) -> tuple[Hit, ...]:
    return await PublicEngines().search(Question(query=query, **options), OFFLINE)


def failing_with(error: Exception) -> Callable[..., list[dict[str, Any]]]:
    def fail(query: str, **options: Any) -> list[dict[str, Any]]:
        raise error

    return fail


async def test_without_a_server_of_ones_own_the_public_engines_are_asked() -> None:
    engine = FakeEngine()
    result = await run(WebSearch(engine), {"query": "moss", "limit": 3}, OFFLINE)
    assert engine.questions == [Question(query="moss", limit=3)]
    assert result.statements == ("A page: It says so.",)
    assert [source.locator for source in result.sources] == ["https://example.org/"]


async def test_a_server_of_ones_own_that_finds_nothing_is_not_passed_over(tmp_path: Path) -> None:
    query = {"q": "qwxzv", "format": "json", "categories": "general"}
    empty = get("searxng.invalid", "/search", query, body={"results": []})
    engine = FakeEngine()
    result = await answered(WebSearch(engine), {"query": "qwxzv"}, empty, output=tmp_path)
    assert (result.status, engine.questions) == ("empty", [])


async def test_ddgs_is_asked_for_words_a_period_and_a_count(ddgs: Ddgs) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    def answer(query: str, **options: Any) -> list[dict[str, Any]]:
        asked.append((query, options))
        return [{"title": "T", "href": "https://example.org/", "body": "B"}] * 9

    ddgs(answer)
    hits = await public(period="week", limit=2)
    assert hits == (Hit(title="T", url="https://example.org/", excerpt="B"),) * 2
    assert asked == [("moss", {"timelimit": "w", "max_results": 2})]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RatelimitException("202"), "rate_limited"),
        (TimeoutException("slow"), "unavailable"),
        (DDGSException("odd page"), "unavailable"),
    ],
)
async def test_a_failure_of_ddgs_is_typed(ddgs: Ddgs, error: Exception, kind: str) -> None:
    ddgs(failing_with(error))
    with pytest.raises(ToolFailure) as caught:
        await public()
    assert caught.value.kind == kind


async def test_no_results_of_ddgs_is_no_failure(ddgs: Ddgs) -> None:
    ddgs(failing_with(DDGSException("No results found.")))
    assert await public() == ()


async def test_offline_mode_stops_ddgs_before_it_opens_anything(ddgs: Ddgs) -> None:
    ddgs(failing_with(AssertionError("ddgs was asked")))
    with pytest.raises(ToolFailure, match="offline") as caught:
        await PublicEngines().search(Question(query="x"), replace(OFFLINE, offline=True))
    assert caught.value.lasting


async def test_ddgs_is_given_up_after_the_deadline(ddgs: Ddgs) -> None:
    loop, released = asyncio.get_running_loop(), asyncio.Event()

    def wait(query: str, **options: Any) -> list[dict[str, Any]]:
        asyncio.run_coroutine_threadsafe(released.wait(), loop).result()
        return []

    ddgs(wait)
    with pytest.raises(ToolFailure, match="did not answer within"):
        await PublicEngines(deadline_s=0.02).search(Question(query="x"), OFFLINE)
    released.set()


async def test_a_link_that_is_no_web_page_is_not_listed() -> None:
    class Odd(FakeEngine):
        async def search(self, question: Question, context: ToolContext) -> tuple[Hit, ...]:
            return (Hit(title="x", url="javascript:alert(1)"),)

    assert (await run(WebSearch(Odd()), {"query": "x"}, OFFLINE)).status == "empty"


async def test_an_unknown_period_is_refused() -> None:
    assert "period" in (await refusal_of(TOOL, query="x", period="decade")).message


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("search the web for sourdough hydration tips", "sourdough hydration tips"),
        ("google best hiking boots", "best hiking boots"),
        ("web search rust async runtimes", "rust async runtimes"),
    ],
)
def test_a_request_names_what_to_search_for(text: str, query: str) -> None:
    assert best(TOOL, text)["query"] == query
