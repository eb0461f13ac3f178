"""Counts of a file's text."""

from pathlib import Path

import pytest

from tests.tools.answering import OFFLINE, best
from toollama.tools.base import ToolFailure
from toollama.tools.builtin.file_stats import TOOL
from toollama.tools.run import run


@pytest.fixture(autouse=True)
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put notes.txt of two lines and an empty file into the working directory."""
    (tmp_path / "notes.txt").write_text("It rained.\nWe stayed in.\n")
    (tmp_path / "signs.txt").write_text("* * *\n")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("text", "answer", "first"),
    [
        ("how many words are in notes.txt?", "5", "notes.txt has 5 words, 2 sentences"),
        ("how many lines does notes.txt have", "2", "notes.txt has 2 lines."),
        ("count the letters in notes.txt", "18", "notes.txt has 18 letters."),
    ],
)
async def test_the_count_that_is_asked_for_comes_first(text: str, answer: str, first: str) -> None:
    result = await run(TOOL, best(TOOL, text), OFFLINE)
    assert result.answer == answer
    assert result.statements[0].startswith(first)


async def test_one_count_alone_is_answered_without_readability() -> None:
    result = await run(TOOL, best(TOOL, "how many words are in notes.txt?"), OFFLINE)
    assert len(result.statements) == 1


async def test_the_file_is_the_source_and_private() -> None:
    (source,) = (await run(TOOL, {"path": "notes.txt"}, OFFLINE)).sources
    assert (source.title, source.private) == ("notes.txt", True)


def test_the_policy_is_told_which_file_is_read(tmp_path: Path) -> None:
    arguments = TOOL.spec.parameters.model_validate({"path": "notes.txt"})
    assert TOOL.touches(arguments, OFFLINE) == ([tmp_path / "notes.txt"], [])


@pytest.mark.parametrize(
    "text",
    [
        "shorten notes.txt to one sentence",
        "what does notes.txt say",
        "How many guests did the hotel in notes.txt have in 2023?",
        "how long is the bridge, by notes.txt?",
        "what is the number of rooms in notes.txt",
    ],
)
def test_a_file_without_a_count_is_for_other_tools(text: str) -> None:
    assert TOOL.propose(text, OFFLINE) == {}


async def test_a_file_without_words_is_refused() -> None:
    with pytest.raises(ToolFailure, match="no words to count"):
        await run(TOOL, {"path": "signs.txt"}, OFFLINE)


async def test_a_near_name_is_offered_for_a_missing_file() -> None:
    with pytest.raises(ToolFailure) as refused:
        await run(TOOL, {"path": "notez.txt"}, OFFLINE)
    assert refused.value.fix == "did you mean: notes.txt"
