"""Every key and command does what the help says, on a screen whose crew the test plays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from stage import (
    NOW,
    PlayedCrew,
    events,
    main_of,
    recorded,
    screen_over,
    text_of,
    wait_until,
)
from textual.pilot import Pilot

from toollama.clock import FixedClock
from toollama.config import Settings, TuiSettings
from toollama.events import payloads
from toollama.events.payloads import AmendmentReceived, AmendmentSettled, RunStarted
from toollama.host.notices import (
    AmendCommand,
    AskCommand,
    CancelCommand,
    EndedNotice,
    NotTakenNotice,
    RetryCommand,
    ToolCommand,
    WithdrawCommand,
)
from toollama.tui.screens.detail import Detail
from toollama.tui.screens.plan_editor import PlanEditor
from toollama.tui.screens.runs import Runs
from toollama.tui.widgets.plan_tree import PlanTree
from toollama.tui.widgets.prompt import Prompt


@asynccontextmanager
async def _after_the_recorded_run(
    crew: PlayedCrew, *, clock: FixedClock | None = None, until_seq: int = 10_000
) -> AsyncIterator[Pilot[int]]:
    async with screen_over(crew, clock=clock) as pilot:
        crew.play([event for event in recorded() if event.seq <= until_seq], ended=False)
        await wait_until(pilot, lambda: bool(main_of(pilot).view.trace))
        if main_of(pilot).view.ended:
            crew.tell(EndedNotice())
            await wait_until(pilot, lambda: not main_of(pilot).conversation.busy)
        yield pilot


async def _typed(pilot: Pilot[int], text: str) -> None:
    main_of(pilot).query_one(Prompt).put(text)
    await pilot.press("enter")
    await pilot.pause()


async def _on_task(pilot: Pilot[int], number: int) -> None:
    """Put the cursor of the plan on a task."""
    tree = main_of(pilot).query_one(PlanTree)
    tree.focus()
    tree.move_cursor(tree._rows[f"task:{number}"])
    await pilot.pause()


async def test_enter_sends_what_is_typed() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await pilot.press(*"hi", "enter")
        await wait_until(pilot, lambda: bool(crew.commands))
    (asked,) = crew.commands
    assert isinstance(asked, AskCommand)
    assert (asked.options["prompt"], asked.options["thread"]["name"]) == ("hi", "tests")


async def test_ctrl_j_breaks_the_line() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await pilot.press("a", "ctrl+j", "b")
        assert main_of(pilot).query_one(Prompt).text == "a\nb"


async def test_up_brings_back_what_was_sent() -> None:
    async with screen_over(PlayedCrew()) as pilot:
        await _typed(pilot, "/copy")
        await pilot.press("up")
        assert main_of(pilot).query_one(Prompt).text == "/copy"
        await pilot.press("down")
        assert main_of(pilot).query_one(Prompt).text == ""


async def test_tab_completes_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orders.csv").touch()
    monkeypatch.chdir(tmp_path)
    async with screen_over(PlayedCrew()) as pilot:
        await pilot.press(*"sum of @ord", "tab")
        assert main_of(pilot).query_one(Prompt).text == "sum of @orders.csv"


async def test_tab_completes_a_command() -> None:
    async with screen_over(PlayedCrew()) as pilot:
        await pilot.press(*"/unq", "tab")
        assert main_of(pilot).query_one(Prompt).text == "/unqueue"


async def test_what_is_typed_during_a_run_is_added_to_it() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await _typed(pilot, "first")
        await _typed(pilot, "and 50 km?")
        assert crew.commands[1] == AmendCommand(text="and 50 km?")
        received = AmendmentReceived(amendment=1, text="and 50 km?")
        taken = AmendmentSettled(amendment=1, text="and 50 km?", outcome="taken", tasks=[2])
        happened = events(RunStarted(prompt="first", version="0", profile=""), received, taken)
        crew.play(happened[:2], ended=False)
        await wait_until(pilot, lambda: "taken at the next step: and 50 km?" in text_of(pilot))
        crew.play(happened[2:], ended=False)
        await wait_until(pilot, lambda: "taken: 1 new task (and 50 km?)" in text_of(pilot))


async def test_what_the_run_does_not_take_is_the_next_request() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await _typed(pilot, "first")
        await _typed(pilot, "second")
        crew.tell(NotTakenNotice(text="second"), EndedNotice())
        await wait_until(pilot, lambda: len(crew.commands) == 3)
        assert isinstance(crew.commands[2], AskCommand)
        assert crew.commands[2].options["prompt"] == "second"


@pytest.mark.parametrize(
    ("text", "key"), [("second", "ctrl+n"), ("second", "alt+enter"), ("/then second", "enter")]
)
async def test_a_request_for_after_the_run_waits_for_it(text: str, key: str) -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await _typed(pilot, "first")
        main_of(pilot).query_one(Prompt).put(text)
        await pilot.press(key)
        await pilot.pause()
        assert len(crew.commands) == 1
        assert "then: second" in text_of(pilot)
        crew.tell(EndedNotice())
        await wait_until(pilot, lambda: len(crew.commands) == 2)


async def test_unqueue_puts_the_waiting_request_back_into_the_prompt() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await _typed(pilot, "first")
        await _typed(pilot, "/then second")
        await _typed(pilot, "/unqueue")
        assert main_of(pilot).query_one(Prompt).text == "second"
        assert not main_of(pilot).conversation.waiting


async def test_unqueue_takes_back_what_the_run_has_not_taken_in() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await _typed(pilot, "first")
        await _typed(pilot, "second")
        received = AmendmentReceived(amendment=1, text="second")
        given_back = AmendmentSettled(amendment=1, text="second", outcome="withdrawn")
        happened = events(RunStarted(prompt="first", version="0", profile=""), received, given_back)
        crew.play(happened[:2], ended=False)
        await wait_until(pilot, lambda: "next step: second" in text_of(pilot))
        await _typed(pilot, "/unqueue")
        assert crew.commands[-1] == WithdrawCommand(amendment=1)
        crew.play(happened[2:], ended=False)
        await wait_until(pilot, lambda: main_of(pilot).query_one(Prompt).text == "second")


async def test_a_mentioned_file_is_attached(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n")
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await _typed(pilot, f"sum @{tmp_path / 'a.csv'}?")
    (asked,) = crew.commands
    assert isinstance(asked, AskCommand)
    assert asked.options["attachments"][0]["path"] == str(tmp_path / "a.csv")


async def test_a_missing_file_leaves_the_line_to_be_mended() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await _typed(pilot, "sum @./gone.csv")
        assert main_of(pilot).query_one(Prompt).text == "sum @./gone.csv"
        assert not crew.commands


async def test_an_exclamation_mark_calls_a_tool() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await _typed(pilot, '!calculator expression="2 + 3"')
    assert crew.commands == [ToolCommand(tool="calculator", arguments={"expression": "2 + 3"})]


async def test_an_unknown_command_names_the_nearest_one() -> None:
    async with screen_over(PlayedCrew()) as pilot:
        await _typed(pilot, "/hlep")
        await wait_until(pilot, lambda: "/help" in text_of(pilot))


async def test_a_paste_of_a_megabyte_becomes_an_attachment() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        from textual.events import Paste

        pilot.app.post_message(Paste("x\x1b]0;yz\x07" * 125_000))
        await pilot.pause()
        await _typed(pilot, "what is this?")
    (asked,) = crew.commands
    assert isinstance(asked, AskCommand)
    assert len(asked.texts[0]) == 1_000_000


async def test_escape_stops_the_selected_task_and_twice_everything() -> None:
    crew, clock = PlayedCrew(), FixedClock(NOW)
    async with _after_the_recorded_run(crew, clock=clock, until_seq=40) as pilot:
        await _on_task(pilot, 2)
        await pilot.press("escape")
        await pilot.press("escape")
        await pilot.pause()
    assert crew.commands == [CancelCommand(task=2), CancelCommand()]


async def test_a_late_second_escape_stops_one_task_again() -> None:
    crew, clock = PlayedCrew(), FixedClock(NOW)
    async with _after_the_recorded_run(crew, clock=clock, until_seq=40) as pilot:
        await _on_task(pilot, 2)
        await pilot.press("escape")
        clock.advance(5)
        await pilot.press("escape")
        await pilot.pause()
    assert crew.commands == [CancelCommand(task=2), CancelCommand(task=2)]


async def test_c_stops_the_selected_task() -> None:
    crew = PlayedCrew()
    async with _after_the_recorded_run(crew, until_seq=40) as pilot:
        await _on_task(pilot, 1)
        await pilot.press("c")
        await pilot.pause()
    assert crew.commands == [CancelCommand(task=1)]


async def test_r_runs_the_selected_task_again() -> None:
    crew = PlayedCrew()
    async with _after_the_recorded_run(crew) as pilot:
        await _on_task(pilot, 3)
        await pilot.press("r")
        await pilot.pause()
        run_id = main_of(pilot).view.run_id
    assert crew.commands == [RetryCommand(run=run_id, task=3)]


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("w", "unit_convert"),
        ("p", "temperature=0"),
        ("e", "orders.csv"),
        ("f1", "task.retry"),
    ],
)
async def test_a_key_opens_a_text(key: str, shown: str) -> None:
    async with _after_the_recorded_run(PlayedCrew()) as pilot:
        main_of(pilot).query_one(PlanTree).focus()
        await pilot.press(key)
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Detail))
        assert isinstance(pilot.app.screen, Detail)
        assert shown in pilot.app.screen._text
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(pilot.app.screen, Detail))


async def test_a_source_number_leads_to_the_events_it_came_from() -> None:
    async with _after_the_recorded_run(PlayedCrew()) as pilot:
        await _typed(pilot, "/sources 1")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Detail))
        assert isinstance(pilot.app.screen, Detail)
        assert "evidence.added" in pilot.app.screen._text
        assert "tool.call.completed" in pilot.app.screen._text


async def test_y_copies_a_block_and_shift_y_the_answer(tmp_path: Path) -> None:
    async with _after_the_recorded_run(PlayedCrew()) as pilot:
        main_of(pilot).query_one("#answer").focus()
        await pilot.press("y")
        block = pilot.app.clipboard
        await pilot.press("Y")
        assert block in pilot.app.clipboard
        assert pilot.app.clipboard == main_of(pilot).view.answer.text
    assert (tmp_path / "state" / "last-copy.md").read_text() == pilot.app.clipboard


async def test_brackets_move_the_block_cursor() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        crew.play(
            events(
                payloads.RunStarted(prompt="p", version="0", profile=""),
                payloads.MessageCompleted(text="one\n\ntwo\n\nthree"),
            )
        )
        await wait_until(pilot, lambda: len(pilot.app.screen.query(".block")) == 3)
        main_of(pilot).query_one("#answer").focus()
        await pilot.press("left_square_bracket", "left_square_bracket", "y")
        assert pilot.app.clipboard == "two"
        await pilot.press("right_square_bracket", "y")
        assert pilot.app.clipboard == "three"


async def test_numbers_go_to_panes_and_i_back_to_the_prompt() -> None:
    async with _after_the_recorded_run(PlayedCrew()) as pilot:
        main_of(pilot).query_one("#answer").focus()
        found = []
        for key in "12345":
            await pilot.press(key)
            found.append(pilot.app.focused.id if pilot.app.focused else None)
        assert found == ["plan", "answer", "trace", "observer", "models"]
        await pilot.press("i")
        assert isinstance(pilot.app.focused, Prompt)


async def test_z_shows_one_pane_alone_and_then_all_again() -> None:
    async with _after_the_recorded_run(PlayedCrew()) as pilot:
        main_of(pilot).query_one("#trace").focus()
        await pilot.press("z")
        assert not main_of(pilot).query_one("#plan").display
        assert main_of(pilot).query_one("#trace").display
        await pilot.press("z")
        assert main_of(pilot).query_one("#plan").display


async def test_o_hides_the_observer() -> None:
    async with _after_the_recorded_run(PlayedCrew()) as pilot:
        main_of(pilot).query_one("#answer").focus()
        await pilot.press("o")
        assert not main_of(pilot).query_one("#observer").display


async def test_enter_on_an_insight_shows_its_events() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        crew.play(
            events(
                payloads.RunStarted(prompt="p", version="0", profile=""),
                payloads.Insight(severity="warning", kind="repeat", message="again", events=[1]),
            )
        )
        await wait_until(pilot, lambda: bool(main_of(pilot).view.insights))
        main_of(pilot).query_one("#observer").focus()
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Detail))
        assert isinstance(pilot.app.screen, Detail)
        assert "#1 run.started" in pilot.app.screen._text


async def test_ctrl_r_lists_earlier_runs() -> None:
    async with screen_over(PlayedCrew()) as pilot:
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Runs))


async def test_ctrl_p_offers_the_commands() -> None:
    async with screen_over(PlayedCrew()) as pilot:
        titles = [one.title for one in pilot.app.get_system_commands(pilot.app.screen)]
        assert {"/why", "/retry", "/runs"} <= set(titles)
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: "CommandPalette" in type(pilot.app.screen).__name__)


async def test_a_plan_is_edited_before_it_runs() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await _typed(pilot, "/plan two things")
        assert isinstance(crew.commands[0], AskCommand)
        assert crew.commands[0].options["plan_only"]
        outline = (
            "goal: two\nmodels:\ntasks:\n"
            "  - task: 2\n    belter: knowledge\n    ask: what is 2 + 3\n    tools: [calculator]\n"
        )
        crew.play(
            events(
                payloads.RunStarted(prompt="two things", version="0", profile=""),
                payloads.RunCompleted(status="complete", answer=outline, exit_code=0),
            )
        )
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, PlanEditor))
        await pilot.press("f5")
        await wait_until(pilot, lambda: len(crew.commands) == 2)
    assert isinstance(crew.commands[1], AskCommand)
    assert [task["task"] for task in crew.commands[1].options["plan"]["tasks"]] == [1]


async def test_a_key_can_be_given_another_key() -> None:
    crew = PlayedCrew()
    settings = Settings(tui=TuiSettings(keys={"task.cancel": "f9"}))
    async with screen_over(crew, settings=settings) as pilot:
        crew.play([event for event in recorded() if event.seq <= 40], ended=False)
        await wait_until(pilot, lambda: bool(main_of(pilot).view.plan.tasks()))
        await _on_task(pilot, 1)
        await pilot.press("f9")
        await pilot.pause()
    assert crew.commands == [CancelCommand(task=1)]


async def test_theme_changes_the_colours_and_refuses_what_is_none() -> None:
    async with screen_over(PlayedCrew()) as pilot:
        await _typed(pilot, "/theme ansi-dark")
        assert pilot.app.theme == "ansi-dark"
        await _typed(pilot, "/theme nothing")
        assert pilot.app.theme == "ansi-dark"


async def test_scrolling_up_stops_following_and_end_follows_again() -> None:
    crew = PlayedCrew()
    long = "\n\n".join(f"block {number}" for number in range(60))
    started = payloads.RunStarted(prompt="p", version="0", profile="")
    async with screen_over(crew) as pilot:
        crew.play(events(started, payloads.MessageDelta(text=long + "\n\n")), ended=False)
        await wait_until(pilot, lambda: len(pilot.app.screen.query(".block")) == 60)
        answer = main_of(pilot).query_one("#answer")
        answer.focus()
        await pilot.press("pageup")
        await pilot.pause()
        crew.play(
            events(
                started,
                payloads.MessageDelta(text=long + "\n\n"),
                payloads.MessageDelta(text="x\n\ny\n\n"),
            )[2:],
            ended=False,
        )
        await wait_until(pilot, lambda: len(pilot.app.screen.query(".block")) == 62)
        await pilot.pause()
        await wait_until(pilot, lambda: "2 new (End)" in text_of(pilot))
        await pilot.press("end")
        await wait_until(pilot, lambda: "new (End)" not in text_of(pilot))
        assert answer.scroll_y == answer.max_scroll_y


async def test_quit_leaves() -> None:
    async with screen_over(PlayedCrew()) as pilot:
        await _typed(pilot, "/quit")
        await wait_until(pilot, lambda: not pilot.app.is_running)
