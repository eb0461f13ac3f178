from pathlib import Path
from typing import Any

import pytest

from tests.tools.answering import answered, best, get, refusal_of
from toollama.tools.builtin.social_hunter import TOOL
from toollama.tools.presence.sites import SITES, Verdict


def everywhere(**replies: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an exchange per site: status 404, but for the sites that are named."""
    exchanges = []
    for site in SITES:
        path, _, query = site.api.replace("{}", "kelp").split(site.host, 1)[1].partition("?")
        pairs = dict(pair.split("=", 1) for pair in query.split("&")) if query else {}
        absent: dict[str, Any] = {"status": site.absent[0], "body": {}}
        if site.name in {"GitLab", "Hacker News", "Keybase"}:
            bodies = {"GitLab": [], "Hacker News": None, "Keybase": {"them": [None]}}
            absent = {"body": bodies[site.name]}
        exchanges.append(get(site.host, path, pairs, **replies.get(site.name, absent)))
    return exchanges


async def test_found_absent_and_unknown_are_told_apart(tmp_path: Path) -> None:
    exchanges = everywhere(
        GitHub={"body": {"login": "kelp"}},
        Lichess={"status": 200, "body_text": "<html>Sign in</html>"},
        DEV={"status": 403, "body": {}},
    )
    result = await answered(TOOL, {"username": "kelp"}, *exchanges, output=tmp_path)
    assert result.statements == (
        "The name kelp is taken on 1 of 11 sites: GitHub.",
        (
            "Nobody has it on GitLab, Codeberg, Hacker News, Bluesky, Mastodon (mastodon.social), "
            "Keybase, Chess.com, Docker Hub."
        ),
        "It is not known for DEV, Lichess.",
    )
    assert result.data["DEV"]["verdict"] == Verdict.UNKNOWN


async def test_a_name_that_nobody_has_is_said_to_be_found_nowhere(tmp_path: Path) -> None:
    result = await answered(TOOL, {"username": "kelp"}, *everywhere(), output=tmp_path)
    assert result.statements[0] == "The name kelp was found on none of the 11 sites asked."


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_a_page_in_place_of_an_answer_proves_nobody(site: Any) -> None:
    assert site.judge("<html>") is Verdict.UNKNOWN


@pytest.mark.parametrize("name", ["../admin", "a b", "x?y", ""])
async def test_what_is_no_user_name_is_refused(name: str) -> None:
    assert (await refusal_of(TOOL, username=name)).kind == "invalid_input"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("where is the username torvalds registered", "torvalds"),
        ("find social accounts for the username ferrygirl", "ferrygirl"),
        ("search social media for the handle @harborwatch", "harborwatch"),
    ],
)
def test_the_name_stands_after_username_or_handle(text: str, name: str) -> None:
    assert best(TOOL, text) == {"username": name}
