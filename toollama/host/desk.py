"""Serves the requests of one screen on the session's event loop, and asks its person.

Several desks may share a session: it serves one request at a time, the others wait their turn.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, contextmanager
from typing import TYPE_CHECKING, Any, assert_never

from toollama.agents.messages import Question
from toollama.ask_options import AskOptions
from toollama.errors import InputError, RunFailed, ToolLamaError
from toollama.events import Event
from toollama.host.notices import (
    AmendCommand,
    ApprovalNotice,
    AskCommand,
    CancelCommand,
    Command,
    DecideCommand,
    EndedNotice,
    EventNotice,
    Notice,
    NotTakenNotice,
    QuestionNotice,
    ReplyCommand,
    RequestCommand,
    RetryCommand,
    ToolCommand,
    WithdrawCommand,
    WithdrawnNotice,
)
from toollama.host.rules import Rule, SessionRules
from toollama.text import one_line

if TYPE_CHECKING:
    from toollama.session import ApprovalRequest, Session

Tell = Callable[[Notice], None]
"""Takes a notice at once, from whichever thread emits it."""


class Desk:
    """One screen's place at the session. Call every method on the session's loop."""

    def __init__(self, session: "Session", tell: Tell, *, turn: asyncio.Lock) -> None:
        """Tell notices through `tell`; `turn` is shared by all desks of the session."""
        self._session = session
        self._tell = tell
        self._turn = turn
        self._run: asyncio.Task[None] | None = None
        self._serving = False
        self._answer: asyncio.Future[Any] | None = None
        self._person = asyncio.Lock()
        """Held while the person is asked: tasks that run side by side wait for each other here."""
        self._rules = SessionRules()

    def take(self, command: Command) -> None:
        """Carry out one command."""
        match command:
            case AskCommand() | ToolCommand() | RetryCommand():
                self._begin(command)
            case CancelCommand(task=None):
                self.cancel()
            case AmendCommand() | WithdrawCommand() | CancelCommand():
                self._steer(command)
            case DecideCommand():
                self._settle(command.verdict)
            case ReplyCommand():
                self._settle(command.text)
            case _:
                assert_never(command)

    def _steer(self, command: AmendCommand | WithdrawCommand | CancelCommand) -> None:
        """Change the run that goes on, where it is this screen's own."""
        if isinstance(command, AmendCommand):
            if not self._serving or self._session.amend(command.text) is None:
                self._tell(NotTakenNotice(text=command.text))
        elif self._serving and isinstance(command, WithdrawCommand):
            self._session.withdraw(command.amendment)
        elif self._serving and isinstance(command, CancelCommand) and command.task is not None:
            self._session.cancel_task(command.task)

    def cancel(self) -> None:
        """Stop the request that is served or waits."""
        if self._run is not None:
            self._run.cancel()

    async def close(self) -> None:
        """Stop what goes on and wait until it has ended."""
        self.cancel()
        if self._run is not None:
            await asyncio.wait([self._run])

    def _begin(self, command: RequestCommand) -> None:
        if self._run is not None and not self._run.done():
            busy = InputError("a request is being served", fix="wait for it, or stop it")
            self._tell(EndedNotice(error=busy.line()))
            return
        self._run = asyncio.create_task(self._serve(command))

    async def _serve(self, command: RequestCommand) -> None:
        error = ""
        try:
            async with self._turn:
                self._serving = True
                await self._do(command)
        except ToolLamaError as failure:
            error = failure.line()
        except ValueError as fault:
            error = InputError(f"not a request: {type(fault).__name__}", fix="ask again").line()
        except asyncio.CancelledError:
            error = "stopped"
        except Exception as fault:  # noqa: BLE001 - the screen outlives a fault of the session
            error = RunFailed(
                f"{type(fault).__name__}: {one_line(str(fault))}",
                fix="toollama doctor, and ask again",
                code="internal",
            ).line()
        finally:
            self._serving = False
            self._tell(EndedNotice(error=error))

    async def _do(self, command: RequestCommand) -> None:
        if isinstance(command, ToolCommand):
            await self._session.run_tool(
                command.tool,
                command.arguments,
                subscribers=[self._tell_event],
                approve=self._approve,
            )
            return
        if isinstance(command, RetryCommand):
            with _working_in(self._session.directory_of(command.run)):
                await self._session.retry(
                    command.run,
                    task=command.task,
                    subscribers=[self._tell_event],
                    approve=self._approve,
                    clarify=self._clarify,
                )
            return
        await self._session.ask(
            restored(command),
            subscribers=[self._tell_event],
            approve=self._approve,
            clarify=self._clarify,
        )

    def _tell_event(self, event: Event) -> None:
        self._tell(EventNotice(event=event))

    async def _approve(self, request: "ApprovalRequest") -> bool:
        effects = frozenset(str(effect) for effect in request.effects)
        rule = Rule.of(request.tool, request.arguments, effects)
        notice = ApprovalNotice(
            tool=request.tool,
            arguments=dict(request.arguments),
            reason=request.reason,
            effects=sorted(effects),
            rule=rule.words(),
        )
        async with self._person:
            return await self._rules.decide(rule, lambda: self._wait_for(notice))

    async def _clarify(self, question: Question) -> str:
        async with self._person:
            return str(await self._wait_for(QuestionNotice(question=question)))

    async def _wait_for(self, notice: Notice) -> Any:
        self._answer = asyncio.get_running_loop().create_future()
        self._tell(notice)
        try:
            return await self._answer
        except asyncio.CancelledError:
            self._tell(WithdrawnNotice())
            raise

    def _settle(self, answer: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)


@contextmanager
def _working_in(directory: str) -> Iterator[None]:
    """Work in the directory that a run was asked in, where its log names one. Raises `InputError`.

    Its words may name files there. It holds for the process, whose only run this is.
    """
    with ExitStack() as left_again:
        try:
            left_again.enter_context(chdir(directory or "."))
        except OSError as error:
            raise InputError(
                f"the run was asked in {one_line(directory)}: {error.strerror}",
                fix="ask again where its files are",
            ) from error
        yield


def command_for(options: AskOptions) -> AskCommand:
    """Return a request in the form that travels."""
    texts = {
        at: attached.text
        for at, attached in enumerate(options.attachments)
        if attached.text is not None
    }
    return AskCommand(options=options.to_log(), texts=texts)


def restored(command: AskCommand) -> AskOptions:
    """Return the request of a command. Raises pydantic's `ValidationError`."""
    attachments = [dict(attached) for attached in command.options.get("attachments", ())]
    for at, text in command.texts.items():
        if 0 <= at < len(attachments):
            attachments[at]["text"] = text
    return AskOptions.from_log({**command.options, "attachments": attachments})
