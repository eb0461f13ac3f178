"""A request about files that its words name: several, among other parts, or none."""

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


async def test_a_part_about_a_text_is_answered_after_what_a_tool_computes(
    ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("Milk is out.\nThe dentist said: come in six months.\n")
    outcome = await ask(
        "what is 12% of 300 and what does notes.txt say about the dentist?",
        "The dentist said: come in six months.",
    )
    assert outcome.text == "12% of 300 = 36\nThe dentist said: come in six months."


async def test_a_text_is_quoted_for_its_part_where_no_sentence_of_the_model_holds(
    ask: Ask, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("Milk is out.\nThe dentist said: come in six months.\n")
    outcome = await ask(
        "what is 12% of 300 and what does notes.txt say about the dentist?",
        "The dentist won 900 prizes.",
    )
    assert "“The dentist said: come in six months.”" in outcome.text


async def test_a_request_about_no_file_needs_no_tool_that_reads(ask: Ask) -> None:
    outcome = await ask("write a haiku about rain", "Rain on the tin roof.", tools=("calculator",))
    assert "Rain on the tin roof." in outcome.text
