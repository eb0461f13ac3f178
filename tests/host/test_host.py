"""One session behind several screens: turns, approvals, cancelling, and the socket between."""

import asyncio
import socket
import stat
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event as Flag
from typing import Any, cast

import pytest

from toollama.agents.messages import Answer, Attached, Question
from toollama.ask_options import AskOptions
from toollama.clock import SystemClock
from toollama.errors import InputError, RunFailed
from toollama.events import Bus, Subscriber
from toollama.events.payloads import MessageDelta, RunCompleted, RunStarted
from toollama.host import wire
from toollama.host.client import SocketCrew
from toollama.host.crew import Crew, NoticeQueue
from toollama.host.desk import Desk, command_for, restored
from toollama.host.local import LocalCrew
from toollama.host.notices import (
    AmendCommand,
    ApprovalNotice,
    AskCommand,
    CancelCommand,
    DecideCommand,
    EndedNotice,
    EventNotice,
    Notice,
    NotTakenNotice,
    QuestionNotice,
    ReplyCommand,
    RetryCommand,
    WithdrawCommand,
    WithdrawnNotice,
)
from toollama.host.replay import ReplayCrew
from toollama.host.rules import Rule
from toollama.host.server import Host
from toollama.policy import Effect
from toollama.session import ApprovalRequest, Session


