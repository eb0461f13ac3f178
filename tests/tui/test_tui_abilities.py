"""What the keys of insights, sources, replays and layouts do, on a screen that the test plays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from stage import NOW, PlayedCrew, app_over, events, main_of, recorded, text_of, wait_until
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import SELECT_ALL, Selection

from toollama.clock import FixedClock
from toollama.config import Settings, TuiSettings
from toollama.errors import InputError
from toollama.events import payloads
from toollama.events.payloads import Insight, Suggestion
from toollama.host.crew import Crew
from toollama.host.notices import ApprovalNotice, AskCommand, CancelCommand, EndedNotice
from toollama.host.replay import ReplayCrew
from toollama.tui.screens.choice import Choice
from toollama.tui.screens.detail import Detail
from toollama.tui.selected import selected_source
from toollama.tui.suggestions import without_tool
from toollama.tui.widgets.answer_block import AnswerBlock
from toollama.tui.widgets.observer_pane import ObserverPane
from toollama.tui.widgets.prompt import Prompt

STARTED = payloads.RunStarted(prompt="p", version="0", profile="")
TASKS = [
    {"belter": "research", "ask": "find it", "tools": ["wiki", "web_search"], "needs": []},
    {"belter": "research", "ask": "find more", "tools": ["wiki"], "needs": [1]},
]
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


async def _applied(suggestion: Suggestion, crew: PlayedCrew, *, ended: bool = True) -> str:
    """Play a run with one insight, press `a` on it, and return what the screen then shows."""
    insight = Insight(severity="warning", kind="k", message="m", suggestion=suggestion)
    happened = [STARTED, payloads.PlanCreated(goal="g", tasks=TASKS, source="rule"), insight]
    if ended:
        happened.append(payloads.RunFailed(code="c", message="m", fix="f", exit_code=1))
    async with _screen(crew) as pilot:
        main_of(pilot).conversation.ask("what is it?")
        crew.play(events(*happened), ended=ended)
        await wait_until(pilot, lambda: bool(main_of(pilot).view.insights))
        await wait_until(pilot, lambda: main_of(pilot).conversation.busy is not ended)
        crew.commands.clear()
        assert "[a]pply" in text_of(pilot)
        main_of(pilot).query_one(ObserverPane).focus()
        await pilot.press("down", "a")
        await pilot.pause()
        if suggestion.what == "pin_model":
            main_of(pilot).conversation.ask("and now?")
        return text_of(pilot)


async def test_a_stops_the_task_that_repeats_itself() -> None:
    crew = PlayedCrew()
    await _applied(Suggestion(what="stop_task", task=2), crew, ended=False)
    assert crew.commands == [CancelCommand(task=2)]


async def test_a_runs_a_failed_task_again() -> None:
    crew = PlayedCrew()
    await _applied(Suggestion(what="retry_task", task=2), crew)
    (asked,) = crew.commands
    assert isinstance(asked, AskCommand)
    assert [task["ask"] for task in asked.options["plan"]["tasks"]] == ["find it", "find more"]


async def test_a_runs_a_task_again_without_the_tool_that_fails() -> None:
    crew = PlayedCrew()
    await _applied(Suggestion(what="leave_out_tool", task=1, tool="wiki"), crew)
    (asked,) = crew.commands
    assert isinstance(asked, AskCommand)
    assert [task["tools"] for task in asked.options["plan"]["tasks"]] == [["web_search"]]


async def test_a_task_with_one_tool_is_not_run_without_it() -> None:
    crew = PlayedCrew()
    shown = await _applied(Suggestion(what="leave_out_tool", task=2, tool="wiki"), crew)
    assert not crew.commands
    assert "no other tool serves" in shown


async def test_a_asks_again_with_the_larger_budget() -> None:
    crew = PlayedCrew()
    await _applied(Suggestion(what="raise_budget", unit="calls", limit=64), crew)
    (asked,) = crew.commands
    assert isinstance(asked, AskCommand)
    assert (asked.options["prompt"], asked.options["budget"]["calls"]) == ("what is it?", 64)


async def test_a_gives_every_role_of_the_next_request_one_model() -> None:
    crew = PlayedCrew()
    await _applied(Suggestion(what="pin_model", model="m"), crew)
    (asked,) = crew.commands
    assert isinstance(asked, AskCommand)
    assert asked.options["models"] == {"all": "m"}


async def test_nothing_is_run_again_while_a_run_goes_on() -> None:
    crew = PlayedCrew()
    shown = await _applied(Suggestion(what="retry_task", task=1), crew, ended=False)
    assert not crew.commands
    assert "a run goes on" in shown


async def test_an_insight_without_a_suggestion_shows_no_key() -> None:
    crew = PlayedCrew()
    async with _screen(crew) as pilot:
        crew.play(events(STARTED, Insight(severity="warning", kind="k", message="m")))
        await wait_until(pilot, lambda: bool(main_of(pilot).view.insights))
        assert "[a]pply" not in text_of(pilot)
        main_of(pilot).query_one(ObserverPane).focus()
        await pilot.press("down", "a")
        await wait_until(pilot, lambda: "suggests nothing" in text_of(pilot))


def test_a_plan_keeps_its_other_tools() -> None:
    from toollama.agents.plan_file import PlanFile

    plan = PlanFile.model_validate({"tasks": [{**TASKS[0], "task": 1}]})
    assert without_tool(plan, "wiki").tasks[0].tools == ("web_search",)
    with pytest.raises(InputError):
        without_tool(without_tool(plan, "wiki"), "web_search")


async def test_a_sentence_without_a_source_ends_in_a_question_mark() -> None:
    async with _answered(PlayedCrew()) as pilot:
        assert "made in 1871. ?" in text_of(pilot)
        assert "[1]. ?" not in text_of(pilot)


async def test_a_click_on_a_source_number_opens_its_evidence() -> None:
    async with _answered(PlayedCrew()) as pilot:
        first = main_of(pilot).query(AnswerBlock).first()
        await pilot.click(first, offset=(ANSWER.index("[2]") + 1, 0))
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Detail))
        assert isinstance(pilot.app.screen, Detail)
        assert "#2 evidence.added" in pilot.app.screen._text


async def test_enter_asks_which_of_several_sources_and_opens_it() -> None:
    async with _answered(PlayedCrew()) as pilot:
        await pilot.press("left_square_bracket", "left_square_bracket", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Choice))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Detail))
        assert isinstance(pilot.app.screen, Detail)
        assert "#2 evidence.added" in pilot.app.screen._text


async def test_a_source_of_an_earlier_answer_is_not_looked_up_in_this_run() -> None:
    crew = PlayedCrew()
    async with _answered(crew) as pilot:
        crew.play(events(STARTED, run_id="20261122-214300-0002"))
        await wait_until(pilot, lambda: main_of(pilot).view.run_id.endswith("2"))
        await pilot.click(main_of(pilot).query(AnswerBlock).first(), offset=(17, 0))
        await wait_until(pilot, lambda: "of an earlier run" in text_of(pilot))


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


def _replay(clock: FixedClock, *, until_seq: int | None = None, speed: float = 1.0) -> ReplayCrew:
    return ReplayCrew(recorded(), clock, speed=speed, until_seq=until_seq)


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
    crew = _replay(FixedClock(NOW), until_seq=40, speed=0)
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


async def test_keys_of_a_replay_mean_nothing_in_a_conversation() -> None:
    async with _screen(PlayedCrew()) as pilot:
        main_of(pilot).query_one("#answer").focus()
        await pilot.pause()
        ids = {one.binding.id for one in main_of(pilot).active_bindings.values()}
        assert "replay.pause" not in ids
        assert {"insight.apply", "answer.evidence", "layout.next"} <= ids


async def test_ctrl_o_goes_through_the_layouts() -> None:
    async with _screen(PlayedCrew(), width=100) as pilot:
        main = main_of(pilot)
        found = []
        for _ in range(4):
            await pilot.press("ctrl+o")
            found.append([c for c in ("-wide", "-medium", "-narrow") if main.has_class(c)])
        assert found == [["-wide"], ["-medium"], ["-narrow"], ["-medium"]]


async def test_the_palette_offers_the_keys_too() -> None:
    async with _screen(PlayedCrew()) as pilot:
        commands = {one.title: one for one in pilot.app.get_system_commands(main_of(pilot))}
        commands["Zoom the pane"].callback()
        await wait_until(pilot, lambda: main_of(pilot).query_one("#panes").has_class("-zoom"))


async def _signals(
    monkeypatch: pytest.MonkeyPatch, *, focused: bool, settings: Settings | None = None
) -> str:
    """Return what the terminal is told while a call waits and the run then ends."""
    crew = PlayedCrew()
    app = app_over(crew, settings=settings)
    told: list[str] = []
    monkeypatch.setattr(app, "_signal", told.append)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: bool(app.screen.query(Prompt)))
        app.app_focus = focused
        crew.tell(
            ApprovalNotice(tool="\x1b]0;t\a", arguments={}, reason="r", effects=[], rule="r"),
            EndedNotice(error="error[c]: \x1b]0;m\a — fix: f"),
        )
        await wait_until(pilot, lambda: "error[c]" in text_of(pilot))
        await pilot.pause()
    return "".join(told)


async def test_who_looks_elsewhere_is_told_that_a_call_waits_and_that_the_run_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = await _signals(monkeypatch, focused=False)
    assert told == ("\x1b]9;ToolLama waits for you\a\a" + "\x1b]9;ToolLama has ended a run\a\a")


async def test_who_looks_at_the_screen_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await _signals(monkeypatch, focused=True) == ""


async def test_nobody_is_called_where_the_settings_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = Settings(tui=TuiSettings(notify=False))
    assert await _signals(monkeypatch, focused=False, settings=quiet) == ""


async def test_a_title_that_is_wanted_shows_the_state_and_goes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    titled = Settings(tui=TuiSettings(title=True))
    told = await _signals(monkeypatch, focused=True, settings=titled)
    assert "\x1b]2;ToolLama: waits for you\a" in told
    assert (told.startswith("\x1b[22;2t"), told.endswith("\x1b[23;2t")) == (True, True)
