"""Lines typed into a chat while a request goes on."""

import pytest

from tests.cli.pty_program import on_a_terminal
from toollama.cli.typed import Typed


def _typing(*, takes: bool) -> tuple[Typed, list[str]]:
    offered: list[str] = []

    def do_now(line: str) -> bool:
        offered.append(line)
        return takes

    return Typed(do_now), offered


def test_a_line_that_is_done_at_once_does_not_wait() -> None:
    typed, offered = _typing(takes=True)
    typed.take("and in Paris?")
    assert (offered, list(typed.queue)) == (["and in Paris?"], [])


def test_a_line_that_is_not_done_at_once_waits_for_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    typed, _ = _typing(takes=False)
    typed.take("and in Paris?")
    assert list(typed.queue) == ["and in Paris?"]
    assert "/unqueue takes it back" in capsys.readouterr().err


def test_an_empty_line_is_nothing() -> None:
    typed, offered = _typing(takes=False)
    typed.take("  ")
    assert (offered, list(typed.queue)) == ([], [])


def test_words_are_added_to_the_request_that_goes_on_and_taken_back() -> None:
    with on_a_terminal("chat", "--plain", scene="hang-more") as program:
        program.until_written("> ")
        program.type(b"x\n")
        program.until_written("hanging")
        program.type(b"and in Paris?\n/then two\n!calculator expression=2\n/queue\n")
        program.until_written("!calculator expression=2")
        program.type(b"/unqueue\n/unqueue\n/unqueue\n/unqueue\n/cancel\n")
        program.until_written("error[run.cancelled]")
        program.type(b"/quit\n")
        assert program.finish() == 0
        told = program.written.decode()
    assert told.count("it is taken in at the next step") == 1
    assert told.count("it waits for this one") == 2
    assert told.count("taken back: ") == 2
    assert told.count("nothing waits") == 1
