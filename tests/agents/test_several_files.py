"""A request about several files that its words name."""

from pathlib import Path

from tests.agents.conftest import Ask


async def test_every_file_that_the_words_name_is_read(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The barn is red.\n")
    (tmp_path / "b.txt").write_text("The mill is blue.\n")
    outcome = await ask("compare what a.txt and b.txt say", "The barn is red.")
    called = [call["arguments"]["path"] for call in outcome.data("tool.call.requested")]
    assert called == ["a.txt", "b.txt"]


async def test_a_count_of_two_files_is_two_counts(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one two three\n")
    (tmp_path / "b.txt").write_text("one two\n")
    outcome = await ask("how many words are in a.txt and b.txt?", "", "")
    assert "a.txt has 3 words" in outcome.text
    assert "b.txt has 2 words" in outcome.text
