"""What the keys of insights, sources, replays and layouts do, on a screen that the test plays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from stage import (
    FIXTURES,
    NOW,
    PlayedCrew,
    app_over,
    events,
    main_of,
    recorded,
    text_of,
    wait_until,
)
from textual.events import AppBlur
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import SELECT_ALL, Selection

from toollama.agents.messages import Thread
from toollama.ask_options import AskOptions
from toollama.clock import FixedClock
from toollama.config import Settings, TuiSettings
from toollama.errors import InputError
from toollama.events import payloads
from toollama.events.payloads import Insight, Suggestion
from toollama.host import suggestions
from toollama.host.crew import Crew
from toollama.host.notices import (
    ApprovalNotice,
    AskCommand,
    CancelCommand,
    EndedNotice,
    RetryCommand,
)
from toollama.host.replay import ReplayCrew
from toollama.tui.app import ToolLamaApp
from toollama.tui.conversation import Conversation
from toollama.tui.launch import Options, crew_for
from toollama.tui.messages import RunStateChanged
from toollama.tui.screens.choice import Choice
from toollama.tui.screens.detail import Detail
from toollama.tui.selected import selected_source
from toollama.tui.widgets.answer_block import AnswerBlock
from toollama.tui.widgets.observer_pane import ObserverPane
from toollama.tui.widgets.prompt import Prompt

STARTED = payloads.RunStarted(prompt="p", version="0", profile="")
TASKS = [
    {"belter": "research", "ask": "find it", "tools": ["wiki", "web_search"], "needs": []},
    {"belter": "research", "ask": "find more", "tools": ["wiki"], "needs": [1]},
]
PLANNED = payloads.PlanCreated(goal="g", tasks=TASKS, source="rule")
FAILED = payloads.RunFailed(code="c", message="m", fix="f", exit_code=1)
ANSWER = "It has 12 parts [1]. It weighs 40 kg [2].\n\nIt was made in 1871."
SOURCES = [
    {"number": 1, "title": "one", "locator": "https://one.example"},
    {"number": 2, "title": "two", "locator": "https://two.example"},
]


@asynccontextmanager
async def _screen(crew: Crew, *, width: int = 140) -> AsyncIterator[Pilot[int]]:
    app = app_over(crew)
    async with app.run_test(size=(width, 40), notifications=True) as pilot:
        await wait_until(pilot, lambda: bool(app.screen.query(Prompt)))
        yield pilot


@asynccontextmanager
async def _answered(crew: PlayedCrew) -> AsyncIterator[Pilot[int]]:
    evidence = payloads.EvidenceAdded(
        evidence_id="E2", title="two", locator="https://two.example", sha256="", characters=9,
        untrusted=True, tool="web_search",
    )  # fmt: skip
    told = payloads.MessageCompleted(text=ANSWER, unsupported=["It was made in 1871."])
    ended = payloads.RunCompleted(status="complete", answer=ANSWER, exit_code=0, sources=SOURCES)
    async with _screen(crew) as pilot:
        crew.play(events(STARTED, evidence, told, ended))
        await wait_until(pilot, lambda: bool(main_of(pilot).query(".source")))
        main_of(pilot).query_one("#answer").focus()
        await pilot.pause()
        yield pilot


def _conversation(crew: PlayedCrew, *, ended: bool = True) -> Conversation:
    """Return a conversation after a planned run that was asked in it."""
    conversation = Conversation(
        crew, AskOptions(prompt="", thread=Thread(terminal="")), session="tests"
    )
    conversation.ask("what is it?")
    crew.play(events(STARTED, PLANNED, *[FAILED] * ended), ended=ended)
    conversation.drain(9)
    crew.commands.clear()
    return conversation


def _apply(suggestion: Suggestion, conversation: Conversation) -> None:
    suggestions.apply(suggestion, conversation.view, conversation)


def _asked(crew: PlayedCrew) -> dict[str, Any]:
    (command,) = crew.commands
    assert isinstance(command, AskCommand)
    return command.options


def test_a_task_that_repeats_itself_is_stopped() -> None:
    crew = PlayedCrew()
    _apply(Suggestion(what="stop_task", task=2), _conversation(crew, ended=False))
    assert crew.commands == [CancelCommand(task=2)]


def test_a_failed_task_is_done_again_with_what_needs_it() -> None:
    crew = PlayedCrew()
    conversation = _conversation(crew)
    _apply(Suggestion(what="retry_task", task=2), conversation)
    assert crew.commands == [RetryCommand(run=conversation.view.run_id, task=2)]


def test_a_task_is_run_again_without_the_tool_that_fails() -> None:
    crew = PlayedCrew()
    leave_out = Suggestion(what="leave_out_tool", task=1, tool="wiki")
    _apply(leave_out, _conversation(crew))
    assert [task["tools"] for task in _asked(crew)["plan"]["tasks"]] == [["web_search"]]


def test_a_request_is_asked_again_with_the_larger_budget() -> None:
    crew = PlayedCrew()
    raise_budget = Suggestion(what="raise_budget", unit="calls", limit=64)
    _apply(raise_budget, _conversation(crew))
    assert _asked(crew)["prompt"] == "what is it?"
    assert _asked(crew)["budget"]["calls"] == 64


def test_every_role_of_the_next_request_gets_the_pinned_model() -> None:
    crew = PlayedCrew()
    conversation = _conversation(crew)
    _apply(Suggestion(what="pin_model", model="m"), conversation)
    conversation.ask("and now?")
    assert _asked(crew)["models"] == {"all": "m"}


@pytest.mark.parametrize(
    ("suggestion", "ended"),
    [
        (Suggestion(what="retry_task", task=1), False),
        (Suggestion(what="stop_task", task=1), True),
        (Suggestion(what="leave_out_tool", task=2, tool="wiki"), True),
    ],
)
def test_what_cannot_be_done_now_is_refused(suggestion: Suggestion, *, ended: bool) -> None:
    crew = PlayedCrew()
    with pytest.raises(InputError):
        _apply(suggestion, _conversation(crew, ended=ended))
    assert not crew.commands


async def test_a_carries_out_what_the_chosen_insight_suggests() -> None:
    crew = PlayedCrew()
    stop = Suggestion(what="stop_task", task=2)
    told = [Insight(severity="warning", kind="k", message="m", suggestion=s) for s in (stop, None)]
    async with _screen(crew) as pilot:
        crew.play(events(STARTED, *told), ended=False)
        await wait_until(pilot, lambda: len(main_of(pilot).view.insights) == 2)
        await pilot.pause()
        assert text_of(pilot).count("[a]pply") == 1
        main_of(pilot).query_one(ObserverPane).focus()
        await pilot.press("down", "a")
        await wait_until(pilot, lambda: crew.commands == [CancelCommand(task=2)])
        await pilot.press("down", "a")
        await wait_until(pilot, lambda: "suggests nothing" in text_of(pilot))


async def test_a_click_on_a_source_number_opens_its_evidence_while_its_run_is_shown() -> None:
    crew = PlayedCrew()
    async with _answered(crew) as pilot:
        first = main_of(pilot).query(AnswerBlock).first()
        at = (ANSWER.index("[2]") + 1, 0)
        await pilot.click(first, offset=at)
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Detail))
        assert isinstance(pilot.app.screen, Detail)
        assert "#2 evidence.added" in pilot.app.screen._text
        await pilot.press("escape")
        crew.play(events(STARTED, run_id="20261122-214300-0002"))
        await wait_until(pilot, lambda: main_of(pilot).view.run_id.endswith("2"))
        await pilot.click(first, offset=at)
        await wait_until(pilot, lambda: text_of(pilot).count("of an earlier run") == 1)
        pilot.app.clear_notifications()
        await wait_until(pilot, lambda: "of an earlier run" not in text_of(pilot))
        await pilot.press("enter")
        await wait_until(pilot, lambda: text_of(pilot).count("of an earlier run") == 1)


async def test_unsupported_sentences_are_marked_and_enter_asks_which_source_to_open() -> None:
    async with _answered(PlayedCrew()) as pilot:
        assert "made in 1871. ?" in text_of(pilot)
        assert "40 kg [2]. ?" not in text_of(pilot)
        await pilot.press("left_square_bracket", "left_square_bracket", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Choice))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Detail))
        assert isinstance(pilot.app.screen, Detail)
        assert "#2 evidence.added" in pilot.app.screen._text


async def test_shift_y_copies_what_there_is_of_an_unfinished_answer() -> None:
    crew = PlayedCrew()
    async with _screen(crew) as pilot:
        crew.play(events(STARTED, payloads.MessageDelta(text="The first")), ended=False)
        await wait_until(pilot, lambda: bool(main_of(pilot).view.answer.tail))
        main_of(pilot).query_one("#answer").focus()
        await pilot.press("Y")
        await wait_until(pilot, lambda: "9 characters of an unfinished answer" in text_of(pilot))
        assert pilot.app.clipboard == "The first"


async def test_text_selected_over_several_blocks_is_copied_as_markdown() -> None:
    crew = PlayedCrew()
    text = "# Head\n\n- **one**\n- two\n\nlast words"
    async with _screen(crew) as pilot:
        crew.play(events(STARTED, payloads.MessageCompleted(text=text)))
        await wait_until(pilot, lambda: len(pilot.app.screen.query(".block")) == 4)
        screen = main_of(pilot)
        *whole, last = screen.query(AnswerBlock)
        part = Selection(Offset(0, 0), Offset(4, 0))
        screen.selections = {**dict.fromkeys(whole, SELECT_ALL), last: part}
        assert screen.get_selected_text() == "# Head\n\n- **one**\n- two\n\nlast"


@pytest.mark.parametrize(
    ("source", "drawn", "lines", "found"),
    [
        ("- **one**\n  more", "• one\n  more", (0, 0), "- **one**"),
        ("```py\na = 1\nb = 2\n```", "a = 1\nb = 2", (1, 1), "b = 2"),
        ("| a |\n|---|\n| 1 |", "a\n─\n1", (0, 1), "| a |\n|---|"),
        ("one\ntwo", "one and two", (0, 0), "one and two"),
    ],
)
def test_whole_lines_are_selected_as_their_source_has_them(
    source: str, drawn: str, lines: tuple[int, int], found: str
) -> None:
    first, last = lines
    whole = Selection(Offset(0, first), Offset(len(drawn.split("\n")[last]), last))
    assert selected_source(source, drawn, whole) == found


def _replay(clock: FixedClock) -> ReplayCrew:
    return ReplayCrew(recorded(), clock)


def test_a_paused_replay_stands_still_and_goes_on_from_there() -> None:
    clock = FixedClock(NOW)
    crew = _replay(clock)
    crew.drain(500)
    crew.pause()
    clock.advance(60)
    assert not crew.drain(500)
    crew.pause()
    clock.advance(0.25)
    assert crew.drain(500)


def test_a_step_shows_one_event_and_stands_still() -> None:
    clock = FixedClock(NOW)
    crew = _replay(clock)
    crew.drain(500)
    before = crew.position.event
    crew.step()
    clock.advance(60)
    assert len(crew.drain(500)) == 1
    assert (crew.position.event, crew.position.paused) == (before + 1, True)


def test_a_replay_ends_with_the_event_that_was_named() -> None:
    named = Options(replay=str(FIXTURES / "three_tasks.jsonl"), until_seq=40, speed=0)
    crew = crew_for(named, FixedClock(NOW))
    assert isinstance(crew, ReplayCrew)
    *_, last = crew.drain(500)
    assert isinstance(last, EndedNotice)
    assert crew.position.event == crew.position.count
    assert 0 < crew.position.count < len(recorded())


async def test_keys_pause_step_and_change_the_speed_of_a_replay() -> None:
    crew = _replay(FixedClock(NOW))
    async with _screen(crew) as pilot:
        await wait_until(pilot, lambda: f"event 1/{len(recorded())}" in text_of(pilot))
        await pilot.press("space", "full_stop", "full_stop", "plus", "plus", "minus")
        await wait_until(pilot, lambda: f"event 3/{len(recorded())}" in text_of(pilot))
        assert "2x  paused" in text_of(pilot)


async def test_keys_of_a_conversation_are_in_the_palette_and_those_of_a_replay_are_not() -> None:
    async with _screen(PlayedCrew(), width=100) as pilot:
        main = main_of(pilot)
        main.query_one("#answer").focus()
        await pilot.pause()
        ids = {one.binding.id for one in main.active_bindings.values()}
        assert "replay.pause" not in ids
        assert {"insight.apply", "answer.evidence", "layout.next"} <= ids
        commands = {one.title: one for one in pilot.app.get_system_commands(main)}
        assert "Pause the replay" not in commands
        found = []
        for _ in range(4):
            commands["Lay out the panes"].callback()
            await pilot.pause()
            found.append([c for c in ("-wide", "-medium", "-narrow") if main.has_class(c)])
        assert found == [["-wide"], ["-medium"], ["-narrow"], ["-medium"]]


@pytest.mark.parametrize(
    ("settings", "focused", "told"),
    [
        (TuiSettings(), False, "\x1b]9;ToolLama has ended a run\a\a"),
        (TuiSettings(), True, ""),
        (TuiSettings(notify=False), False, ""),
        (TuiSettings(title=True), True, "\x1b]2;ToolLama\a"),
    ],
)
def test_the_terminal_is_told_of_an_end_as_the_settings_say(
    settings: TuiSettings, *, focused: bool, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_over(PlayedCrew(), settings=Settings(tui=settings))
    signals: list[str] = []
    monkeypatch.setattr(app, "_signal", signals.append)
    app.set_reactive(ToolLamaApp.app_focus, focused)
    app.on_run_state_changed(RunStateChanged("ended"))
    assert "".join(signals) == told


async def test_who_looks_elsewhere_is_called_in_our_own_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    crew = PlayedCrew()
    app = app_over(crew)
    told: list[str] = []
    monkeypatch.setattr(app, "_signal", told.append)
    hostile = "\x1b]0;t\a"
    waits = ApprovalNotice(tool=hostile, arguments={}, reason=hostile, effects=[], rule="r")
    async with app.run_test(notifications=True) as pilot:
        await wait_until(pilot, lambda: bool(app.screen.query(Prompt)))
        app.post_message(AppBlur())
        await wait_until(pilot, lambda: not app.app_focus)
        crew.tell(waits, EndedNotice(error=hostile))
        await wait_until(pilot, lambda: sum(map(bool, told)) == 2)
    assert "".join(told) == ("\x1b]9;ToolLama waits for you\a\a\x1b]9;ToolLama has ended a run\a\a")
