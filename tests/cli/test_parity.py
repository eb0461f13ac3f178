"""`chat --plain` does what the full screen does, as far as text can.

Two lists: every key of the screen with the chat's command that does the same, or the reason why
text cannot; and for every command a line that is typed into the chat, with what it must show.
"""

import inspect
import pkgutil
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from unittest.mock import Mock

import pytest
from textual.binding import Binding

import toollama.tui
from tests.cli.fake_session import FakeSession
from tests.cli.harness import Cli, Outcome, UseSession
from tests.cli.pty_program import on_a_terminal
from tests.tui.stage import kept_run, recorded
from toollama import paths
from toollama.cli.chat_commands import ChatCommands
from toollama.commands import COMMANDS, commands_of, help_lines
from toollama.fold import RunView
from toollama.fold.report import report
from toollama.tui.screens.slash import SlashCommands

KEYS = {
    "app.quit": "/quit",
    "app.palette": "a list of the commands: /help, and Tab completes them",
    "help": "/help",
    "pane.plan": "/tree",
    "pane.answer": "the answer is printed as it comes",
    "pane.trace": "/trace",
    "pane.observer": "/observer",
    "pane.models": "/models",
    "PaneTabs.left": "there are no panes",
    "PaneTabs.right": "there are no panes",
    "pane.zoom": "there are no panes",
    "pane.observer.toggle": "there are no panes; -q tells no insights",
    "prompt.command": "as below",
    "prompt.focus": "there is nothing else to type into",
    "prompt.send": "Enter sends a line here too",
    "prompt.then": "/then",
    "prompt.newline": "a backslash at the end of a line",
    "prompt.undo": "the line editor has Ctrl+_ too",
    "app.suspend": "Ctrl+Z is the terminal's own here",
    "prompt.older": "the line editor has a history; --plain leaves it to the screen reader",
    "prompt.newer": "as above",
    "prompt.complete": "the line editor completes commands",
    "run.stop": "/cancel",
    "task.cancel": "/cancel",
    "task.retry": "/retry",
    "task.why": "/why",
    "task.prompts": "/prompt",
    "answer.sources": "/sources",
    "insight.apply": "/apply",
    "answer.evidence": "/sources",
    "layout.next": "there are no panes",
    "replay.pause": "a run told as text stands still: the terminal scrolls",
    "replay.step": "as above",
    "replay.faster": "as above; toollama replay takes --speed",
    "replay.slower": "as above",
    "choice.close": "there is nothing laid over the lines",
    "answer.copy": "/copy",
    "answer.copy.block": "/copy",
    "answer.up": "there is no cursor in what was printed",
    "answer.down": "as above",
    "answer.follow": "the terminal follows what is printed",
    "runs.open": "/runs",
    "runs.close": "there is nothing laid over the lines",
    "Runs.down": "as above",
    "detail.close": "as above",
    "detail.copy": "the terminal copies what was printed; /save and /export write files",
    "plan.run": "/run",
    "plan.discard": "a plan that is not run needs no line",
    "approve.once": "y, as the question says",
    "approve.session": "s, as the question says",
    "approve.no": "n, or Enter",
}
"""By the binding's id: the chat's command, or why there is none."""

OUTLINE = """\
goal: "two"
models:
tasks:
  - task: 2
    belter: "knowledge"
    ask: "what is 2 + 3"
    tools: ["calculator"]
"""


@dataclass(frozen=True)
class Proof:
    """A line that is typed after `/open last`, and what must be shown then."""

    line: str
    shows: Callable[[RunView], str]


def _report(name: str, argument: str = "") -> Callable[[RunView], str]:
    return lambda view: report(view, name, argument)


