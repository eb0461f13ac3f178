"""Slash commands of the screen that the chat has too, on a screen whose crew the test plays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from stage import PlayedCrew, app_over, events, kept_run, main_of, recorded, text_of, wait_until
from textual.pilot import Pilot

from toollama.events import payloads
from toollama.fold import RunView
from toollama.fold.report import report
from toollama.host.notices import AskCommand, EndedNotice
from toollama.host.plan_draft import PlanDraft
from toollama.tui.screens.detail import Detail
from toollama.tui.screens.plan_editor import PlanEditor
from toollama.tui.widgets.prompt import Prompt


@asynccontextmanager
async def _screen(crew: PlayedCrew) -> AsyncIterator[Pilot[int]]:
    app = app_over(crew)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await wait_until(pilot, lambda: bool(app.screen.query(Prompt)))
        yield pilot


async def _typed(pilot: Pilot[int], text: str) -> None:
    main_of(pilot).query_one(Prompt).put(text)
    await pilot.press("enter")
    await pilot.pause()


async def _shown(pilot: Pilot[int], line: str) -> str:
    """Type a command and return the text that it lays over the panes."""
    await _typed(pilot, line)
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, Detail))
    assert isinstance(pilot.app.screen, Detail)
    text = pilot.app.screen._text
    await pilot.press("escape")
    await wait_until(pilot, lambda: not isinstance(pilot.app.screen, Detail))
    return text


def _options(crew: PlayedCrew) -> dict[str, object]:
    """Return the options of the request that was sent last."""
    asked = crew.commands[-1]
    assert isinstance(asked, AskCommand)
    return asked.options


async def test_the_screen_shows_of_a_run_what_the_chat_prints() -> None:
    kept_run()
    view = RunView.of(recorded())
    async with _screen(PlayedCrew()) as pilot:
        assert await _shown(pilot, "/trace last") == report(view, "trace")
        await _typed(pilot, "/open last")
        await wait_until(pilot, lambda: bool(main_of(pilot).view.run_id))
        for name, argument in (("tree", ""), ("why", "2"), ("event", "3 4")):
            assert await _shown(pilot, f"/{name} {argument}") == report(view, name, argument)


async def test_conversations_tools_and_crew_are_listed() -> None:
    kept_run()
    async with _screen(PlayedCrew()) as pilot:
        assert recorded()[0].run_id in await _shown(pilot, "/sessions")
        assert "calculator" in await _shown(pilot, "/tools")
        assert "drummer.analysis" in await _shown(pilot, "/agents")


async def test_a_request_belongs_to_the_conversation_that_was_chosen() -> None:
    crew = PlayedCrew()
    async with _screen(crew) as pilot:
        await _typed(pilot, "/new trip")
        await _typed(pilot, "/fork")
        await _typed(pilot, "x")
        assert _options(crew)["thread"] == {
            "terminal": "",
            "name": "trip",
            "continues": False,
            "fork": True,
        }
        crew.play(events(payloads.RunStarted(prompt="x", version="0", profile="", session="own")))
        await wait_until(pilot, lambda: main_of(pilot).conversation.session == "own")


async def test_a_named_fork_goes_on_in_a_copy() -> None:
    archive = kept_run()
    async with _screen(PlayedCrew()) as pilot:
        await _typed(pilot, "/open last")
        await wait_until(pilot, lambda: bool(main_of(pilot).view.run_id))
        await _typed(pilot, "/fork other")
        await wait_until(pilot, lambda: main_of(pilot).conversation.session == "other")
    assert archive.go_on_from("other")[0].prompt == archive.load(recorded()[0].run_id)[0].prompt


@pytest.mark.parametrize("line", ["/model camina", "/new a/b", "/cancel all", "/export run.pdf"])
async def test_what_cannot_be_done_is_told(line: str) -> None:
    crew = PlayedCrew()
    async with _screen(crew) as pilot:
        await _typed(pilot, line)
        await wait_until(pilot, lambda: "error[" in text_of(pilot))
    assert crew.commands == []


async def test_the_answer_is_saved_and_the_run_exported(tmp_path: Path) -> None:
    kept_run()
    async with _screen(PlayedCrew()) as pilot:
        await _typed(pilot, "/open last")
        await wait_until(pilot, lambda: bool(main_of(pilot).view.run_id))
        answer = main_of(pilot).view.answer.text
        await _typed(pilot, f"/save {tmp_path}/answer.md")
        await _typed(pilot, f"/export {tmp_path}/run.jsonl")
        await wait_until(pilot, (tmp_path / "run.jsonl").exists)
    assert (tmp_path / "answer.md").read_text() == f"{answer.rstrip()}\n"
    assert len((tmp_path / "run.jsonl").read_text().splitlines()) == len(recorded())


async def test_an_edited_plan_is_read_from_a_file_and_run(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text("goal: sum\ntasks:\n  - {task: 1, belter: knowledge, ask: what is 2 + 3}\n")
    crew = PlayedCrew()
    async with _screen(crew) as pilot:
        await _typed(pilot, f"/edit {file}")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PlanEditor))
        await pilot.press("escape")
        await _typed(pilot, "/run")
        assert _options(crew)["prompt"] == "sum"


async def test_what_was_edited_is_kept_when_the_editor_is_closed(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("goal: two\n")
    crew = PlayedCrew()
    async with _screen(crew) as pilot:
        await _typed(pilot, f"/edit {tmp_path / 'plan.yaml'}")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PlanEditor))
        await pilot.press("#", "escape")
        await wait_until(pilot, lambda: not isinstance(pilot.app.screen, PlanEditor))
        await wait_until(
            pilot, lambda: main_of(pilot).draft == PlanDraft("#goal: two\n", request="")
        )
    assert crew.commands == []


async def test_a_plan_that_cannot_be_made_opens_no_editor() -> None:
    crew = PlayedCrew()
    async with _screen(crew) as pilot:
        crew.play(recorded())
        await wait_until(pilot, lambda: main_of(pilot).view.ended)
        await _typed(pilot, "/plan two things")
        crew.tell(EndedNotice(error="error[x]: no"))
        await wait_until(pilot, lambda: "error[x]" in text_of(pilot))
        assert not isinstance(pilot.app.screen, PlanEditor)
        assert main_of(pilot).draft is None


async def test_retry_without_a_task_asks_the_request_again() -> None:
    crew = PlayedCrew()
    async with _screen(crew) as pilot:
        await _typed(pilot, "first")
        crew.tell(EndedNotice())
        await wait_until(pilot, lambda: not main_of(pilot).conversation.busy)
        await _typed(pilot, "/retry")
        assert len(crew.commands) == 2
        assert _options(crew)["prompt"] == "first"


async def test_the_queue_is_listed() -> None:
    async with _screen(PlayedCrew()) as pilot:
        await _typed(pilot, "first")
        await _typed(pilot, "/then second")
        assert await _shown(pilot, "/queue") == "then: second"
