"""Answers that are saved, and answers as documents."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from tests.agents.conftest import Ask
from toollama.agents.delivery import read
from toollama.agents.document import markdown, plain
from toollama.agents.messages import CitedSource, Thread
from toollama.clock import FixedClock
from toollama.errors import ExitCode
from toollama.session import ApprovalRequest
from toollama.tools.base import HttpDoor, ToolContext
from toollama.tools.registry import Registry

REGISTRY = Registry.builtin()
CONTEXT = ToolContext(
    clock=FixedClock(datetime(2026, 1, 1, tzinfo=UTC)), http=cast("HttpDoor", None)
)
SOURCES = (
    CitedSource(number=1, title="Bergen", locator="https://en.wikipedia.org/wiki/Bergen"),
    CitedSource(number=2, title="a.csv", locator="/data/a.csv"),
)


@pytest.mark.parametrize(
    ("text", "rest", "path"),
    [
        ("Summarise notes.md and save it as out.docx", "Summarise notes.md", "out.docx"),
        ("What is 15% of 240? Save the answer to tip.md", "What is 15% of 240?", "tip.md"),
        ("write a summary of notes.md to sum.html", "a summary of notes.md", "sum.html"),
    ],
)
def test_an_order_to_save_the_answer_is_taken_off_the_request(
    text: str, rest: str, path: str
) -> None:
    found = read(text, REGISTRY, CONTEXT)
    assert found is not None
    assert (found.rest, found.path, found.overwrite) == (rest, path, False)


@pytest.mark.parametrize(
    "text",
    [
        "What is 15% of 240?",
        "Write 'hello' to hello.txt",
        "Summarise notes.md and save energy",
        "save 'it' as it.md",
    ],
)
def test_a_request_that_saves_no_answer_stays_whole(text: str) -> None:
    assert read(text, REGISTRY, CONTEXT) is None


async def test_an_answer_is_saved_and_the_place_is_told(ask: Ask, tmp_path: Path) -> None:
    outcome = await ask("What is 15% of 240? Save the answer to tip.md", crew="weak")
    assert outcome.text == "15% of 240 = 36"
    assert (tmp_path / "out" / "tip.md").read_text().startswith("15% of 240 = 36")
    assert outcome.answer is not None
    assert outcome.answer.limits[-1].startswith("Saved ")


@pytest.mark.parametrize("suffix", ["html", "docx"])
async def test_an_answer_becomes_a_file_of_the_type_named(
    ask: Ask, tmp_path: Path, suffix: str
) -> None:
    await ask(f"What is 15% of 240? Save the answer to tip.{suffix}", crew="weak")
    content = (tmp_path / "out" / f"tip.{suffix}").read_bytes()
    assert content.lower().startswith(b"pk" if suffix == "docx" else b"<!doctype html>")


async def test_an_existing_file_is_not_replaced_and_the_answer_still_comes(
    ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "tip.md").write_text("old")
    outcome = await ask("What is 15% of 240? Save the answer to tip.md", crew="weak")
    assert (tmp_path / "out" / "tip.md").read_text() == "old"
    assert outcome.text == "15% of 240 = 36"
    assert outcome.answer is not None
    assert (outcome.answer.status, outcome.answer.exit_code) == ("partial", ExitCode.USAGE)
    assert "already exists" in " ".join(outcome.answer.limits)


async def test_saving_outside_the_output_directory_needs_a_person(ask: Ask, tmp_path: Path) -> None:
    text = f"What is 15% of 240? Save the answer to {tmp_path}/tip.md"
    refused = await ask(text, crew="weak")
    assert refused.answer is not None
    assert refused.answer.exit_code == ExitCode.APPROVAL
    assert not (tmp_path / "tip.md").exists()

    async def allow(request: ApprovalRequest) -> bool:
        return request.tool == "write_file"

    await ask(text, crew="weak", approve=allow)
    assert (tmp_path / "tip.md").exists()


def test_statements_become_a_list_with_numbered_sources() -> None:
    text = markdown("It is wet. [1]\nIt is 3 km long. [2]", sources=SOURCES, limits=["old"])
    assert text == (
        "- It is wet. [1]\n- It is 3 km long. [2]\n\n"
        "## Sources\n\n1. Bergen: <https://en.wikipedia.org/wiki/Bergen>\n2. a.csv: `/data/a.csv`"
        "\n\n## Limits\n\n- old"
    )


def test_markdown_stays_as_it_is() -> None:
    assert markdown("# Plan\n\n- tea", sources=(), limits=()) == "# Plan\n\n- tea"


@pytest.mark.parametrize(
    ("marked", "bare"),
    [
        ("# Plan", "Plan"),
        ("**bold** and `code`", "bold and code"),
        ("[a](https://b.example)", "a (https://b.example)"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("```python\nx = 1\n```", "x = 1"),
    ],
)
def test_plain_text_has_no_marks(marked: str, bare: str) -> None:
    assert plain(marked) == bare


async def test_a_new_question_in_a_conversation_is_saved_with_its_own_answer(
    ask: Ask, tmp_path: Path
) -> None:
    here = Thread(terminal="here")
    await ask("What is 15% of 240?", crew="weak", thread=here)
    outcome = await ask(
        "What is 20% of 50? Save the answer to tip.md",
        crew="weak",
        thread=here.model_copy(update={"continues": True}),
    )
    assert outcome.text == "20% of 50 = 10"
    assert (tmp_path / "out" / "tip.md").read_text().startswith("20% of 50 = 10")
    assert len(outcome.data("tool.call.started")) == 2


async def test_a_plan_to_be_edited_keeps_where_the_answer_is_saved(ask: Ask) -> None:
    text = "What is 15% of 240? Save the answer to tip.md"
    outcome = await ask(text, crew="weak", plan_only=True)
    assert outcome.answer is not None
    assert outcome.answer.data["request"] == text
