"""Hostile text, odd terminals and a crew that dies: the screen stays usable and says so."""

import unicodedata

import pytest
from stage import PlayedCrew, app_over, events, lines_of, main_of, recorded, text_of, wait_until
from textual.events import Paste

from toollama.events import payloads
from toollama.host.notices import ApprovalNotice, EndedNotice
from toollama.tui.screens.detail import Detail
from toollama.tui.widgets.prompt import Prompt

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202etxt\u2066\ud800[red]x[/red]\r\b\U000e0041"


def _everything_hostile() -> list[payloads.Payload]:
    return [
        payloads.RunStarted(prompt=HOSTILE, version=HOSTILE, profile=HOSTILE, session=HOSTILE),
        payloads.RouteDecided(
            kind=HOSTILE,
            clauses=[HOSTILE],
            candidates=[{"tool": HOSTILE, "why": HOSTILE, "score": 1.0, "clause": 0}],
            margin=0.1,
            source="rule",
            reason=HOSTILE,
        ),
        payloads.PlanCreated(
            goal=HOSTILE, tasks=[{"belter": HOSTILE, "ask": HOSTILE}], source="rule"
        ),
        payloads.TaskChanged(task=1, state="running", reason=HOSTILE),
        payloads.ModelLoadStarted(model=HOSTILE, path=HOSTILE, predicted_bytes=1, reason=HOSTILE),
        payloads.ModelLoadCompleted(model=HOSTILE, duration_s=1, bytes=1, resident_bytes=1),
        payloads.InferenceStarted(
            model=HOSTILE,
            purpose=HOSTILE,
            messages=[{"role": HOSTILE, "content": HOSTILE}],
            sampling={HOSTILE: HOSTILE},
        ),
        payloads.ToolCallRequested(call_id="c", tool=HOSTILE, arguments={HOSTILE: HOSTILE}),
        payloads.ToolCallFailed(call_id="c", tool=HOSTILE, code=HOSTILE, message=HOSTILE),
        payloads.Insight(severity="critical", kind=HOSTILE, message=HOSTILE),
        payloads.GateDecided(verdict="fail", checks={HOSTILE: HOSTILE}, removed=[HOSTILE]),
        payloads.ModelUnloaded(model=HOSTILE, reason=HOSTILE, resident_bytes=0),
        payloads.Warned(message=HOSTILE),
        payloads.MessageDelta(text=f"{HOSTILE}\n\n```{HOSTILE}\n{HOSTILE}\n```\n\n- {HOSTILE}\n"),
        payloads.RunCompleted(
            status="complete",
            answer=HOSTILE,
            exit_code=0,
            sources=[{"number": 1, "title": HOSTILE, "locator": HOSTILE}],
            limits=[HOSTILE],
        ),
    ]


def _controls(text: str) -> set[str]:
    return {
        character
        for character in text
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    }


@pytest.mark.parametrize("size", [(140, 60), (90, 40), (50, 25)])
async def test_hostile_text_leaves_no_control_character_on_any_line(
    size: tuple[int, int],
) -> None:
    crew = PlayedCrew()
    app = app_over(crew)
    async with app.run_test(size=size, notifications=True) as pilot:
        crew.play(events(*_everything_hostile()))
        crew.tell(
            ApprovalNotice(
                tool=HOSTILE, arguments={HOSTILE: HOSTILE}, reason=HOSTILE, effects=[], rule=HOSTILE
            )
        )
        await wait_until(pilot, lambda: main_of(pilot).view.ended)
        seen = ""
        for key in "12345":
            main_of(pilot).action_pane(
                ["plan", "answer", "trace", "observer", "models"][int(key) - 1]
            )
            await pilot.pause()
            seen += "".join(_drawn(line) for line in pilot.app.screen._compositor.render_strips())
        main_of(pilot).action_why()
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, Detail))
        seen += "".join(lines_of(pilot))
    assert not _controls(seen)


def _drawn(strip: object) -> str:
    return str(getattr(strip, "text", ""))


async def test_twenty_by_five_still_takes_and_shows_a_request() -> None:
    crew = PlayedCrew()
    app = app_over(crew)
    async with app.run_test(size=(20, 5)) as pilot:
        crew.play(
            events(
                payloads.RunStarted(prompt="p", version="0", profile=""),
                payloads.RunCompleted(status="complete", answer="Paris.", exit_code=0),
            )
        )
        await wait_until(pilot, lambda: main_of(pilot).view.ended)
        await wait_until(pilot, lambda: "Paris." in text_of(pilot))
        main_of(pilot).query_one(Prompt).put("next")
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(crew.commands) == 1)


async def test_a_resize_while_text_streams_loses_nothing() -> None:
    crew = PlayedCrew()
    app = app_over(crew)
    pieces = [payloads.MessageDelta(text=f"- item {number}\n") for number in range(40)]
    stream = events(payloads.RunStarted(prompt="p", version="0", profile=""), *pieces)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        for at, event in enumerate(stream):
            crew.play([event], ended=False)
            if at % 10 == 0:
                await pilot.resize_terminal(60 + at * 2, 20 + at % 20)
                await pilot.pause()
        await wait_until(pilot, lambda: len(app.screen.query(".block")) == 39)
        assert main_of(pilot).view.answer.text.endswith("- item 39\n")


async def test_an_engine_that_dies_is_told_and_the_prompt_works_on() -> None:
    crew = PlayedCrew()
    app = app_over(crew)
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        crew.play([event for event in recorded() if event.seq <= 40], ended=False)
        await wait_until(pilot, lambda: main_of(pilot).conversation.busy)
        crew.tell(EndedNotice(error="error[internal]: the engine is gone — fix: toollama doctor"))
        await wait_until(pilot, lambda: "the engine is gone" in text_of(pilot))
        assert main_of(pilot).view.plan.nodes["run"].status == "failed"
        main_of(pilot).query_one(Prompt).put("again")
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(crew.commands) == 1)


async def test_a_short_paste_is_typed_once() -> None:
    app = app_over(PlayedCrew())
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: bool(app.screen.query(Prompt)))
        prompt = main_of(pilot).query_one(Prompt)
        app.post_message(Paste("two\nlines"))
        await pilot.pause()
        assert prompt.text == "two\nlines"


async def test_a_log_that_cannot_be_read_is_told_by_the_run_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from toollama.errors import StoreError
    from toollama.store import Store

    def locked(*_arguments: object) -> Store:
        raise StoreError("the database is locked", fix="end the other toollama")

    monkeypatch.setattr(Store, "open", locked)
    app = app_over(PlayedCrew())
    async with app.run_test(size=(140, 40), notifications=True) as pilot:
        await wait_until(pilot, lambda: bool(app.screen.query(Prompt)))
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: "the database is locked" in text_of(pilot))
