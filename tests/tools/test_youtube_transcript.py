from pathlib import Path
from typing import Any

import pytest

from tests.tools.answering import OFFLINE, best, get, offered, refusal_of, refused
from toollama.tools.builtin.youtube_transcript import TOOL
from toollama.tools.youtube.captions import failure_of

HOST = "www.youtube.com"
PAGE = '<html>"INNERTUBE_API_KEY":"page-key"</html>'


def player(answer: dict[str, Any]) -> dict[str, Any]:
    request = {
        "method": "POST",
        "host": HOST,
        "path": "/youtubei/v1/player",
        "query": {"key": "page-key"},
    }
    return {"request": request, "reply": {"body": answer}}


@pytest.mark.parametrize(
    ("text", "video"),
    [
        ("summarise https://youtu.be/a1b2c3d4e5f please", "a1b2c3d4e5f"),
        ("https://www.youtube.com/watch?app=m&v=zyxwvutsrqp&t=3", "zyxwvutsrqp"),
        ("youtube.com/shorts/ggggggggggg", "ggggggggggg"),
        ("transcript of the video a-b_c3d4e5f", "a-b_c3d4e5f"),
    ],
)
def test_the_video_is_the_one_that_the_words_name(text: str, video: str) -> None:
    assert best(TOOL, text) == {"video": video}
    assert TOOL.objection(text, OFFLINE) == ""


@pytest.mark.parametrize("text", ["get the transcript of that talk", "what did he say about tea"])
def test_no_video_is_made_up_where_none_is_named(text: str) -> None:
    assert offered(TOOL, text, "video") == []
    assert "names no YouTube video" in TOOL.objection(text, OFFLINE)


async def test_a_video_id_of_another_length_is_refused() -> None:
    assert (await refusal_of(TOOL, video="too-short")).kind == "invalid_input"


async def test_offline_mode_is_the_doors() -> None:
    assert (await refusal_of(TOOL, video="abcdefghijk")).kind == "unavailable"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ({"status": "ERROR", "reason": "This video is unavailable"}, "not_found"),
        ({"status": "UNPLAYABLE", "reason": "Private"}, "not_found"),
        (
            {
                "status": "LOGIN_REQUIRED",
                "reason": "Sign in to confirm you’re not a bot",
            },
            "rate_limited",
        ),
        ({"status": "OK"}, "not_found"),
    ],
)
async def test_what_youtube_refuses_is_a_typed_failure(
    status: dict[str, str], kind: str, tmp_path: Path
) -> None:
    page = get(HOST, "/watch", {"v": "abcdefghijk"}, body_text=PAGE)
    answer = player({"playabilityStatus": status})
    failure = await refused(TOOL, {"video": "abcdefghijk"}, page, answer, output=tmp_path)
    assert failure.kind == kind


def test_an_error_that_is_not_known_is_upstream() -> None:
    assert failure_of(ValueError("?"), "abcdefghijk").kind == "upstream"
