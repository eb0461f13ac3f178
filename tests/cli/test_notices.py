"""What the terminal itself is told of a run, and where it is told nothing."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.fake_session import CAMINA
from tests.cli.pty_program import on_a_terminal
from toollama.cli import out
from toollama.cli.notices import Notices, means
from toollama.clock import FixedClock
from toollama.config import TerminalSettings
from toollama.errors import Cancelled
from toollama.events import Bus
from toollama.events.payloads import InferenceStarted, Payload, PlanCreated, TaskCompleted

needs_a_terminal = pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs pseudo-terminals")
PROGRESS = b"\x1b]9;4;1;42\x1b\\"
NO_PROGRESS = b"\x1b]9;4;0\x1b\\"
WEZTERM = {"TERM_PROGRAM": "WezTerm"}


@pytest.mark.parametrize(
    ("environ", "taskbar", "notification"),
    [
        ({"TERM_PROGRAM": "WezTerm"}, True, True),
        ({"TERM_PROGRAM": "ghostty"}, True, True),
        ({"WT_SESSION": "1"}, True, False),
        ({"ConEmuANSI": "ON"}, True, False),
        ({"ConEmuANSI": "OFF"}, False, False),
        ({"TERM_PROGRAM": "iTerm.app"}, False, True),
        ({"TERM_PROGRAM": "tmux"}, False, False),
        ({}, False, False),
    ],
)
def test_a_terminal_is_told_only_what_it_is_known_to_understand(
    environ: Mapping[str, str], taskbar: bool, notification: bool
) -> None:
    found = means(environ, TerminalSettings())
    assert (found.taskbar, found.notification) == (taskbar, notification)


@needs_a_terminal
def test_the_taskbar_follows_a_load_and_is_cleared_at_the_end() -> None:
    with on_a_terminal("ask", "x", scene="loading", environ=WEZTERM) as program:
        assert program.finish() == 0
        assert PROGRESS in program.written
        assert program.written.rindex(NO_PROGRESS) > program.written.rindex(PROGRESS)


@needs_a_terminal
def test_an_interrupt_clears_the_taskbar_too() -> None:
    with on_a_terminal("ask", "x", scene="loading-hang", environ=WEZTERM) as program:
        program.until_written("42%")
        program.interrupt()
        assert program.finish() == 130
        assert program.written.rindex(NO_PROGRESS) > program.written.rindex(PROGRESS)
        assert b"\a" not in program.written


@needs_a_terminal
@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        (["--plain"], WEZTERM),
        (["-q"], WEZTERM),
        ([], {**WEZTERM, "TERM": "dumb"}),
        ([], {"TERM_PROGRAM": "Apple_Terminal"}),
    ],
)
def test_a_terminal_that_is_to_be_plain_or_is_unknown_is_told_nothing(
    arguments: list[str], environ: Mapping[str, str]
) -> None:
    with on_a_terminal("ask", *arguments, "x", scene="loading", environ=environ) as program:
        assert program.finish() == 0
        assert b"\x1b]" not in program.written


@needs_a_terminal
def test_the_title_is_set_where_it_is_wanted_and_put_back(tmp_path: Path) -> None:
    settings = tmp_path / "config" / "config.toml"
    settings.parent.mkdir()
    settings.write_text("[terminal]\ntitle = true\nnotify_after_s = 0.000001\n")
    with on_a_terminal("ask", "x", scene="loading") as program:
        assert program.finish() == 0
        saved, title, restored, bell = (
            program.written.index(sequence)
            for sequence in (b"\x1b[22;2t", b"\x1b]2;toollama 42%\x1b\\", b"\x1b[23;2t", b"\a")
        )
        assert saved < title < restored < bell


def _told(capsys: pytest.CaptureFixture[str], *payloads: Payload, lasts_s: float = 0.0) -> str:
    clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    notices = Notices(means(WEZTERM, TerminalSettings()), clock)
    bus = Bus("run", clock)
    bus.subscribe(notices)
    with notices.shown(), bus.span(agent=CAMINA):
        for payload in payloads:
            bus.emit(payload)
        clock.advance(lasts_s)
    return capsys.readouterr().err


def test_a_plan_counts_its_tasks_and_work_without_end_has_no_share(
    capsys: pytest.CaptureFixture[str],
) -> None:
    thinking = InferenceStarted(model="m", purpose="plan")
    plan = PlanCreated(goal="x", tasks=[{}, {}], source="rule")
    done = TaskCompleted(status="done", findings=1)
    told = _told(capsys, thinking, plan, done)
    states = [part.partition("\x1b")[0] for part in told.split("\x1b]9;4;")[1:]]
    assert states == ["3", "1;0", "1;50", "0"]


def test_tools_alone_tell_the_taskbar_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert _told(capsys, PlanCreated(goal="x", tasks=[{}, {}], source="rule")) == ""


@pytest.mark.parametrize(("lasts_s", "word"), [(19.0, ""), (20.0, "\x1b]9;toollama is done\x1b\\")])
def test_a_long_run_ends_in_a_word(
    capsys: pytest.CaptureFixture[str], lasts_s: float, word: str
) -> None:
    assert _told(capsys, lasts_s=lasts_s) == word


def test_whoever_stopped_a_run_is_not_called(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    notices = Notices(means({}, TerminalSettings()), clock)

    def run() -> None:
        with notices.shown():
            clock.advance(60.0)
            raise Cancelled("stopped", fix="none")

    with pytest.raises(Cancelled):
        run()
    assert capsys.readouterr().err == ""


def test_a_second_signal_takes_back_what_the_terminal_was_told(
    capfd: pytest.CaptureFixture[str],
) -> None:
    out.taskbar(10)
    out.restore_terminal_at_once()
    assert capfd.readouterr().err.endswith("\x1b]9;4;0\x1b\\")
    out.restore_terminal()


def test_a_title_holds_no_control_character(capsys: pytest.CaptureFixture[str]) -> None:
    out.title("a\x1b]52;c;x\ab")
    out.restore_terminal()
    assert "\a" not in capsys.readouterr().err
