"""What the screen does where signs, space or a sound mind are missing, without a terminal."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from stage import PlayedCrew, app_over, events, main_of, wait_until
from textual.color import Color
from textual.events import Key

from toollama.events import payloads
from toollama.host.notices import AskCommand
from toollama.secrets import process_redactor
from toollama.tui import crash
from toollama.tui.ascii_lines import AsciiLines
from toollama.tui.widgets.observer_pane import ObserverPane
from toollama.tui.widgets.prompt import Prompt

BLACK = Color(0, 0, 0)


def _drawn(text: str, *, encoding: str) -> str:
    [segment] = AsciiLines(encoding).apply([Segment(text)], BLACK)
    return segment.text


def test_lines_and_corners_are_drawn_in_ascii() -> None:
    assert _drawn("╭─ Plan ─╮ ├▼ █░ ━━ │", encoding="utf-8") == "+- Plan -+ +v ## -- |"


def test_what_the_encoding_has_is_kept_and_the_rest_keeps_its_width() -> None:
    assert _drawn("café 日本", encoding="latin-1") == "café ????"


@given(st.text())
def test_a_line_in_ascii_is_as_wide_as_before(text: str) -> None:
    drawn = _drawn(text, encoding="ascii")
    assert drawn.isascii()
    assert len(drawn) == sum(max(cell_len(sign), sign.isascii()) for sign in text)


async def test_enter_comes_after_what_was_typed_before_it() -> None:
    crew = PlayedCrew()
    app = app_over(crew)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: main_of(pilot).query_one(Prompt).has_focus)
        for key in ("h", "i", "enter", "y"):  # all at once, as a fast hand or a slow machine does
            app.post_message(Key(key, key if len(key) == 1 else "\r"))
        await wait_until(pilot, lambda: len(crew.commands) == 1)
        await wait_until(pilot, lambda: main_of(pilot).query_one(Prompt).text == "y")
        [asked] = crew.commands
        assert isinstance(asked, AskCommand)
        assert asked.options["prompt"] == "hi"


async def test_a_list_that_a_small_terminal_hides_pages_without_a_fault() -> None:
    crew = PlayedCrew()
    app = app_over(crew)
    async with app.run_test(size=(100, 30)) as pilot:
        crew.play(
            events(
                payloads.RunStarted(prompt="p", version="0", profile=""),
                payloads.Insight(severity="info", kind="loop", message="again"),
            )
        )
        await wait_until(pilot, lambda: main_of(pilot).view.run_id != "")
        pane = main_of(pilot).query_one(ObserverPane)
        pane.highlighted = 0
        pane.styles.display = "none"
        await pilot.pause()
        pane.action_page_up()
        pane.action_page_down()
        assert pane.highlighted == 0


async def test_leaving_while_an_answer_is_drawn_is_no_fault() -> None:
    crew = PlayedCrew()
    app = app_over(crew)
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_until(pilot, lambda: main_of(pilot).query_one(Prompt).has_focus)
        screen = main_of(pilot)
        crew.play(events(payloads.RunStarted(prompt="p", version="0", profile="")))
        app.exit()
        await screen._tick()
    assert app.return_code == 0


async def test_a_warning_of_the_run_is_shown() -> None:
    crew = PlayedCrew()
    app = app_over(crew)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        main_of(pilot)._live = True
        crew.play(
            events(
                payloads.RunStarted(prompt="p", version="0", profile=""),
                payloads.Warned(message="the run log cannot be written"),
            ),
            ended=False,
        )
        told = "the run log cannot be written"
        await wait_until(pilot, lambda: any(told in str(n.message) for n in app._notifications))


def _fail(key: str) -> None:
    raise RuntimeError(f"boom \x1b]0;x\x07 {key}")


def _fault(key: str = "no key") -> BaseException:
    with pytest.raises(RuntimeError) as raised:
        _fail(key)
    return raised.value


def test_a_crash_report_is_one_line_that_names_its_file() -> None:
    line = crash.report(_fault())
    assert line.startswith("error[internal]: RuntimeError: boom ␛]0;x␇")
    path = Path(line.rpartition("report it with ")[2])
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_crash_report_holds_no_key_that_was_read() -> None:
    process_redactor.learn("sk-of-a-service")
    line = crash.report(_fault("sk-of-a-service"))
    kept = Path(line.rpartition("report it with ")[2]).read_text()
    assert "Traceback" in kept
    assert "of-a-service" not in line + kept


def test_a_crash_that_cannot_be_kept_is_told_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOOLLAMA_STATE_DIR", str(tmp_path / "file"))
    assert "the traceback is not kept" in crash.report(_fault())
