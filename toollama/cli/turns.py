"""The requests of one chat: served one after another over one session, and folded as they go.

The event loop runs during a request only, so that between requests the terminal belongs to the line
editor.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from toollama import commands
from toollama.cli import approval, attachments, out, running
from toollama.cli.typed import Typed
from toollama.cli.views import View
from toollama.commands import Ask, ToolCall
from toollama.errors import ExitCode, InputError
from toollama.events.payloads import AmendmentSettled
from toollama.fold import RunView
from toollama.fold.amendments import outcome_of
from toollama.fold.insights import told
from toollama.host import mentions
from toollama.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from toollama.agents.messages import Answer, Thread
    from toollama.agents.plan_file import PlanFile
    from toollama.ask_options import AskOptions
    from toollama.events import Event
    from toollama.session import Session

Result = TypeVar("Result")


class Turns:
    """One conversation at a time over one session, whose models stay in memory."""

    def __init__(
        self,
        session: "Session",
        options: "AskOptions",
        view: View,
        *,
        interactive: bool,
        do_now: Callable[[str], bool],
    ) -> None:
        """`options` are those of every request; `do_now` is offered what is typed meanwhile."""
        self.options = options
        self.run = self._served = RunView()
        """The run that goes on, or the last one; what `/why` and its like speak of."""
        self.code = int(ExitCode.OK)
        """What the last request exits with."""
        self._session = session
        self._view = view
        self._interactive = interactive
        self._runner = asyncio.Runner()
        self._typed = Typed(do_now)
        self._approve = approval.SessionApproval(self._typed.line)
        self._current: asyncio.Task[Any] | None = None
        self.last_request: AskOptions | None = None
        """What was asked last, without plans that were only shown."""
        self._result = ""
        """What the last `!tool` gave."""
        self._added: list[int] = []
        """What was added to the run that goes on, by number."""

    @property
    def busy(self) -> bool:
        """Return whether a request is served at this moment."""
        return self._current is not None

    @property
    def queue(self) -> deque[str]:
        """Return the lines that wait for the end of the run, in order."""
        return self._typed.queue

    @property
    def answer(self) -> str:
        """Return what was answered last. Raises `InputError` where nothing was."""
        answer = self._result or self.run.answer.text
        if not answer:
            raise InputError("there is no answer yet", fix="ask something first")
        return answer

    def ask(self, request: Ask) -> None:
        """Serve a request with the files it names. Raises `InputError` for a file."""
        attached = attachments.attach(mentions.present(request.files))
        self._serve(replace(self.options, prompt=request.text, attachments=tuple(attached)))

    def plan(self, request: Ask) -> bool:
        """Show the plan of a request, outside the conversation; return whether there is one."""
        alone = self.options.thread.model_copy(update={"name": "", "terminal": "plan"})
        attached = attachments.attach(mentions.present(request.files))
        self._serve(
            replace(
                self.options,
                prompt=request.text,
                attachments=tuple(attached),
                plan_only=True,
                thread=alone,
            )
        )
        return self.code == ExitCode.OK

    def run_plan(self, plan: "PlanFile", request: str) -> None:
        """Run a plan in place of one that Camina would make."""
        self._serve(replace(self.options, prompt=request, plan=plan))

    def ask_again(self, request: "AskOptions | None" = None) -> None:
        """Serve the last request again, or another in its place.

        Raises `InputError` where there is none.
        """
        request = request or self.last_request
        if request is None:
            raise InputError("there is no request to ask again", fix="ask something first")
        self._serve(replace(request, thread=self.options.thread))

    def retry(self, task: int) -> None:
        """Do a task of the run that this chat speaks of again, with what needs it."""
        self._show_run(partial(self._session.retry, self.run.run_id, task=task))

    def later(self, text: str) -> None:
        """Serve a line after the run that goes on, or at once where none does."""
        if self.busy:
            self._typed.later(text)
        else:
            self.ask(commands.request(text))

    def amend(self, text: str) -> bool:
        """Add words to the request that goes on; return whether it takes them."""
        number = self._session.amend(text)
        if number is None:
            return False
        self._added.append(number)
        out.note("it is taken in at the next step; /then REQUEST asks after this request")
        return True

    def withdraw(self) -> bool:
        """Take back the words that were added last; return whether they were not taken yet."""
        return bool(self._added) and self._session.withdraw(self._added.pop())

    def call(self, call: ToolCall) -> None:
        """Run a tool without a model and print what it gives. Raises `ToolLamaError`."""
        result = self.wait_for(
            self._session.run_tool(
                call.tool,
                call.arguments,
                subscribers=[self.listen],
                approve=self._approve if self._interactive else None,
            )
        )
        parts = dict.fromkeys(filter(None, ["\n".join(result.statements), result.text.rstrip()]))
        self._result = "\n\n".join(parts)
        out.data(f"{self._result}\n")
        self.code = int(ExitCode.OK)

    def cancel(self, task: int | None) -> None:
        """Stop a task of the run that goes on, or all of it with what waits behind it."""
        if self._current is None:
            out.note("nothing is running")
        elif task is None:
            self._current.cancel()
        else:
            ended = self._session.cancel_task(task)
            told = ", ".join(map(str, ended))
            out.note(f"stopped: task {told}" if ended else f"there is no task {task} to stop")

    def enter(self, name: str, *, fork: bool = False) -> None:
        """Let the next request belong to the conversation of this name, or fork from it."""
        self.options = replace(
            self.options, thread=_belonging(self.options.thread, name, fork=fork)
        )

    def choose(self, models: "Mapping[str, str]") -> None:
        """Let models play roles from the next request on."""
        self.options = replace(self.options, models={**self.options.models, **models})

    def show(self, events: "Sequence[Event]") -> None:
        """Speak of a run of the log from now on."""
        self.run = RunView.of(events)
        self._result = ""

    def listen(self, event: "Event") -> None:
        """Take in an event of the run that goes on; tell what the Observer saw."""
        if event.run_id != self.run.run_id:
            self.run = self._served = RunView.after(self._served)
            self._result = ""
        self.run.take(event)
        if event.type == "amendment.settled":
            self._tell_settled(event)
        elif event.type == "insight" and not (self._view.quiet or self._view.traced):
            seen = self.run.insights[-1]
            out.warn(f"observer {told(seen)}")

    def wait_for(self, work: "Coroutine[Any, Any, Result]") -> Result:
        """Do the work on the event loop, and read meanwhile what a person types."""
        return self._runner.run(self._beside_typing(work))

    def close(self) -> None:
        """Free the models and the loop."""
        with self._runner:
            self._runner.run(self._session.close())

    async def _beside_typing(self, work: "Coroutine[Any, Any, Result]") -> Result:
        self._current = asyncio.current_task()
        try:
            if not self._interactive:
                return await work
            with self._typed.reading():
                return await work
        finally:
            self._current = None

    def _serve(self, options: "AskOptions") -> None:
        if not options.plan_only:
            self.last_request = options
        self._show_run(partial(self._session.ask, options), foretold=options.foretold)
        if not options.plan_only:
            self.enter(self._conversation() or options.thread.name)

    def _show_run(
        self, serve: "Callable[..., Coroutine[Any, Any, Answer]]", *, foretold: bool = False
    ) -> None:
        asking: dict[str, Any] = {}
        if self._interactive:
            clarify = partial(approval.clarify, read=self._typed.line)
            asking = {"approve": self._approve, "clarify": clarify}
        self._added.clear()
        self.code = self.wait_for(
            running.turn(
                self._session,
                partial(serve, **asking),
                self._view,
                subscribers=[self.listen],
                foretold=foretold,
            )
        )

    def _tell_settled(self, event: "Event") -> None:
        settled = event.known_payload()
        if isinstance(settled, AmendmentSettled):
            if settled.outcome == "deferred":
                self.queue.append(settled.text)
            out.note(f"{one_line(settled.text, 60)}: {outcome_of(settled)}")

    def _conversation(self) -> str:
        """Return the conversation that the last run was put into."""
        started = next(iter(self.run.events.values()), None)
        return str(started.data.get("session") or "") if started else ""


def _belonging(thread: "Thread", name: str, *, fork: bool) -> "Thread":
    return thread.model_copy(update={"name": name, "continues": False, "fork": fork})
