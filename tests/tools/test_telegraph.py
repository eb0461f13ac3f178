from pathlib import Path
from typing import Any

import pytest

from tests.tools.answering import best, refusal_of, refused
from toollama.policy import Effect
from toollama.tools.builtin.telegraph_edit import TOOL as EDIT
from toollama.tools.builtin.telegraph_publish import TOOL as PUBLISH
from toollama.tools.telegraph.nodes import nodes_from_markdown


@pytest.mark.parametrize(
    ("markdown", "nodes"),
    [
        ("# Big", [{"tag": "h3", "children": ["Big"]}]),
        ("### Small", [{"tag": "h4", "children": ["Small"]}]),
        (
            "- one\n- two",
            [
                {
                    "tag": "ul",
                    "children": [
                        {"tag": "li", "children": ["one"]},
                        {"tag": "li", "children": ["two"]},
                    ],
                }
            ],
        ),
        ("```\na = 1\n```", [{"tag": "pre", "children": ["a = 1\n"]}]),
        (
            "see [this](https://example.org)",
            [
                {
                    "tag": "p",
                    "children": [
                        "see ",
                        {
                            "tag": "a",
                            "children": ["this"],
                            "attrs": {"href": "https://example.org"},
                        },
                    ],
                }
            ],
        ),
        ("one\ntwo", [{"tag": "p", "children": ["one", " ", "two"]}]),
        ("", []),
    ],
)
def test_markdown_becomes_telegraphs_nodes(markdown: str, nodes: list[Any]) -> None:
    assert nodes_from_markdown(markdown) == nodes


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_an_address_that_is_not_of_the_web_becomes_no_link(url: str) -> None:
    assert "href" not in str(nodes_from_markdown(f"[a]({url})"))


def test_raw_html_stays_text() -> None:
    [node] = nodes_from_markdown("<script>alert(1)</script>")
    assert node == "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("ACCESS_TOKEN_INVALID", "missing_credential"),
        ("PAGE_NOT_FOUND", "not_found"),
        ("CONTENT_REQUIRED", "upstream"),
    ],
)
async def test_a_fault_that_comes_with_status_200_is_a_failure(
    error: str, kind: str, tmp_path: Path
) -> None:
    request = {"method": "POST", "host": "api.telegra.ph", "path": "/createPage"}
    exchange = {"request": request, "reply": {"body": {"ok": False, "error": error}}}
    arguments = {"title": "A", "text": "b"}
    failure = await refused(PUBLISH, arguments, exchange, output=tmp_path)
    assert failure.kind == kind


async def test_a_text_over_64_kb_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    arguments = {"title": "A", "text": "é" * 40_000}
    assert (await refused(PUBLISH, arguments, output=tmp_path)).kind == "invalid_input"


async def test_a_page_without_a_title_and_a_path_with_a_slash_are_refused() -> None:
    assert (await refusal_of(PUBLISH, title="", text="a")).kind == "invalid_input"
    assert (await refusal_of(EDIT, path="a/b", title="a", text="b")).kind == "invalid_input"


async def test_publishing_without_a_token_names_the_command_that_sets_it() -> None:
    failure = await refusal_of(PUBLISH, title="A", text="b")
    assert (failure.kind, failure.fix) == (
        "missing_credential",
        "toollama keys set TELEGRAPH_ACCESS_TOKEN",
    )


def test_both_are_sends() -> None:
    assert PUBLISH.spec.effects == EDIT.spec.effects == {Effect.SEND}


def test_title_and_text_stand_in_quotation_marks() -> None:
    text = 'telegraph page titled "Spring walk" with the text "We left at nine."'
    assert best(PUBLISH, text) == {"title": "Spring walk", "text": "We left at nine"}


def test_the_page_to_edit_stands_in_its_address() -> None:
    assert best(EDIT, "edit telegra.ph/Garden-Diary-06-02")["path"] == "Garden-Diary-06-02"
