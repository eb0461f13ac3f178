"""A run that asks its user gets what was meant for it, and nothing that was typed by chance."""

import pytest
from stage import NOW, PlayedCrew, main_of, screen_over, text_of, wait_until
from textual.pilot import Pilot

from toollama.agents.messages import Question
from toollama.clock import FixedClock
from toollama.host.notices import (
    ApprovalNotice,
    AskCommand,
    DecideCommand,
    EndedNotice,
    QuestionNotice,
    ReplyCommand,
    WithdrawnNotice,
)
from toollama.tui.screens.detail import Detail
from toollama.tui.widgets.approval_bar import ApprovalBar
from toollama.tui.widgets.prompt import Prompt

APPROVAL = ApprovalNotice(
    tool="write_file",
    arguments={"path": "notes.md"},
    reason="it writes outside the output directory",
    effects=["write_local"],
    rule="write_file path=notes.md (write_local)",
)
QUESTION = QuestionNotice(
    question=Question(tool="t", parameter="city", text="which city?", options=("Oslo", "Bergen"))
)


def _bar(pilot: Pilot[int]) -> ApprovalBar:
    return main_of(pilot).query_one(ApprovalBar)


def _prompt(pilot: Pilot[int]) -> Prompt:
    return main_of(pilot).query_one(Prompt)


def _verdicts(crew: PlayedCrew) -> list[str]:
    return [command.verdict for command in crew.commands if isinstance(command, DecideCommand)]


async def _asked(pilot: Pilot[int], crew: PlayedCrew) -> None:
    crew.tell(APPROVAL)
    await wait_until(pilot, lambda: _bar(pilot).waiting)


@pytest.mark.parametrize(("key", "verdict"), [("y", "once"), ("s", "session"), ("n", "no")])
async def test_an_approval_is_answered_by_one_key(key: str, verdict: str) -> None:
    crew, clock = PlayedCrew(), FixedClock(NOW)
    async with screen_over(crew, clock=clock) as pilot:
        await _asked(pilot, crew)
        await wait_until(pilot, lambda: _bar(pilot).has_focus)
        assert "write_file path=notes.md (write_local)" in text_of(pilot)
        clock.advance(1)
        await pilot.press(key)
        await pilot.pause()
    assert _verdicts(crew) == [verdict]


async def test_a_line_being_typed_when_a_call_comes_goes_on_in_the_prompt() -> None:
    crew, clock = PlayedCrew(), FixedClock(NOW)
    async with screen_over(crew, clock=clock) as pilot:
        _prompt(pilot).put("is it sunn")
        await _asked(pilot, crew)
        clock.advance(5)
        await pilot.pause(0.1)
        await pilot.press("y")
        assert _prompt(pilot).text == "is it sunny"
        assert "Tab, then [y] once" in text_of(pilot)
    assert _verdicts(crew) == []


async def test_tab_leads_from_a_line_to_the_call_that_waits() -> None:
    crew, clock = PlayedCrew(), FixedClock(NOW)
    async with screen_over(crew, clock=clock) as pilot:
        await pilot.press(*"later")
        await _asked(pilot, crew)
        await pilot.press("tab")
        await wait_until(pilot, lambda: "approve? [y] once" in text_of(pilot))
        clock.advance(1)
        await pilot.press("n")
        await pilot.pause()
        assert _prompt(pilot).text == "later"
    assert _verdicts(crew) == ["no"]


async def test_the_keys_of_a_call_are_in_sight_however_long_it_is() -> None:
    crew = PlayedCrew()
    long = APPROVAL.model_copy(update={"arguments": {"text": "x" * 2000}})
    async with screen_over(crew, size=(80, 24)) as pilot:
        crew.tell(long)
        await wait_until(pilot, lambda: "[n] no" in text_of(pilot))
        await pilot.resize_terminal(20, 5)
        await wait_until(pilot, lambda: "[n] no" in " ".join(text_of(pilot).split()))


async def test_keys_pressed_as_a_call_comes_into_sight_decide_nothing() -> None:
    crew = PlayedCrew()
    async with screen_over(crew, clock=FixedClock(NOW)) as pilot:
        await _asked(pilot, crew)
        await wait_until(pilot, lambda: _bar(pilot).has_focus)
        await pilot.press(*"ywry")
        await wait_until(pilot, lambda: _prompt(pilot).text == "wry")
        assert _bar(pilot).waiting
    assert crew.commands == []


@pytest.mark.parametrize("notice", [WithdrawnNotice(), EndedNotice()])
async def test_a_call_that_waits_no_more_is_not_shown(
    notice: WithdrawnNotice | EndedNotice,
) -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await _asked(pilot, crew)
        crew.tell(notice)
        await wait_until(pilot, lambda: not _bar(pilot).display)
        assert _prompt(pilot).has_focus


async def test_a_call_that_comes_while_something_is_read_is_told_there() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Detail))
        await _asked(pilot, crew)
        await wait_until(pilot, lambda: "write_file waits for your approval" in text_of(pilot))


async def test_a_question_is_answered_by_the_next_line() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        crew.tell(QUESTION)
        await wait_until(pilot, lambda: main_of(pilot).question is not None)
        await pilot.press("2", "enter")
        await pilot.pause()
    assert crew.commands == [ReplyCommand(text="Bergen")]


async def test_a_line_begun_before_a_question_does_not_answer_it() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        _prompt(pilot).put("in german")
        await pilot.pause()
        crew.tell(QUESTION)
        await wait_until(pilot, lambda: "which city?  1 Oslo  2 Bergen" in text_of(pilot))
        await pilot.press("enter")
        await pilot.press("1", "enter")
        await pilot.pause()
    line, reply = crew.commands
    assert isinstance(line, AskCommand)
    assert reply == ReplyCommand(text="Oslo")


async def test_a_command_typed_at_a_question_is_done_and_a_path_answers_it() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        crew.tell(QUESTION)
        await wait_until(pilot, lambda: main_of(pilot).question is not None)
        _prompt(pilot).put("/theme ansi-dark")
        await pilot.press("enter")
        await wait_until(pilot, lambda: pilot.app.theme == "ansi-dark")
        _prompt(pilot).put("/srv/a")
        await pilot.press("enter")
        await pilot.pause()
    assert crew.commands == [ReplyCommand(text="/srv/a")]
