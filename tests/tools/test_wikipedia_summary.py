from datetime import UTC, datetime
from typing import Any

import pytest

from tests.loopback import Answer, Loopback, json_answer
from toollama.clock import FixedClock
from toollama.tools.base import ToolContext, ToolFailure, ToolResult
from toollama.tools.builtin.wikipedia_summary import TOOL
from toollama.tools.http import Door, HttpSettings
from toollama.tools.run import run

HOST = "en.wikipedia.org"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EXTRACT = (
    "Augusta Ada King, Countess of Lovelace (née Byron; 10 December 1815 - 27 November 1852), was "
    "an English mathematician. She worked with Charles Babbage, e.g. on the Analytical Engine."
)


def context(door: Door) -> ToolContext:
    return ToolContext(clock=FixedClock(NOW), http=door)


def summary(title: str, extract: str, **fields: Any) -> Answer:
    """A page summary as https://en.wikipedia.org/api/rest_v1/ documents it."""
    page = f"https://{HOST}/wiki/{title.replace(' ', '_')}"
    urls = {"desktop": {"page": page}, "mobile": {"page": page}}
    document = {"type": "standard", "title": title, "extract": extract, "content_urls": urls}
    return json_answer({**document, **fields})


def expect_search(server: Loopback, topic: str, *titles: str, host: str = HOST) -> None:
    hits = [{"ns": 0, "title": title, "pageid": number} for number, title in enumerate(titles)]
    server.expect(
        host,
        "/w/api.php",
        json_answer({"batchcomplete": "", "query": {"search": hits}}),
        query={
            "action": "query",
            "list": "search",
            "format": "json",
            "srsearch": topic,
            "srlimit": "3",
        },
    )


async def look_up(server: Loopback, **arguments: Any) -> ToolResult:
    async with Door(HttpSettings(base_urls=server.base_urls)) as door:
        return await run(TOOL, arguments, context(door))


async def test_the_first_sentences_are_the_statements_and_the_page_is_the_source() -> None:
    async with Loopback(HOST) as server:
        expect_search(server, "Ada Lovelace", "Ada Lovelace", "Lovelace (film)")
        server.expect(
            HOST, "/api/rest_v1/page/summary/Ada_Lovelace", summary("Ada Lovelace", EXTRACT)
        )
        result = await look_up(server, topic="Ada Lovelace")
    assert result.statements == (
        EXTRACT[: EXTRACT.index(" She worked")],
        "She worked with Charles Babbage, e.g. on the Analytical Engine.",
    )
    assert result.text == EXTRACT
    [source] = result.sources
    assert (source.title, source.locator, source.retrieved_at, source.untrusted) == (
        "Wikipedia: Ada Lovelace",
        "https://en.wikipedia.org/wiki/Ada_Lovelace",
        "2026-11-22T12:00:00+00:00",
        True,
    )


async def test_a_title_is_percent_encoded_as_one_path_segment() -> None:
    async with Loopback(HOST) as server:
        expect_search(server, "ac/dc", "AC/DC")
        server.expect(HOST, "/api/rest_v1/page/summary/AC%2FDC", summary("AC/DC", "A band."))
        result = await look_up(server, topic="ac/dc")
    assert result.statements == ("A band.",)


async def test_an_exact_title_is_preferred_to_a_better_ranked_one() -> None:
    async with Loopback(HOST) as server:
        expect_search(server, "python", "Monty Python", "Python")
        server.expect(HOST, "/api/rest_v1/page/summary/Python", summary("Python", "A snake."))
        assert (await look_up(server, topic="python")).statements == ("A snake.",)


async def test_another_language_asks_another_wikipedia() -> None:
    host = "de.wikipedia.org"
    async with Loopback(host) as server:
        expect_search(server, "Goethe", "Goethe", host=host)
        server.expect(host, "/api/rest_v1/page/summary/Goethe", summary("Goethe", "Ein Dichter."))
        result = await look_up(server, topic="Goethe", language="de")
    assert result.statements == ("Ein Dichter.",)