PROOFS = {
    "help": Proof("/help", lambda _: "\n".join(help_lines("chat"))),
    "new": Proof("/new trip", lambda _: "a new conversation, trip"),
    "sessions": Proof("/sessions", lambda view: view.run_id),
    "open": Proof("/open last", lambda view: view.answer.text),
    "fork": Proof("/fork", lambda _: "the next request begins a conversation of its own"),
    "model": Proof("/model", lambda _: "camina"),
    "tools": Proof("/tools", lambda _: "calculator"),
    "agents": Proof("/agents", lambda _: "drummer."),
    "cancel": Proof("/cancel", lambda _: "nothing is running"),
    "apply": Proof("/apply", lambda _: "no insight suggests anything"),
    "then": Proof("/then x", lambda _: OUTLINE),
    "queue": Proof("/queue", lambda _: "nothing waits"),
    "unqueue": Proof("/unqueue", lambda _: "nothing waits"),
    "why": Proof("/why 2", _report("why", "2")),
    "prompt": Proof("/prompt 3", _report("prompt", "3")),
    "sources": Proof("/sources 1", _report("sources", "1")),
    "tree": Proof("/tree", _report("tree")),
    "trace": Proof("/trace last", _report("trace")),
    "observer": Proof("/observer", _report("observer")),
    "event": Proof("/event 3 #4", _report("event", "3 4")),
    "models": Proof("/models", _report("models")),
    "usage": Proof("/usage last", _report("usage")),
    "runs": Proof("/runs miles", lambda view: view.run_id),
    "replay": Proof("/replay", lambda view: view.answer.text),
    "attach": Proof("/attach last", lambda view: view.answer.text),
}
TYPED_BELOW = {"plan", "edit", "run", "retry", "copy", "save", "export", "quit"}
"""Commands that leave more than a text, each with a test of its own below."""

