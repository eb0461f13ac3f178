"""What `-c`, `-s` and `--fork` mean to the session, and which terminal is which."""

import os
import pty
from pathlib import Path

import pytest

from tests.cli.fake_session import FakeSession
from tests.cli.harness import Cli, UseSession
from toollama.cli import terminal


def test_c_goes_on_from_this_terminal(
    cli: Cli, use_session: UseSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLLAMA_SESSION", "kitchen")
    session = use_session(FakeSession())
    cli("ask", "-c", "and in Paris?")
    assert session.asked is not None
    thread = session.asked.thread
    assert (thread.terminal, thread.continues) == ("TOOLLAMA_SESSION=kitchen", True)


def test_s_names_a_conversation_and_fork_leaves_it(cli: Cli, use_session: UseSession) -> None:
    session = use_session(FakeSession())
    cli("ask", "-s", "trip", "--fork", "and in Paris?")
    assert session.asked is not None
    assert (session.asked.thread.name, session.asked.thread.fork) == ("trip", True)


@pytest.mark.parametrize(
    "arguments", [["-c", "-s", "trip"], ["--fork"], ["-s", "../trip"], ["-s", ""]]
)
def test_what_cannot_be_meant_is_a_usage_error(cli: Cli, arguments: list[str]) -> None:
    assert cli("ask", *arguments, "x").code == 2


def test_two_terminals_have_two_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in terminal._VARIABLES:
        monkeypatch.delenv(name, raising=False)
    pairs = [pty.openpty(), pty.openpty()]
    names = []
    for _, device in (*pairs, *pairs):
        monkeypatch.setattr(terminal, "_STREAMS", (device,))
        names.append(terminal.terminal_id())
    for descriptor in (end for pair in pairs for end in pair):
        os.close(descriptor)
    assert names[:2] == names[2:]
    assert names[0] != names[1]


def test_without_a_terminal_the_directory_stands_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in terminal._VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(terminal, "_STREAMS", ())
    monkeypatch.chdir(tmp_path)
    assert terminal.terminal_id() == f"directory={tmp_path}"
