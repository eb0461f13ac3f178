from datetime import UTC, datetime
from typing import Any

import pytest

from tests.loopback import Answer, Loopback, json_answer
from toollama.clock import FixedClock
from toollama.tools.base import ToolContext, ToolFailure, ToolResult
from toollama.tools.builtin.dictionary import TOOL
from toollama.tools.http import Door, HttpSettings
from toollama.tools.run import run

HOST = "api.dictionaryapi.dev"
# Shaped as the sample answer in https://dictionaryapi.dev/ shows.
HAPPY = {
    "word": "happy",
    "phonetic": "/ˈhæpi/",
    "phonetics": [{"text": "/ˈhæpi/", "audio": "https://example.org/happy.mp3"}, {"audio": ""}],
    "meanings": [
        {
            "partOfSpeech": "adjective",
            "definitions": [
                {
                    "definition": "Having a feeling arising from a consciousness of well-being.",
                    "example": "Music makes me feel happy.",
                    "synonyms": ["cheerful"],
                    "antonyms": [],
                },
                {"definition": "Experiencing the effect of favourable fortune."},
                {"definition": "Content, willing, satisfied."},
            ],
            "synonyms": ["content", "Cheerful"],
            "antonyms": ["sad"],
        },
        {"partOfSpeech": "verb", "definitions": [{"definition": "Often followed by up."}]},
    ],
    "license": {"name": "CC BY-SA 3.0"},
    "sourceUrls": ["https://en.wiktionary.org/wiki/happy"],
}


def context(door: Door) -> ToolContext:
    clock = FixedClock(datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    return ToolContext(clock=clock, http=door)


async def define(answer: Answer, *, word: str = "happy", path: str = "happy") -> ToolResult:
    async with Loopback(HOST) as server:
        server.expect(HOST, f"/api/v2/entries/en/{path}", answer)
        async with Door(HttpSettings(base_urls=server.base_urls)) as door:
            return await run(TOOL, {"word": word}, context(door))


async def test_meanings_come_by_part_of_speech_before_synonyms_and_sound() -> None:
    result = await define(json_answer([HAPPY]))
    assert result.statements == (
        "happy (adjective): Having a feeling arising from a consciousness of well-being.",
        "happy (adjective): Experiencing the effect of favourable fortune.",
        "happy (verb): Often followed by up.",
        "Synonyms of happy: content, Cheerful.",
        "Antonyms of happy: sad.",
        "happy is pronounced /ˈhæpi/.",
    )


async def test_the_long_form_has_every_sense_and_example() -> None:
    result = await define(json_answer([HAPPY]))
    assert "3. Content, willing, satisfied." in result.text
    assert 'Example: "Music makes me feel happy."' in result.text


async def test_the_source_is_the_page_that_the_service_names() -> None:
    [source] = (await define(json_answer([HAPPY]))).sources
    assert (source.locator, source.untrusted) == ("https://en.wiktionary.org/wiki/happy", True)


async def test_a_word_is_asked_for_in_lower_case_and_percent_encoded() -> None:
    result = await define(json_answer([HAPPY]), word="Due Diligence", path="due%20diligence")
    assert result.status == "ok"


async def test_an_unknown_word_is_an_honest_empty_result() -> None:
    not_found = json_answer({"title": "No Definitions Found"}, status=404)
    result = await define(not_found)
    assert (result.status, result.statements) == (
        "empty",
        ('The dictionary has no entry for "happy".',),
    )


@pytest.mark.parametrize("entries", [[], [{"word": "happy", "meanings": []}]])
async def test_an_entry_without_meanings_is_empty(entries: list[Any]) -> None:
    assert (await define(json_answer(entries))).status == "empty"


async def test_a_long_definition_is_cut_to_a_statement() -> None:
    sense = {"definition": "A thing of many parts, " * 30}
    entry = {"word": "x", "meanings": [{"partOfSpeech": "noun", "definitions": [sense]}]}
    [statement] = (await define(json_answer([entry]))).statements
    assert len(statement) <= 240


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (json_answer({"word": "happy"}), "upstream"),
        (json_answer([{"word": "happy", "meanings": [{}]}]), "upstream"),
        (Answer(b"<html>down</html>"), "upstream"),
        (Answer(b"", 429, {"Retry-After": "30"}), "rate_limited"),
        (Answer(b"", 503), "unavailable"),
    ],
)
async def test_a_failing_service_is_a_typed_failure(answer: Answer, kind: str) -> None:
    with pytest.raises(ToolFailure) as caught:
        await define(answer)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Define serendipity", "serendipity"),
        ("define the term due diligence please", "due diligence"),
        ("What does ubiquitous mean?", "ubiquitous"),
        ('What does the word "petrichor" mean?', "petrichor"),
        ("What is the meaning of ephemeral?", "ephemeral"),
        ("synonyms for happy", "happy"),
        ("Another word for important", "important"),
        ("How do you pronounce colonel?", "colonel"),
        ("Use the word ameliorate in a sentence", "ameliorate"),
        ("I don't know the word sonder, what does it mean?", "sonder"),
    ],
)
def test_an_explicit_request_names_its_word_for_certain(text: str, word: str) -> None:
    best = TOOL.propose(text, context(Door(HttpSettings())))["word"][0]
    assert (best.value, best.certain) == (word, True)


def test_a_quotation_is_offered_without_certainty() -> None:
    [candidate] = TOOL.propose("explain 'sonder' to me", context(Door(HttpSettings())))["word"]
    assert (candidate.value, candidate.certain) == ("sonder", False)


def test_a_request_without_a_word_proposes_nothing() -> None:
    assert TOOL.propose("hello there", context(Door(HttpSettings()))) == {}


def test_there_are_twenty_utterances_to_route_by() -> None:
    assert len(set(TOOL.spec.utterances)) >= 20
