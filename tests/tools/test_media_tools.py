from pathlib import Path

import pytest

from tests.tools.answering import OFFLINE, best, refusal_of, refused
from toollama.policy import Effect
from toollama.tools.base import ToolFailure
from toollama.tools.builtin.image_generate import TOOL as IMAGE
from toollama.tools.builtin.text_to_speech import TOOL as SPEECH
from toollama.tools.media.kept_files import keep, stem_of, suffix_of


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def test_a_file_that_exists_is_never_replaced(tmp_path: Path) -> None:
    paths = [keep(b"new", directory=tmp_path, stem="a", suffix=".mp3") for _ in range(3)]
    assert [path.name for path in paths] == ["a.mp3", "a-2.mp3", "a-3.mp3"]


def test_the_name_of_a_file_is_made_of_the_words_alone() -> None:
    assert stem_of("../../etc/passwd; rm -rf", kind="image") == "image-etc-passwd-rm-rf"
    assert stem_of("日本", kind="speech") == "speech"


def test_what_is_no_picture_is_an_upstream_failure() -> None:
    with pytest.raises(ToolFailure) as caught:
        suffix_of(b"<html>", among=(".jpg", ".png"), service="a.example")
    assert caught.value.kind == "upstream"


@pytest.mark.parametrize(
    ("body", "suffix"), [(b"\xff\xd8\xff\xe0", ".jpg"), (b"\x89PNG\r\n\x1a\n", ".png")]
)
def test_the_bytes_tell_the_type_of_a_picture(body: bytes, suffix: str) -> None:
    assert suffix_of(body, among=(".jpg", ".png"), service="a.example") == suffix


async def test_speech_that_is_no_sound_leaves_no_file(tmp_path: Path) -> None:
    request = {
        "method": "POST",
        "host": "api.elevenlabs.io",
        "path": "/v1/text-to-speech/JBFqnCBsd6RMkjVDRZzb",
        "query": {"output_format": "mp3_44100_128"},
    }
    exchange = {"request": request, "reply": {"body_text": "<html>down</html>"}}
    assert (await refused(SPEECH, {"text": "Hi"}, exchange, output=tmp_path)).kind == "upstream"
    assert names_in(tmp_path) == []


def test_both_spend_and_write_and_name_the_file_that_they_would_write() -> None:
    assert SPEECH.spec.effects == IMAGE.spec.effects == {Effect.SPEND, Effect.WRITE_LOCAL}
    args = IMAGE.spec.parameters.model_validate({"prompt": "a fox"})
    read, written = IMAGE.touches(args, OFFLINE)
    assert (read, [path.name for path in written]) == ([], ["image-a-fox.jpg"])


async def test_an_empty_text_and_a_huge_picture_are_refused() -> None:
    assert (await refusal_of(SPEECH, text="")).kind == "invalid_input"
    assert (await refusal_of(IMAGE, prompt="a fox", width=9_000)).kind == "invalid_input"


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("generate an image of a lighthouse at dusk", "a lighthouse at dusk"),
        ("draw a fox reading a newspaper", "a fox reading a newspaper"),
        ("picture showing two otters holding hands", "two otters holding hands"),
    ],
)
def test_what_to_paint_stands_after_image_of(text: str, prompt: str) -> None:
    assert best(IMAGE, text) == {"prompt": prompt}


def test_what_to_say_stands_in_quotation_marks() -> None:
    assert best(SPEECH, 'say "good morning" as an mp3') == {"text": "good morning"}
