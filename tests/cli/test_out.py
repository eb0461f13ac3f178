"""Streams, colour, tables and terminals."""

import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from tests.cli.harness import Terminal
from toollama.cli import out
from toollama.secrets import REDACTED, process_redactor
from toollama.text import displayable_json


class Gone(io.StringIO):
    """A stream whose reader is gone."""

    def flush(self) -> None:
        raise BrokenPipeError

    def fileno(self) -> int:
        raise AssertionError("nothing is redirected in this process")


class Full(io.StringIO):
    """A file on a disk without space."""

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("environ", "terminal", "expected"),
    [
        ({"TERM": "xterm"}, True, True),
        ({"TERM": "xterm"}, False, False),
        ({}, True, False),
        ({"TERM": "xterm", "NO_COLOR": "anything"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"CLICOLOR_FORCE": "1"}, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
    ],
)
def test_colour_follows_the_environment(
    environ: dict[str, str], terminal: bool, expected: bool
) -> None:
    assert out.has_colour(environ, terminal=terminal) is expected


def test_a_gone_reader_is_a_broken_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Gone())
    with pytest.raises(out.BrokenPipe):
        out.data("x")


def test_a_full_disk_is_a_failure_with_a_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    from toollama.errors import RunFailed

    monkeypatch.setattr("sys.stdout", Full())
    with pytest.raises(RunFailed, match="No space left"):
        out.data("x")


def test_a_closed_stdout_swallows_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", None)
    out.data("x")
    assert out.settle()


def test_an_error_is_red_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out.error("error[x]: y")
    assert capsys.readouterr().err == "error[x]: y\n"
    screen = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("sys.stderr", screen)
    out.error("error[x]: y")
    assert screen.getvalue() == "\x1b[31;1merror[x]: y\x1b[0m\n"


def test_an_error_stays_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    out.error("error[x]: a\nb\x1b — fix: c")
    assert capsys.readouterr().err == "error[x]: a b␛ — fix: c\n"


def test_a_table_in_a_pipe_is_tab_separated_without_a_header(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out.table(("NAME", "SIZE"), [("a\tb", 1), ("c\x1b", "two\nlines")])
    assert capsys.readouterr().out == "a b\t1\nc␛\ttwo lines\n"


def test_a_table_on_a_terminal_is_aligned_and_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setenv("COLUMNS", "12")
    out.table(("NAME", "SIZE"), [("a", "a long text"), ("long", "2")])
    assert screen.getvalue() == "NAME  SIZE\na     a lon…\nlong  2\n"


def test_an_empty_table_in_a_pipe_is_no_output(capsys: pytest.CaptureFixture[str]) -> None:
    out.table(("NAME",), [])
    assert capsys.readouterr().out == ""


def test_the_status_line_is_erased_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setattr("sys.stderr", screen)
    out.status("thinking")
    out.data("Paris.\n")
    assert screen.getvalue() == "\r\x1b[2Kthinking\r\x1b[2KParis.\n"


def test_the_status_line_waits_while_the_answer_is_mid_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setattr("sys.stderr", screen)
    out.data("Par")
    out.status("thinking")
    out.data("is.\n")
    assert screen.getvalue() == "Paris.\n"


def test_a_warning_in_the_middle_of_a_line_begins_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setattr("sys.stderr", screen)
    out.data("Par")
    out.warn("slow")
    assert screen.getvalue() == "Par\nwarning: slow\n"


def test_json_has_no_nan(capsys: pytest.CaptureFixture[str]) -> None:
    out.json({"mean": float("nan")})
    assert from_json(capsys.readouterr().out, allow_inf_nan=False) == {"mean": None}


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_for_a_terminal_is_the_same_document(text: str) -> None:
    from toollama.text import visible

    shown = displayable_json(to_json(text).decode())
    assert from_json(shown) == text
    assert visible(shown) == shown


@pytest.mark.parametrize("write", [out.data, out.note, out.error, out.warn, out.status, out.json])
def test_no_key_that_was_read_is_written(
    write: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    process_redactor.learn("canary-1")
    write("the key canary-1 was refused")
    streams = capsys.readouterr()
    assert (REDACTED in streams.out + streams.err) is True
    assert "canary" not in streams.out + streams.err
