"""`toollama chat`, line by line from a pipe and on a terminal."""

import sys
from pathlib import Path

import pytest

from tests.cli.fake_session import FakeSession
from tests.cli.harness import Cli, Outcome, UseSession
from tests.cli.pty_program import on_a_terminal
from toollama.cli import prompting
from toollama.commands import commands_of
from toollama.errors import ModelMissing


class Talk:
    """Types lines into a chat in this process."""

    def __init__(self, cli: Cli, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
        self._cli, self._monkeypatch, self._place = cli, monkeypatch, place

    def __call__(self, *lines: str, options: tuple[str, ...] = ()) -> Outcome:
        script = self._place / "lines"
        script.write_text("".join(f"{line}\n" for line in lines))
        with script.open() as source:
            self._monkeypatch.setattr(sys, "stdin", source)
            return self._cli("chat", *options)


@pytest.fixture
def talk(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Talk:
    return Talk(cli, monkeypatch, tmp_path)


def test_each_line_is_a_request_and_the_session_is_closed_once(
    talk: Talk, use_session: UseSession
) -> None:
    session = use_session(FakeSession())
    assert talk("one", "", "two") == Outcome(0, "Paris.\nParis.\n", "")
    assert session.asked is not None
    assert (session.asked.prompt, session.closed) == ("two", True)


def test_a_backslash_and_a_fence_make_one_request_of_several_lines(
    talk: Talk, use_session: UseSession
) -> None:
    session = use_session(FakeSession())
    talk("sum up \\", "this")
    assert session.asked is not None
    assert session.asked.prompt == "sum up \nthis"
    talk('"""', "one", "two", '"""')
    assert session.asked.prompt == "one\ntwo"


def test_the_options_hold_for_every_request(talk: Talk, use_session: UseSession) -> None:
    session = use_session(FakeSession())
    talk("x", options=("-S", "Be brief.", "-T", "date_*", "--no-tools", "-s", "trip"))
    assert session.asked is not None
    asked = session.asked
    assert (asked.system, asked.tools, asked.use_tools) == ("Be brief.", ("date_*",), False)
    assert asked.thread.name == "trip"


def test_an_at_sign_attaches_a_file(talk: Talk, use_session: UseSession, tmp_path: Path) -> None:
    session = use_session(FakeSession())
    (tmp_path / "a.csv").write_text("1")
    talk(f"sum up @{tmp_path}/a.csv")
    assert session.asked is not None
    assert session.asked.prompt == f"sum up {tmp_path}/a.csv"
    assert session.asked.attachments[0].path == tmp_path / "a.csv"


@pytest.mark.parametrize("command", ["/plan", "/then"])
def test_a_file_comes_along_with_a_command_too(
    talk: Talk, use_session: UseSession, tmp_path: Path, command: str
) -> None:
    session = use_session(FakeSession())
    (tmp_path / "a.csv").write_text("1")
    talk(f"{command} sum up @{tmp_path}/a.csv")
    assert session.asked is not None
    assert session.asked.attachments[0].path == tmp_path / "a.csv"


def test_a_name_behind_an_at_sign_is_a_word_where_no_file_is_called_so(
    talk: Talk, use_session: UseSession
) -> None:
    session = use_session(FakeSession())
    talk("what does @someone say?")
    assert session.asked is not None
    assert (session.asked.prompt, session.asked.attachments) == ("what does someone say?", ())


def test_a_mistake_is_told_and_the_chat_goes_on(talk: Talk, use_session: UseSession) -> None:
    use_session(FakeSession())
    done = talk("/opne x", "@/nowhere/gone", "x")
    assert (done.code, done.out) == (0, "Paris.\n")
    assert done.err.count("error[") == 2


def test_a_script_ends_with_the_code_of_its_last_request(
    talk: Talk, use_session: UseSession
) -> None:
    use_session(FakeSession(failure=ModelMissing("no file", fix="get it")))
    assert talk("x").code == 3


def test_quit_leaves_the_rest_unread(talk: Talk, use_session: UseSession) -> None:
    session = use_session(FakeSession())
    assert talk("/quit", "x").code == 0
    assert session.asked is None


def test_help_lists_every_command(talk: Talk, use_session: UseSession) -> None:
    use_session(FakeSession())
    assert all(command.usage in talk("/help").out for command in commands_of("chat"))


def test_new_and_open_choose_the_conversation(talk: Talk, use_session: UseSession) -> None:
    session = use_session(FakeSession())
    talk("/new trip", "x")
    assert session.asked is not None
    assert session.asked.thread.name == "trip"


def test_a_plan_runs_nothing_and_leaves_the_conversation_alone(
    talk: Talk, use_session: UseSession
) -> None:
    session = use_session(FakeSession())
    talk("/new trip", "/plan compare", "x")
    assert session.asked is not None
    assert (session.asked.plan_only, session.asked.thread.name) == (False, "trip")


def test_retry_asks_the_last_request_again(talk: Talk, use_session: UseSession) -> None:
    session = use_session(FakeSession())
    assert talk("one", "/retry").out == "Paris.\nParis.\n"
    assert session.asked is not None
    assert session.asked.prompt == "one"


@pytest.mark.parametrize(
    "line", ["/retry", "/copy", "/save a", "/tree", "/why", "/fork", "/observer"]
)
def test_what_needs_a_request_before_it_says_so(
    talk: Talk, use_session: UseSession, line: str
) -> None:
    use_session(FakeSession())
    assert "ask something first" in talk(line).err


def test_an_answer_is_saved_and_copied(talk: Talk, use_session: UseSession, tmp_path: Path) -> None:
    from toollama.events.payloads import MessageCompleted

    use_session(FakeSession(payloads=[MessageCompleted(text="Paris.")]))
    done = talk("x", f"/save {tmp_path}/kept.md", "/copy")
    assert (tmp_path / "kept.md").read_text() == "Paris.\n"
    assert f"the answer is in {tmp_path}/state/last-copy.md" in done.err
    assert (tmp_path / "state" / "last-copy.md").read_text() == "Paris."


@pytest.mark.parametrize("options", [(), ("--plain",)])
def test_on_a_terminal_a_request_is_stopped_and_the_chat_goes_on(options: tuple[str, ...]) -> None:
    with on_a_terminal("chat", *options, scene="hang") as program:
        program.until_written("> ")
        program.type(b"x\n")
        program.until_written("hanging")
        program.interrupt()
        program.until_written("error[run.cancelled]")
        program.type(b"/help\n")
        program.until_written("List the commands.")
        program.type(b"/quit\n")
        assert program.finish() == 0


def test_a_running_request_is_cancelled_by_a_line(tmp_path: Path) -> None:
    with on_a_terminal("chat", "--plain", scene="hang") as program:
        program.until_written("> ")
        program.type(b"x\n")
        program.until_written("hanging")
        program.type(b"/cancel\n")
        program.until_written("error[run.cancelled]")
        program.type(b"/quit\n")
        assert program.finish() == 0


def test_what_is_typed_meanwhile_is_asked_afterwards() -> None:
    with on_a_terminal("chat", "--plain", scene="hang") as program:
        program.until_written("> ")
        program.type(b"x\n")
        program.until_written("hanging")
        program.type(b"/sessions\n")
        program.until_written("it waits for this one")
        program.type(b"/cancel\n")
        program.until_written("no conversations yet")
        program.type(b"/quit\n")
        assert program.finish() == 0


def test_two_interrupts_at_the_prompt_leave_with_130() -> None:
    with on_a_terminal("chat", "--plain", scene="answer") as program:
        program.until_written("> ")
        program.interrupt()
        program.until_written("Ctrl-C again leaves")
        program.interrupt()
        assert program.finish() == 130


def test_plain_sends_no_escape_sequence() -> None:
    with on_a_terminal("chat", "--plain", scene="markdown") as program:
        program.until_written("> ")
        program.type(b"x\n/quit\n")
        program.finish()
        assert b"\x1b" not in program.written


def test_the_history_is_kept_for_the_user_only(tmp_path: Path) -> None:
    with on_a_terminal("chat", scene="answer") as program:
        program.until_written("> ")
        program.type(b"a question\n")
        program.until_written("sales.csv")
        program.type(b"/quit\n")
        assert program.finish() == 0
    history = prompting.history_file()
    assert "a question" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0
