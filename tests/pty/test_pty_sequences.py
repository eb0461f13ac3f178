"""The reader of terminal bytes misses nothing that hurts."""

import pytest

from bench.hostile import leaks, strings
from bench.sequences import controls, foreign_to_lines, foreign_to_screen


@pytest.mark.parametrize(
    "sent",
    [
        b"\x1b[2J",
        b"\x1b]0;title\x07",
        b"\x1b]52;c;aGk=\x07",
        b"\x1b]8;;http://x\x1b\\",
        b"\x1bP1$r\x1b\\",
        b"\x1bc",
        b"\x1b[21t",
        b"\x08",
        b"\x0e",
        "\x9b2J".encode(),
        "\u202e".encode(),
        "\u2028".encode(),
        "\U000e0041".encode(),
    ],
)
def test_what_a_stranger_may_send_is_foreign(sent: bytes) -> None:
    assert foreign_to_lines(b"a" + sent + b"b")
    assert foreign_to_screen(b"a" + sent + b"b")


def test_what_the_program_draws_is_its_own() -> None:
    assert foreign_to_lines(b"\x1b[33mwarning\x1b[0m\r\n\r\x1b[2K| 3 s\ta") == []
    assert foreign_to_screen(b"\x1b[?1049h\x1b[3;14H\x1b[38;5;9m\xe2\x95\xad\x1b[0m\r\n") == []


def test_an_escape_that_begins_nothing_is_a_control_too() -> None:
    assert controls(b"a\x1b") == [b"\x1b"]


def test_no_hostile_string_that_leaks_is_without_a_control() -> None:
    for text in strings(2000):
        sent = text.encode("utf-8", "replace")
        assert controls(sent) or not leaks(sent.decode())