async def test_no_hit_is_an_honest_empty_result() -> None:
    async with Loopback(HOST) as server:
        expect_search(server, "qwxzv")
        result = await look_up(server, topic="qwxzv")
    assert result.status == "empty"
    assert result.statements == ('Wikipedia (en) has no article for "qwxzv".',)


async def test_a_page_that_vanished_is_an_empty_result() -> None:
    async with Loopback(HOST) as server:
        expect_search(server, "gone", "Gone")
        server.expect(HOST, "/api/rest_v1/page/summary/Gone", Answer(b"{}", 404))
        assert (await look_up(server, topic="gone")).status == "empty"


async def test_a_disambiguation_page_offers_what_may_be_meant() -> None:
    async with Loopback(HOST) as server:
        expect_search(server, "mercury", "Mercury", "Mercury (planet)", "Mercury (element)")
        server.expect(
            HOST,
            "/api/rest_v1/page/summary/Mercury",
            summary("Mercury", "Mercury may refer to:", type="disambiguation"),
        )
        result = await look_up(server, topic="mercury")
    assert result.status == "empty"
    assert "Mercury (planet); Mercury (element)" in result.statements[0]


async def test_a_long_sentence_is_cut_to_a_statement() -> None:
    long = "It lies in " + ", ".join(f"Province {number}" for number in range(60)) + "."
    async with Loopback(HOST) as server:
        expect_search(server, "x", "X")
        server.expect(HOST, "/api/rest_v1/page/summary/X", summary("X", long))
        [statement] = (await look_up(server, topic="x")).statements
    assert len(statement) <= 240
    assert statement.endswith("…")


async def test_an_undocumented_answer_is_an_upstream_failure() -> None:
    async with Loopback(HOST) as server:
        expect_search(server, "x", "X")
        server.expect(HOST, "/api/rest_v1/page/summary/X", json_answer({"title": 3}))
        with pytest.raises(ToolFailure, match="not answer as documented: title") as caught:
            await look_up(server, topic="x")
    assert caught.value.kind == "upstream"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Who was Ada Lovelace?", "Ada Lovelace"),
        ("who's grace hopper", "grace hopper"),
        ("What is the Great Barrier Reef?", "Great Barrier Reef"),
        ("Tell me about black holes, please", "black holes"),
        ("Look up Marie Curie on Wikipedia", "Marie Curie"),
        ("wikipedia Alan Turing", "Alan Turing"),
        ("What does Wikipedia say about tulip mania?", "tulip mania"),
        ("Tell me about Oslo in two sentences", "Oslo"),
    ],
)
def test_an_explicit_request_names_its_topic_for_certain(text: str, topic: str) -> None:
    best = TOOL.propose(text, context(Door(HttpSettings())))["topic"][0]
    assert (best.value, best.certain) == (topic, True)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("When was Marie Curie born?", "Marie Curie"),
        ('Give me a summary of "the dispossessed"', "the dispossessed"),
        ("Who invented the telephone?", "telephone"),
    ],
)
def test_a_name_or_quotation_is_offered_without_certainty(text: str, topic: str) -> None:
    offered = TOOL.propose(text, context(Door(HttpSettings())))["topic"]
    assert topic in [candidate.value for candidate in offered]
    assert not any(candidate.certain for candidate in offered)


def test_the_german_wikipedia_is_asked_for_by_name() -> None:
    proposal = TOOL.propose("Look up Goethe in the German Wikipedia", context(Door(HttpSettings())))
    assert proposal["language"][0].value == "de"


def test_a_request_without_a_topic_proposes_nothing() -> None:
    assert TOOL.propose("hello there", context(Door(HttpSettings()))) == {}


def test_there_are_twenty_utterances_to_route_by() -> None:
    assert len(set(TOOL.spec.utterances)) >= 20
