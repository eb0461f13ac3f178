"""What a person sees on a terminal, and which bytes get there."""

import os
import re

import pytest

from tests.cli.pty_program import on_a_terminal, shown

pytestmark = pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs pseudo-terminals")

OWN = re.compile(rb"\x1b\[[0-9;]*m|\r\x1b\[2K|\r\n|\t")
"""What the program itself may send: colours, the erased status line, line ends."""
CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")


def foreign_controls(written: bytes) -> list[bytes]:
    return CONTROL.findall(OWN.sub(b"", written))


def test_markdown_is_drawn_and_the_status_line_is_gone_at_the_end() -> None:
    with on_a_terminal("ask", "x", scene="markdown") as program:
        assert program.finish() == 0
        assert shown(program) == [
            "## Review",
            " • cache.py:88 the lock is released before the write",
            " • a second item",
            "```python",
            'print("hi")',
            "```",
            " a  b",
            " ────",
            " 1  2",
        ]


def test_in_a_pipe_the_answer_is_raw_and_the_status_line_is_erased() -> None:
    reader, writer = os.pipe()
    with on_a_terminal("ask", "x", scene="hang", stdout=writer) as program:
        os.close(writer)
        program.until_written("camina")
        program.interrupt()
        assert program.finish() == 130
        with os.fdopen(reader) as pipe:
            assert pipe.read() == "Par"
        assert shown(program) == [
            "warning: hanging",
            "error[run.cancelled]: the run was stopped — fix: toollama runs show last",
        ]


@pytest.mark.parametrize("name", ["NO_COLOR", "ACCESSIBLE"])
def test_without_colour_no_escape_sequence_is_sent(name: str) -> None:
    with on_a_terminal("ask", "-q", "x", scene="markdown", environ={name: "1"}) as program:
        program.finish()
        assert b"\x1b" not in program.written


def test_a_dumb_terminal_gets_plain_text() -> None:
    with on_a_terminal("ask", "x", scene="markdown", environ={"TERM": "dumb"}) as program:
        program.finish()
        assert b"\x1b" not in program.written
        assert "**cache.py:88**" in program.written.decode()


def test_plain_tells_what_goes_on_in_lines_of_its_own() -> None:
    with on_a_terminal("ask", "--plain", "x", scene="answer") as program:
        program.finish()
        assert shown(program) == [
            "[camina] answer (0 s)",
            "Paris.",
            "[1] sales.csv — /data/sales.csv",
        ]


@pytest.mark.parametrize("arguments", [["ask", "x"], ["ask", "-v", "x"], ["ask", "--plain", "x"]])
def test_hostile_text_sends_no_control_character_of_its_own(arguments: list[str]) -> None:
    with on_a_terminal(*arguments, scene="hostile") as program:
        program.finish()
        assert foreign_controls(program.written) == []
        assert "owned" in "\n".join(program.lines)


def test_a_narrow_terminal_wraps_what_is_drawn() -> None:
    with on_a_terminal("ask", "x", scene="markdown", columns=40, rows=20) as program:
        program.finish()
        assert max(map(len, program.lines)) <= 40
        assert " • cache.py:88 the lock is released" in program.lines


def test_an_interrupt_keeps_the_partial_answer_on_the_screen() -> None:
    with on_a_terminal("ask", "x", scene="hang") as program:
        program.until_written("hanging")
        program.interrupt()
        assert program.finish() == 130
        assert "error[run.cancelled]" in program.written.decode()


def test_ask_without_words_shows_how_it_is_used() -> None:
    with on_a_terminal("ask", scene="answer") as program:
        assert program.finish() == 2
        assert 'toollama ask "how many miles are 42 km?"' in "\n".join(program.lines)


def test_a_terminal_outside_utf_8_gets_the_markdown_itself() -> None:
    encoding = {"PYTHONIOENCODING": "ascii"}
    with on_a_terminal("ask", "x", scene="markdown", environ=encoding) as program:
        assert program.finish() == 0
        assert "- **cache.py:88** the lock" in program.written.decode("ascii")
