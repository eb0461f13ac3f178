"""Serves the requests of one screen on the session's event loop, and asks its person.

Several desks may share a session: it serves one request at a time, the others wait their turn.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, assert_never

from toollama.agents.messages import Question
from toollama.ask_options import AskOptions
from toollama.errors import InputError, ToolLamaError
from toollama.events import Event
from toollama.host.notices import (
    ApprovalNotice,
    AskCommand,
    CancelCommand,
    Command,
    DecideCommand,
    EndedNotice,
    EventNotice,
    Notice,
    QuestionNotice,
    ReplyCommand,
    ToolCommand,
)
from toollama.host.rules import Rule

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
        self._allowed: set[Rule] = set()

    def take(self, command: Command) -> None:
        """Carry out one command."""
        match command:
            case AskCommand() | ToolCommand():
                self._begin(command)
            case CancelCommand(task=None):
                self.cancel()
            case CancelCommand(task=int(number)):
                if self._serving:
                    self._session.cancel_task(number)
            case DecideCommand():
                self._settle(command.verdict)
            case ReplyCommand():
                self._settle(command.text)
            case CancelCommand():
                return
            case _:
                assert_never(command)

    def cancel(self) -> None:
        """Stop the request that is served or waits."""
        if self._run is not None:
            self._run.cancel()

    async def close(self) -> None:
        """Stop what goes on and wait until it has ended."""
        self.cancel()
        if self._run is not None:
            await asyncio.wait([self._run])

    def _begin(self, command: AskCommand | ToolCommand) -> None:
        if self._run is not None and not self._run.done():
            busy = InputError("a request is being served", fix="wait for it, or stop it")
            self._tell(EndedNotice(error=busy.line()))
            return
        self._run = asyncio.create_task(self._serve(command))

    async def _serve(self, command: AskCommand | ToolCommand) -> None:
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
        finally:
            self._serving = False
            self._tell(EndedNotice(error=error))

    async def _do(self, command: AskCommand | ToolCommand) -> None:
        if isinstance(command, ToolCommand):
            await self._session.run_tool(
                command.tool,
                command.arguments,
                subscribers=[self._tell_event],
                approve=self._approve,
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
        if rule in self._allowed:
            return True
        verdict = await self._wait_for(
            ApprovalNotice(
                tool=request.tool,
                arguments=dict(request.arguments),
                reason=request.reason,
                effects=sorted(effects),
                rule=rule.words(),
            )
        )
        if verdict == "session":
            self._allowed.add(rule)
        return verdict in {"once", "session"}

    async def _clarify(self, question: Question) -> str:
        return str(await self._wait_for(QuestionNotice(question=question)))

    async def _wait_for(self, notice: Notice) -> Any:
        self._answer = asyncio.get_running_loop().create_future()
        self._tell(notice)
        return await self._answer

    def _settle(self, answer: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)


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
