from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.answering import answered, best, get, refusal_of, refused
from toollama.tools.builtin.libretranslate import TOOL as LIBRE
from toollama.tools.builtin.translate import TOOL
from toollama.tools.translation.languages import NAMES, code_of, language_name
from toollama.tools.translation.requests import pieces

HOST = "api.mymemory.translated.net"


def memory(text: str, translation: str, **fields: Any) -> dict[str, Any]:
    query = {"q": text, "langpair": "Autodetect|de", "de": "${MYMEMORY_EMAIL}"}
    body = {"responseData": {"translatedText": translation}, "responseStatus": 200, **fields}
    return get(HOST, "/get", query, body=body)


async def test_a_long_text_is_translated_in_pieces_and_joined(tmp_path: Path) -> None:
    first, second = "One. " * 90, "Two. " * 20
    text = (first + second).strip()
    sent = pieces(text, limit_bytes=500)
    exchanges = [memory(piece, f"Teil {number}.") for number, piece in enumerate(sent)]
    arguments = {"text": text, "target": "German"}
    result = await answered(TOOL, arguments, *exchanges, output=tmp_path)
    assert len(sent) == 2
    assert result.statements == ("Teil 0.", "Teil 1.")
    assert result.answer == "Teil 0. Teil 1."


async def test_a_spent_quota_is_no_translation(tmp_path: Path) -> None:
    spent = memory("snow", "YOU USED ALL AVAILABLE FREE TRANSLATIONS", quotaFinished=True)
    failure = await refused(TOOL, {"text": "snow", "target": "de"}, spent, output=tmp_path)
    assert (failure.kind, "MYMEMORY_EMAIL" in failure.fix) == ("rate_limited", True)


async def test_a_refusal_inside_the_answer_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    wrong = memory("snow", "", responseStatus=403, responseDetails="INVALID LANGUAGE PAIR")
    failure = await refused(TOOL, {"text": "snow", "target": "de"}, wrong, output=tmp_path)
    assert "INVALID LANGUAGE PAIR" in failure.message


async def test_an_empty_translation_is_an_empty_result(tmp_path: Path) -> None:
    nothing = memory("snow", "")
    result = await answered(TOOL, {"text": "snow", "target": "de"}, nothing, output=tmp_path)
    assert result.status == "empty"


async def test_an_unknown_language_is_refused() -> None:
    assert "target" in (await refusal_of(TOOL, text="snow", target="Elvish")).message


def test_a_server_must_be_named_for_libretranslate() -> None:
    assert LIBRE.spec.credentials == ("LIBRETRANSLATE_URL",)


@settings(max_examples=100)
@given(st.text(max_size=2_000), st.integers(min_value=8, max_value=500))
def test_no_piece_is_too_long_and_nothing_is_lost(text: str, limit_bytes: int) -> None:
    found = pieces(text, limit_bytes=limit_bytes)
    assert all(len(piece.encode()) <= limit_bytes for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_every_language_is_found_by_name_and_by_code() -> None:
    for name in NAMES:
        language = language_name(name)
        assert language_name(code_of(language)) == language


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("translate good morning into Spanish", {"text": "good morning", "target": "Spanish"}),
        ("how do you say thank you in Norwegian?", {"text": "thank you", "target": "Norwegian"}),
        ("what is the German word for butterfly", {"text": "butterfly", "target": "German"}),
        (
            "translate from French to English: je ne sais quoi",
            {"text": "je ne sais quoi", "source": "French", "target": "English"},
        ),
        ('translate "Where? Here!" to Japanese', {"text": "Where? Here!", "target": "Japanese"}),
    ],
)
def test_a_request_names_words_and_languages(text: str, values: dict[str, str]) -> None:
    assert best(TOOL, text) == values
