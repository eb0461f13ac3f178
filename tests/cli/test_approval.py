"""A person at a terminal is asked; anything but yes is no."""

import os
import sys
from dataclasses import dataclass, field
from typing import Any

import pytest

from toollama.cli import approval
from toollama.policy import Effect


@dataclass(frozen=True)
class Request:
    """The fields of the session's own request for approval."""

    tool: str = "send_mail"
    arguments: dict[str, Any] = field(default_factory=lambda: {"to": "Ann\x1b"})
    reason: str = "it sends on your behalf"
    effects: frozenset[Effect] = frozenset({Effect.SEND})


@pytest.mark.parametrize(
    ("typed", "allowed"),
    [("y\n", True), ("YES\n", True), ("\n", False), ("no\n", False), ("yes please\n", False)],
)
async def test_only_a_typed_yes_allows(
    monkeypatch: pytest.MonkeyPatch, typed: str, allowed: bool
) -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, typed.encode())
    with os.fdopen(read_end) as keyboard:
        monkeypatch.setattr(sys, "stdin", keyboard)
        assert await approval.approve(Request()) is allowed  # type: ignore[arg-type]
    os.close(write_end)


@pytest.mark.parametrize(
    ("typed", "allowed", "asked"),
    [
        (["y", "y"], [True, True], 2),
        (["s"], [True, True], 1),
        (["", "n"], [False, False], 2),
        (["no", "s"], [False, True], 2),
    ],
)
async def test_what_is_allowed_for_the_session_is_not_asked_again(
    typed: list[str], allowed: list[bool], asked: int, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = iter(typed)

    async def read() -> str:
        return next(lines)

    approve = approval.SessionApproval(read)
    assert [await approve(Request()), await approve(Request())] == allowed  # type: ignore[arg-type]
    told = capsys.readouterr().err
    assert told.count("s for the session: send_mail to=Ann") == asked


async def test_the_question_shows_the_call_safely(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(approval, "_line", _no_answer)
    assert not await approval.approve(Request())  # type: ignore[arg-type]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        'warning: send_mail {"to":"Ann\\u001b"} needs your approval: it sends on your behalf\n'
        "allow it (send)? y/N "
    )


async def _no_answer() -> str:
    return ""


def test_nobody_is_asked_where_stdin_is_no_terminal() -> None:
    assert not approval.can_ask()
