"""What the screen says by itself: how things stand, what is left out, which keys there are."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stage import PlayedCrew, events, lines_of, main_of, recorded, screen_over, text_of, wait_until
from textual.pilot import Pilot

from toollama.commands import tool_call
from toollama.config import Settings, TuiSettings
from toollama.errors import InputError, StoreError
from toollama.events import payloads
from toollama.host.notices import EndedNotice, NotTakenNotice
from toollama.store import RunRow
from toollama.tui.screens.detail import Detail
from toollama.tui.widgets.fitted_line import Part, fitting
from toollama.tui.widgets.prompt import Prompt
from toollama.tui.widgets.queue_line import newest

STARTED = payloads.RunStarted(prompt="p", version="0", profile="")
NO_TOOL = payloads.RunFailed(code="x", message="no tool fits", fix="another", exit_code=1)
NO_TOOL_LINE = "error[x]: no tool fits — fix: another"


async def _typed(pilot: Pilot[int], text: str) -> None:
    main_of(pilot).query_one(Prompt).put(text)
    await pilot.press("enter")
    await pilot.pause()


def _locked(_words: str) -> list[RunRow]:
    raise StoreError("database is locked", fix="end the other program")


async def _help(pilot: Pilot[int]) -> str:
    await pilot.press("f1")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, Detail))
    assert isinstance(pilot.app.screen, Detail)
    return str(pilot.app.screen._text)


async def test_every_pane_says_why_it_is_empty_until_the_first_request() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        shown = text_of(pilot)
        for words in ("no tasks yet", "Ask in plain", "no events yet", "nothing noticed so far"):
            assert words in shown
        crew.play(events(STARTED))
        await wait_until(pilot, lambda: "❯ p" in text_of(pilot))
        assert "Ask in plain words" not in text_of(pilot)
        assert "no events yet" not in text_of(pilot)


async def test_the_help_tells_every_key_as_the_user_set_it_wherever_the_focus_is() -> None:
    own = Settings(tui=TuiSettings(keys={"task.retry": "f9"}))
    async with screen_over(PlayedCrew(), settings=own) as pilot:
        told = await _help(pilot)
    for name in ("pane.models", "pane.zoom", "answer.copy.block", "approve.once"):
        assert name in told
    (line,) = [line for line in told.splitlines() if line.endswith("task.retry")]
    assert line.split()[0] == "f9"


async def test_f6_goes_from_the_prompt_to_the_models() -> None:
    async with screen_over(PlayedCrew()) as pilot:
        await pilot.press(*"hi", "f6")
        await pilot.pause()
        assert pilot.app.focused is main_of(pilot).query_one("#models")
        offered = [one.title for one in pilot.app.get_system_commands(main_of(pilot))]
    assert len(offered) == len(set(offered)), "the palette offers each key once"


async def test_a_failure_is_told_once() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        crew.play(events(STARTED, NO_TOOL), ended=False)
        crew.tell(EndedNotice(error=NO_TOOL_LINE))
        await wait_until(pilot, lambda: "no tool fits" in text_of(pilot))
        await pilot.pause()
        assert not pilot.app._notifications


async def test_a_failure_without_a_run_stays_in_sight() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        crew.tell(EndedNotice(error=NO_TOOL_LINE))
        await wait_until(pilot, lambda: bool(pilot.app._notifications))
        pilot.app.clear_notifications()
        await wait_until(pilot, lambda: "no tool fits" in text_of(pilot))


async def test_a_search_for_words_that_no_run_holds_says_so() -> None:
    async with screen_over(PlayedCrew()) as pilot:
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: "no runs yet" in text_of(pilot))
        await pilot.press(*'"* AND')
        await wait_until(pilot, lambda: "no run holds these words" in text_of(pilot))


async def test_a_log_that_cannot_be_read_is_told_where_its_runs_would_stand() -> None:
    async with screen_over(PlayedCrew()) as pilot:
        main_of(pilot).archive.find = _locked  # type: ignore[method-assign]
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: "database is locked" in text_of(pilot))
        assert "no runs yet" not in text_of(pilot)


async def test_a_message_takes_the_place_of_the_one_before_and_leaves_the_prompt_in_sight() -> None:
    async with screen_over(PlayedCrew()) as pilot:
        await _typed(pilot, "/first")
        await _typed(pilot, "/second")
        await wait_until(pilot, lambda: "no command /second" in text_of(pilot))
        assert "no command /first" not in text_of(pilot)
        assert "no command" not in "".join(lines_of(pilot)[-5:])


async def test_a_key_that_needs_a_run_says_that_there_is_none() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        await pilot.press("f2")
        for key, told in (
            ("c", "nothing is running"),
            ("a", "no insight suggests anything"),
            ("w", "there is no run yet"),
            ("y", "there is nothing to copy yet"),
            ("p", "there is no run yet"),
        ):
            await pilot.press(key)
            await wait_until(pilot, lambda told=told: told in text_of(pilot))  # type: ignore[misc]
        await _typed(pilot, "/cancel")
        await wait_until(pilot, lambda: "nothing is running" in text_of(pilot))
    assert crew.commands == []


async def test_words_that_a_run_does_not_take_are_said_to_be_the_next_request() -> None:
    crew = PlayedCrew()
    settled = payloads.AmendmentSettled(
        amendment=1, text="and Oslo", outcome="deferred", reason="no task is left to change"
    )
    async with screen_over(crew) as pilot:
        main_of(pilot)._live = True  # the stage shows recorded runs, which announce nothing
        crew.play(events(STARTED, settled), ended=False)
        await wait_until(pilot, lambda: "for the next request, no task is left" in text_of(pilot))
        crew.tell(NotTakenNotice(text="and Oslo"))
        await wait_until(pilot, lambda: "for the next request, the run takes no" in text_of(pilot))


async def test_the_head_says_how_the_run_stands_at_every_width() -> None:
    crew = PlayedCrew()
    async with screen_over(crew) as pilot:
        crew.play(recorded())
        await wait_until(pilot, lambda: "✓ done  27.4s" in lines_of(pilot)[0])
        assert recorded()[0].run_id in lines_of(pilot)[0]
        await pilot.resize_terminal(20, 24)
        await wait_until(pilot, lambda: lines_of(pilot)[0].strip() == "✓ done  27.4s")


PARTS = st.lists(
    st.builds(Part, st.text("ab", min_size=1, max_size=9), st.integers(0, 9)), max_size=8
)


@given(parts=PARTS, width=st.integers(0, 60))
@settings(max_examples=100)
def test_a_line_keeps_its_order_and_its_most_important_part(parts: list[Part], width: int) -> None:
    shown = fitting(parts, width)
    left = iter(parts)
    assert all(part in left for part in shown)
    assert len("  ".join(part.text for part in shown)) <= width or len(shown) <= 1
    if parts:
        assert min(part.rank for part in shown) == min(part.rank for part in parts)


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ([], []),
        (["one"], ["one"]),
        (["a" * 30, "b" * 30, "c" * 30], ["2 more: /queue", "c" * 30]),
        (["a" * 90], ["a" * 90]),
    ],
)
def test_the_newest_words_that_wait_stay_in_sight(
    lines: Sequence[str], shown: Sequence[str]
) -> None:
    assert newest(lines, room=60) == shown


def test_an_exclamation_mark_alone_is_told_how_to_go_on() -> None:
    with pytest.raises(InputError, match="! needs a tool"):
        tool_call("!")
