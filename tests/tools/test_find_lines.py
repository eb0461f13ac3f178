"""Finding a text in a file."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.answering import OFFLINE, best
from toollama.tools.builtin.find_lines import TOOL, find
from toollama.tools.run import run

LOG = "started\nERROR disk full\nretry\nError: error again\n"


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a log of four lines into the working directory."""
    (tmp_path / "app.log").write_text(LOG)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("text", "containing"),
    [
        ("which lines of app.log contain ERROR?", "ERROR"),
        ("show the lines with disk full in app.log", "disk full"),
        ("how often does the word retry appear in app.log", "retry"),
        ("how many times is 'disk' mentioned in app.log", "disk"),
        ("grep started app.log", "started"),
        ("search app.log for retry", "retry"),
        ('find "disk full" in app.log', "disk full"),
        ("does app.log contain the word warning?", "warning"),
        ("count the occurrences of error in app.log", "error"),
    ],
)
def test_the_text_to_find_is_read_out_of_the_words(text: str, containing: str) -> None:
    assert best(TOOL, text) == {"path": "app.log", "containing": containing}


async def test_the_lines_are_numbered_and_quoted() -> None:
    result = await run(TOOL, {"path": "app.log", "containing": "error"}, OFFLINE)
    assert result.statements == (
        "2 of the 4 lines of app.log contain “error”: lines 2 and 4.",
        "“error” occurs 3 times in app.log.",
        "Line 2: ERROR disk full",
        "Line 4: Error: error again",
    )


async def test_what_stands_nowhere_is_a_result_not_a_failure() -> None:
    result = await run(TOOL, {"path": "app.log", "containing": "warning"}, OFFLINE)
    assert (result.status, result.answer) == ("ok", "0")
    assert result.statements == ("None of the 4 lines of app.log contains “warning”.",)


async def test_a_dot_is_no_pattern() -> None:
    result = await run(TOOL, {"path": "app.log", "containing": "ERROR.disk"}, OFFLINE)
    assert result.answer == "0"


async def test_many_lines_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("yes\n" * 2_000)
    result = await run(TOOL, {"path": "long.txt", "containing": "yes"}, OFFLINE)
    assert result.statements[0].endswith(
        "lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 1,988 more."
    )
    assert len(result.statements) < 10


@given(st.lists(st.text("ab \n", max_size=8), max_size=8), st.text("ab", min_size=1, max_size=2))
@settings(max_examples=60)
def test_every_line_found_holds_the_text_and_no_other_does(parts: list[str], wanted: str) -> None:
    text = "\n".join(parts)
    numbers = [number for number, _ in find(text, wanted).lines]
    holding = [at for at, line in enumerate(text.splitlines(), start=1) if wanted in line]
    assert numbers == holding


def test_a_question_without_a_text_to_find_is_for_a_reader_of_the_file() -> None:
    asked = "How many guests did the hotel in notes.txt have in 2023?"
    assert TOOL.propose(asked, OFFLINE) == {}
