"""Lines typed into a chat while a request goes on."""

import pytest

from toollama.cli.typed import Typed


class Listener:
    """Takes every line, or none."""

    def __init__(self, *, takes: bool) -> None:
        self.takes = takes
        self.added: list[str] = []
        self.cancelled: list[str] = []
        self.typed = Typed(cancel=self.cancelled.append, amend=self._amend, withdraw=self._withdraw)

    def _amend(self, text: str) -> bool:
        if self.takes:
            self.added.append(text)
        return self.takes

    def _withdraw(self) -> bool:
        return bool(self.added) and bool(self.added.pop())


def test_a_line_is_added_to_the_request_that_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    listener = Listener(takes=True)
    listener.typed.take("and in Paris?")
    assert (listener.added, list(listener.typed.queue)) == (["and in Paris?"], [])
    assert "taken in at the next step" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "queued"),
    [
        ("/then and in Paris?", "and in Paris?"),
        ("/sessions", "/sessions"),
        ("!calculator expression=2", "!calculator expression=2"),
        ("read @notes.md", "read @notes.md"),
        ("/no-such-command", "/no-such-command"),
    ],
)
def test_what_is_no_part_of_the_request_waits_for_its_end(line: str, queued: str) -> None:
    listener = Listener(takes=True)
    listener.typed.take(line)
    assert (listener.added, list(listener.typed.queue)) == ([], [queued])


def test_a_line_that_the_request_does_not_take_is_asked_after_it() -> None:
    listener = Listener(takes=False)
    listener.typed.take("and in Paris?")
    assert list(listener.typed.queue) == ["and in Paris?"]


def test_unqueue_takes_back_what_waits_and_then_what_was_added(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listener = Listener(takes=True)
    for line in ("one", "/then two", "/unqueue", "/unqueue", "/unqueue"):
        listener.typed.take(line)
    assert (listener.added, list(listener.typed.queue)) == ([], [])
    assert "nothing waits" in capsys.readouterr().err