Type = Callable[..., Outcome]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a log that holds the recorded run."""
    database = tmp_path_factory.mktemp("log") / "log.db"
    kept_run(database)
    return database


@pytest.fixture
def session(use_session: UseSession, log: Path, tools_index: Path) -> FakeSession:
    for kept, place in ((log, paths.database()), (tools_index, paths.cache_dir() / "tools.json")):
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, place)
    return use_session(FakeSession(answer=OUTLINE))


@pytest.fixture
def type_lines(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, session: FakeSession
) -> Type:
    """Type lines into a plain chat that speaks of the recorded run."""

    def type_(*lines: str) -> Outcome:
        script = tmp_path / "lines"
        script.write_text("".join(f"{line}\n" for line in ["/open last", *lines]))
        with script.open() as source:
            monkeypatch.setattr(sys, "stdin", source)
            return cli("chat", "--plain")

    return type_


def _bindings() -> Iterator[str]:
    """Yield the id of every key of the screen, or its class and key where it has none."""
    for module in pkgutil.walk_packages(toollama.tui.__path__, "toollama.tui."):
        for _, kind in inspect.getmembers(import_module(module.name), inspect.isclass):
            if kind.__module__ == module.name:
                for binding in kind.__dict__.get("BINDINGS", ()):
                    assert isinstance(binding, Binding)
                    yield binding.id or f"{kind.__name__}.{binding.key}"


def test_every_key_of_the_screen_has_a_command_or_a_reason() -> None:
    assert set(_bindings()) == set(KEYS)


def test_a_command_that_stands_for_a_key_is_proven() -> None:
    named = {said.removeprefix("/") for said in KEYS.values() if said.startswith("/")}
    assert named <= PROOFS.keys() | TYPED_BELOW


def test_every_command_is_proven_or_says_what_does_it_instead() -> None:
    proven = PROOFS.keys() | TYPED_BELOW
    assert {command.name for command in commands_of("chat")} == proven
    rest = [command for command in COMMANDS if command.name not in proven]
    assert [command.name for command in rest] == ["theme"]
    assert all(command.instead for command in rest)


def test_chat_and_screen_carry_out_their_commands() -> None:
    chat, screen = ChatCommands(Mock(), plain=True), SlashCommands(Mock())
    assert chat.names == {command.name for command in commands_of("chat")}
    assert screen.names == {command.name for command in commands_of("screen")}


@pytest.mark.parametrize("name", PROOFS)
def test_a_typed_line_shows_what_the_fold_says(name: str, type_lines: Type) -> None:
    done = type_lines(PROOFS[name].line)
    wanted = PROOFS[name].shows(RunView.of(recorded()))
    assert wanted
    assert wanted in done.out + done.err


def test_a_plan_is_made_edited_and_run(
    type_lines: Type, session: FakeSession, tmp_path: Path
) -> None:
    edited = tmp_path / "plan.yaml"
    edited.write_text(OUTLINE.replace("2 + 3", "4 + 5"))
    shown = type_lines("/plan two things")
    assert OUTLINE in shown.out
    assert session.asked is not None
    assert session.asked.plan_only
    type_lines("/plan two things", f"/edit {edited}", "/run")
    assert session.asked.prompt == "two things"
    assert [(task.task, task.ask) for task in session.asked.plan.tasks] == [(1, "what is 4 + 5")]


def test_an_edit_needs_an_editor_or_a_file(type_lines: Type) -> None:
    assert "an editor needs a terminal" in type_lines("/plan two things", "/edit").err


def test_a_task_of_the_run_is_done_again(type_lines: Type, session: FakeSession) -> None:
    type_lines("/retry 3")
    assert session.retried == (recorded()[0].run_id, 3)


def test_the_answer_is_copied_saved_and_exported(type_lines: Type, tmp_path: Path) -> None:
    type_lines("/copy", f"/save {tmp_path}/answer.md", f"/export {tmp_path}/run.jsonl")
    answer = RunView.of(recorded()).answer.text
    assert (tmp_path / "state" / "last-copy.md").read_text() == answer
    assert (tmp_path / "answer.md").read_text() == f"{answer.rstrip()}\n"
    assert len((tmp_path / "run.jsonl").read_text().splitlines()) == len(recorded())


def test_quit_leaves_what_follows_unread(type_lines: Type, session: FakeSession) -> None:
    type_lines("/quit", "x")
    assert session.asked is None


def test_a_run_is_steered_by_lines_while_it_goes_on() -> None:
    with on_a_terminal("chat", "--plain", scene="hang") as program:
        program.until_written("> ")
        program.type(b"x\n")
        program.until_written("hanging")
        program.type(b"later\n/queue\n/unqueue\n/tree\n/cancel 1\n/cancel\n")
        program.until_written("error[run.cancelled]")
        program.type(b"/queue\n/quit\n")
        assert program.finish() == 0
        told = program.written.decode()
    at = [told.index(part) for part in ("it waits for this one", "taken back: later", "◐ x")]
    assert at == sorted(at)
    assert "stopped: task 1" in told
    assert told.count("nothing waits") == 1


def test_what_the_session_allows_is_asked_once() -> None:
    with on_a_terminal("chat", "--plain", scene="approvals") as program:
        program.until_written("> ")
        program.type(b"x\n")
        program.until_written("y/s/N")
        program.type(b"s\n")
        program.until_written("allowed [True, True]")
        program.type(b"/quit\n")
        assert program.finish() == 0
        told = program.written.decode()
    assert told.count("y/s/N") == 1
    assert "s for the session: write_file path=notes.md (write_local)" in told


def test_an_insight_is_told_when_it_comes(type_lines: Type, session: FakeSession) -> None:
    from toollama.events.payloads import Insight

    seen = Insight(severity="warning", kind="repeat", message="again", events=[1, 2])
    session.payloads = [seen]
    assert type_lines("x").err.count("warning: observer repeat: again (/event 1 2)\n") == 1


def test_what_an_insight_suggests_is_done(type_lines: Type, session: FakeSession) -> None:
    from toollama.events.payloads import Insight, Suggestion

    pin = Suggestion(what="pin_model", model="m")
    session.payloads = [Insight(severity="info", kind="swaps", message="many", suggestion=pin)]
    seen = type_lines("x", "/apply", "y").err
    assert "give every role m from the next request on (/apply 3)" in seen
    assert session.asked is not None
    assert session.asked.models == {"all": "m"}