class ScriptedSession:
    """Serves a request by asking for what its prompt names: `approve`, `question`, `wait`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.serving = 0
        self.most_at_once = 0
        self.cancelled_tasks: list[int] = []
        self.added: list[str] = []
        self.directories: dict[str, str] = {}
        """Where each run was asked."""
        self.worked_in: list[Path] = []

    async def ask(
        self,
        options: AskOptions,
        *,
        subscribers: Sequence[Subscriber] = (),
        approve: Any = None,
        clarify: Any = None,
    ) -> Answer:
        self.asked.append(options.prompt)
        self.serving += 1
        self.most_at_once = max(self.most_at_once, self.serving)
        bus = Bus(f"run-{len(self.asked)}", SystemClock())
        for subscriber in subscribers:
            bus.subscribe(subscriber)
        bus.emit(RunStarted(prompt=options.prompt, version="0", profile=""))
        try:
            said = await self._serve(options.prompt, approve, clarify)
        finally:
            self.serving -= 1
        bus.emit(RunCompleted(status="complete", answer=said, exit_code=0))
        return Answer(text=said, status="complete")

    async def _serve(self, prompt: str, approve: Any, clarify: Any) -> str:
        await asyncio.sleep(0.01)
        match prompt.split():
            case ["approve", path]:
                request = ApprovalRequest(
                    "write_file", {"path": path}, "outside", frozenset({Effect.WRITE_LOCAL})
                )
                return "allowed" if await approve(request) else "refused"
            case ["both", *paths]:
                asked = (self._serve(f"approve {path}", approve, clarify) for path in paths)
                return " ".join(await asyncio.gather(*asked))
            case ["question"]:
                return str(await clarify(Question(tool="t", parameter="city", text="which city?")))
            case ["wait"]:
                await asyncio.Event().wait()
            case ["fail"]:
                raise InputError("no", fix="yes")
        return "done"

    def directory_of(self, name: str) -> str:
        return self.directories.get(name, "")

    async def retry(self, name: str, *, task: int | None = None, **_rest: Any) -> Answer:
        self.asked.append(f"{name} task {task}")
        self.worked_in.append(Path.cwd())
        return Answer(text="again", status="complete")

    def amend(self, text: str) -> int | None:
        self.added.append(text)
        return None if text == "too late" else len(self.added)

    def withdraw(self, number: int) -> bool:
        self.added.append(f"back {number}")
        return True

    def cancel_task(self, number: int) -> tuple[int, ...]:
        self.cancelled_tasks.append(number)
        return (number,)

    async def close(self) -> None:
        self.asked.append("closed")


def _session() -> tuple[ScriptedSession, Session]:
    scripted = ScriptedSession()
    return scripted, cast("Session", scripted)


def _ask(prompt: str) -> AskCommand:
    return command_for(AskOptions(prompt=prompt, interactive=True))


def _until(crew: Crew, wanted: type[Notice]) -> list[Notice]:
    """Return what a crew tells up to the first notice of a kind."""
    found: list[Notice] = []
    for _ in range(500):
        for notice in crew.drain(1):
            found.append(notice)
            if isinstance(notice, wanted):
                return found
        time.sleep(0.01)
    raise AssertionError(f"it never told {wanted}: {found}")


async def _till(holds: Callable[[], bool]) -> None:
    for _ in range(500):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to hold")


def _answer(notices: Sequence[Notice]) -> str:
    events = [notice.event for notice in notices if isinstance(notice, EventNotice)]
    return next(str(e.data["answer"]) for e in events if e.type == "run.completed")


def test_a_local_crew_serves_a_request_on_its_own_thread() -> None:
    _, session = _session()
    crew = LocalCrew(lambda: session)
    crew.send(_ask("hello"))
    assert _answer(_until(crew, EndedNotice)) == "done"
    crew.close()


def test_a_session_that_cannot_open_is_told_as_an_error_line() -> None:
    def broken() -> Session:
        raise InputError("config.toml:1 is wrong", fix="mend it")

    crew = LocalCrew(broken)
    crew.send(_ask("hello"))
    (ended,) = _until(crew, EndedNotice)
    assert isinstance(ended, EndedNotice)
    assert "config.toml:1 is wrong" in ended.error
    crew.close()


def test_closing_a_local_crew_stops_its_run_and_its_session() -> None:
    scripted, session = _session()
    crew = LocalCrew(lambda: session)
    crew.send(_ask("wait"))
    _until(crew, EventNotice)
    crew.close()
    assert (scripted.serving, scripted.asked[-1]) == (0, "closed")


async def _desk() -> tuple[ScriptedSession, Desk, list[Notice]]:
    scripted, session = _session()
    told: list[Notice] = []
    return scripted, Desk(session, told.append, turn=asyncio.Lock()), told


@pytest.mark.parametrize(("verdict", "said"), [("once", "allowed"), ("no", "refused")])
async def test_an_approval_is_what_the_person_decides(verdict: Any, said: str) -> None:
    _, desk, told = await _desk()
    desk.take(_ask("approve a.md"))
    await _till(lambda: any(isinstance(notice, ApprovalNotice) for notice in told))
    desk.take(DecideCommand(verdict=verdict))
    await _till(lambda: isinstance(told[-1], EndedNotice))
    assert _answer(told) == said


async def test_session_allows_the_same_tool_at_the_same_place_only() -> None:
    _, desk, told = await _desk()
    for path, asks in (("a.md", 1), ("a.md", 1), ("b.md", 2)):
        ended = sum(isinstance(notice, EndedNotice) for notice in told)
        desk.take(_ask(f"approve {path}"))
        await _till(
            lambda ended=ended, asks=asks: (  # type: ignore[misc]
                sum(isinstance(n, ApprovalNotice) for n in told) >= asks
            )
        )
        desk.take(DecideCommand(verdict="session"))
        await _till(
            lambda ended=ended: sum(isinstance(n, EndedNotice) for n in told) > ended  # type: ignore[misc]
        )
    assert sum(isinstance(notice, ApprovalNotice) for notice in told) == 2


async def test_calls_that_wait_at_the_same_time_are_each_decided() -> None:
    _, desk, told = await _desk()
    desk.take(_ask("both a.md b.md"))
    for asked, verdict in ((1, "once"), (2, "no")):
        await _till(lambda asked=asked: sum(isinstance(n, ApprovalNotice) for n in told) == asked)  # type: ignore[misc]
        desk.take(DecideCommand(verdict=verdict))  # type: ignore[arg-type]
    await _till(lambda: isinstance(told[-1], EndedNotice))
    assert _answer(told) == "allowed refused"


async def test_a_call_whose_run_is_stopped_is_told_to_wait_no_more() -> None:
    _, desk, told = await _desk()
    desk.take(_ask("approve a.md"))
    await _till(lambda: any(isinstance(notice, ApprovalNotice) for notice in told))
    desk.take(CancelCommand())
    await _till(lambda: isinstance(told[-1], EndedNotice))
    assert isinstance(told[-2], WithdrawnNotice)


async def test_a_question_is_answered_in_words() -> None:
    _, desk, told = await _desk()
    desk.take(_ask("question"))
    await _till(lambda: any(isinstance(notice, QuestionNotice) for notice in told))
    desk.take(ReplyCommand(text="Oslo"))
    await _till(lambda: isinstance(told[-1], EndedNotice))
    assert _answer(told) == "Oslo"


async def test_cancelling_a_task_reaches_the_session_only_while_it_serves() -> None:
    scripted, desk, told = await _desk()
    desk.take(CancelCommand(task=1))
    desk.take(_ask("wait"))
    await _till(lambda: bool(told))
    desk.take(CancelCommand(task=2))
    desk.take(CancelCommand())
    await _till(lambda: isinstance(told[-1], EndedNotice))
    assert scripted.cancelled_tasks == [2]


async def test_added_words_reach_the_run_that_goes_on_or_come_back() -> None:
    scripted, desk, told = await _desk()
    desk.take(AmendCommand(text="before"))
    desk.take(_ask("wait"))
    await _till(lambda: scripted.serving == 1)
    desk.take(AmendCommand(text="and in Paris?"))
    desk.take(AmendCommand(text="too late"))
    desk.take(WithdrawCommand(amendment=1))
    desk.take(CancelCommand())
    await _till(lambda: isinstance(told[-1], EndedNotice))
    back = [notice.text for notice in told if isinstance(notice, NotTakenNotice)]
    assert back == ["before", "too late"]
    assert scripted.added == ["and in Paris?", "too late", "back 1"]


async def test_a_task_is_done_again_as_a_request_of_its_own() -> None:
    scripted, desk, told = await _desk()
    desk.take(wire.read_command(wire.command_line(RetryCommand(run="r1", task=2))))
    await _till(lambda: bool(told))
    assert scripted.asked == ["r1 task 2"]
    assert told == [EndedNotice()]


async def test_a_task_is_done_again_where_its_run_was_asked(tmp_path: Path) -> None:
    scripted, desk, told = await _desk()
    scripted.directories = {"there": str(tmp_path)}
    here = Path.cwd()
    desk.take(RetryCommand(run="there", task=1))
    await _till(lambda: told == [EndedNotice()])
    assert scripted.worked_in == [tmp_path]
    assert Path.cwd() == here


async def test_a_run_whose_directory_is_gone_is_not_done_again(tmp_path: Path) -> None:
    scripted, desk, told = await _desk()
    scripted.directories = {"gone": str(tmp_path / "gone")}
    desk.take(RetryCommand(run="gone", task=1))
    await _till(lambda: bool(told))
    (ended,) = told
    assert isinstance(ended, EndedNotice)
    assert "No such file or directory" in ended.error
    assert scripted.asked == []


def test_a_replay_gives_back_what_is_added_to_it() -> None:
    event = Bus("r", SystemClock()).emit(RunStarted(prompt="x", version="0", profile=""))
    crew = ReplayCrew([event], SystemClock())
    crew.send(AmendCommand(text="and in Paris?"))
    assert crew.drain(1) == [NotTakenNotice(text="and in Paris?")]


async def test_two_screens_share_one_engine_one_request_at_a_time(tmp_path: Path) -> None:
    scripted, session = _session()
    path = tmp_path / "s" / "host.sock"
    async with Host(session).listening(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        crews = [await asyncio.to_thread(SocketCrew, path) for _ in range(2)]
        for crew in crews:
            crew.send(_ask("hello"))
        answers = await asyncio.gather(
            *(asyncio.to_thread(_until, crew, EndedNotice) for crew in crews)
        )
        assert [_answer(found) for found in answers] == ["done", "done"]
        assert scripted.most_at_once == 1
        for crew in crews:
            await asyncio.to_thread(crew.close)
    assert not path.exists()


async def test_a_screen_that_leaves_stops_its_own_run(tmp_path: Path) -> None:
    scripted, session = _session()
    path = tmp_path / "host.sock"
    async with Host(session).listening(path):
        crew = await asyncio.to_thread(SocketCrew, path)
        crew.send(_ask("wait"))
        await _till(lambda: scripted.serving == 1)
        await asyncio.to_thread(crew.close)
        await _till(lambda: scripted.serving == 0)


async def test_a_line_that_is_no_command_is_refused_and_the_screen_stays(tmp_path: Path) -> None:
    _, session = _session()
    path = tmp_path / "host.sock"
    async with Host(session).listening(path):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b'{"kind":"rm -rf"}\nnot json\n' + wire.command_line(_ask("hello")))
        told = [wire.read_notice(await reader.readline()) for _ in range(5)]
        kinds = [notice.kind for notice in told]
        assert kinds == ["ended", "ended", "event", "event", "ended"]
        writer.close()
        await writer.wait_closed()


async def test_a_host_that_died_is_told_and_every_later_request_is_told_its_fix(
    tmp_path: Path,
) -> None:
    _, session = _session()
    path = tmp_path / "host.sock"
    async with Host(session).listening(path):
        crew = await asyncio.to_thread(SocketCrew, path)
    gone = await asyncio.to_thread(_until, crew, EndedNotice)
    crew.send(_ask("hello"))
    again = await asyncio.to_thread(_until, crew, EndedNotice)
    for notice in (gone[-1], again[-1]):
        assert isinstance(notice, EndedNotice)
        assert notice.error.startswith("error[host.gone]")
        assert notice.error.endswith("fix: toollama serve --web")
    await asyncio.to_thread(crew.close)


async def test_a_screen_that_connects_while_its_host_ends_is_let_go(tmp_path: Path) -> None:
    _, session = _session()
    path = tmp_path / "host.sock"
    for turns_of_the_loop in range(6):
        with socket.socket(socket.AF_UNIX) as screen:
            async with Host(session).listening(path):
                screen.connect(str(path))
                for _ in range(turns_of_the_loop):
                    await asyncio.sleep(0)
            screen.settimeout(10)
            with suppress(ConnectionResetError):
                assert await asyncio.to_thread(screen.recv, 1) == b""


async def test_a_screen_learns_at_once_that_its_host_has_ended(tmp_path: Path) -> None:
    _, session = _session()
    gone = Flag()
    async with Host(session).listening(tmp_path / "host.sock"):
        crew = await asyncio.to_thread(SocketCrew, tmp_path / "host.sock", when_gone=gone.set)
        crew.send(_ask("hello"))
        await asyncio.to_thread(_until, crew, EndedNotice)
        assert not gone.is_set()
    assert await asyncio.to_thread(gone.wait, 10)
    (ended,) = _until(crew, EndedNotice)
    assert isinstance(ended, EndedNotice)
    assert "error[host.gone]" in ended.error
    await asyncio.to_thread(crew.close)


def test_a_host_that_is_not_there_is_an_error_with_its_fix(tmp_path: Path) -> None:
    with pytest.raises(RunFailed) as raised:
        SocketCrew(tmp_path / "none.sock")
    assert raised.value.fix == "toollama serve --web"


def test_a_request_travels_with_the_texts_attached() -> None:
    options = AskOptions(prompt="p", attachments=(Attached(name="n", text="a\ud800b"),))
    line = wire.command_line(command_for(options))
    command = wire.read_command(line)
    assert isinstance(command, AskCommand)
    assert restored(command).attachments[0].text == "a?b"


def test_a_full_queue_drops_pieces_of_the_answer_and_nothing_else() -> None:
    queue = NoticeQueue(limit=1)
    events: list[Any] = []
    bus = Bus("r", SystemClock())
    bus.subscribe(events.append)
    bus.emit(RunStarted(prompt="p", version="0", profile=""))
    bus.emit(MessageDelta(text="x"))
    bus.emit(RunCompleted(status="complete", answer="x", exit_code=0))
    for event in events:
        queue.put(EventNotice(event=event))
    kept = [notice.event.type for notice in queue.drain(9) if isinstance(notice, EventNotice)]
    assert (kept, queue.dropped) == (["run.started", "run.completed"], 1)


def test_a_rule_names_the_place_it_allows() -> None:
    rule = Rule.of("write_file", {"path": "a.md", "text": "x"}, frozenset({"write_local"}))
    assert rule.words() == "write_file path=a.md (write_local)"
    assert rule == Rule.of("write_file", {"path": "a.md", "text": "y"}, frozenset({"write_local"}))


async def test_a_fault_that_the_session_does_not_name_is_told_and_the_next_request_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scripted, desk, told = await _desk()
    serve = scripted.ask

    async def fail(*arguments: Any, **options: Any) -> Answer:
        monkeypatch.setattr(scripted, "ask", serve)
        raise MemoryError

    monkeypatch.setattr(scripted, "ask", fail)
    desk.take(_ask("hello"))
    await _till(lambda: bool(told))
    assert isinstance(told[-1], EndedNotice)
    assert told[-1].error.startswith("error[internal]: MemoryError")
    desk.take(_ask("hello"))
    await _till(lambda: len(told) > 1 and isinstance(told[-1], EndedNotice))
    assert _answer(told) == "done"
