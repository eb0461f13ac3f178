from pathlib import Path

import pytest

from tests.tools.answering import answered, best, get, refusal_of
from toollama.tools.builtin.apis_guru_search import TOOL

HOST, PATH = "api.apis.guru", "/v2/list.json"


def api(title: str, description: str) -> dict[str, object]:
    info = {"title": title, "description": description}
    return {"preferred": "1", "versions": {"1": {"info": info, "swaggerUrl": "https://a.example"}}}


async def test_a_word_in_the_title_comes_before_one_in_the_description(tmp_path: Path) -> None:
    body = {
        "a.example": api("Post", "can send sms as well"),
        "b.example": api("SMS Gateway", "sends texts"),
    }
    reply = get(HOST, PATH, body=body)
    result = await answered(TOOL, {"query": "sms", "limit": 1}, reply, output=tmp_path)
    assert result.statements == (
        "SMS Gateway is listed as b.example: sends texts",
        "1 more are not listed.",
    )


async def test_nothing_that_holds_every_word_is_an_empty_result(tmp_path: Path) -> None:
    reply = get(HOST, PATH, body={"a.example": api("Post", "letters")})
    result = await answered(TOOL, {"query": "tide tables"}, reply, output=tmp_path)
    assert result.status == "empty"


async def test_one_letter_is_no_search() -> None:
    assert (await refusal_of(TOOL, query="a")).kind == "invalid_input"


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("find an API for parcel tracking", "parcel tracking"),
        ("which public APIs exist for exchange rates", "exchange rates"),
        ("search apis.guru for sms", "sms"),
        ("find me a calendar api", "calendar"),
    ],
)
def test_the_words_stand_around_api(text: str, query: str) -> None:
    assert best(TOOL, text) == {"query": query}
