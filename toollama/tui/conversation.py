"""What goes on between the user and the crew: one run at a time, and what waits behind it.

Owns the fold of the run that is shown. It draws nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from toollama.agents.messages import Thread
from toollama.agents.plan_file import PlanFile
from toollama.ask_options import AskOptions
from toollama.commands import tool_call, without_marks
from toollama.errors import InputError
from toollama.events import Event
from toollama.events.payloads import AmendmentSettled
from toollama.fold import RunView
from toollama.host.crew import Crew
from toollama.host.desk import command_for
from toollama.host.notices import (
    AmendCommand,
    CancelCommand,
    Command,
    EndedNotice,
    EventNotice,
    Notice,
    NotTakenNotice,
    RequestCommand,
    RetryCommand,
    ToolCommand,
    WithdrawCommand,
)
from toollama.text import one_line, visible
from toollama.tui import request_text


class Conversation:
    """Requests of one session, sent one after another."""

    def __init__(self, crew: Crew, base: AskOptions, *, session: str) -> None:
        """Ask with the options of `base`; turns belong to the conversation called `session`."""
        self._crew = crew
        self.options = base
        """What holds for every request."""
        self.session = session
        self.view = self._served = RunView()
        self.busy = False
        self._forks = False
        """The next request begins a conversation of its own."""
        self._forked = False
        """The request that was sent last does."""
        self.waiting: list[tuple[str, tuple[str, ...]]] = []
        """Requests that are served after the run that goes on: they are its follow-up turns."""
        self.last_request: AskOptions | None = None
        """What the crew was asked last, if it was asked from here."""
        self._added: list[str] = []
        """What was sent to the run that goes on and is not settled."""
        self._returned = ""

    def take_line(self, text: str, pasted: Sequence[str] = (), *, then: bool = False) -> None:
        """Serve a line, or add it to the request that is being served; `then` has it wait.

        What brings texts or files along waits too. Raises `InputError`.
        """
        attached = request_text.attachments(text, pasted)
        if self.busy and not then and not attached:
            self._added.append(visible(text.strip()))
            self._crew.send(AmendCommand(text=text))
        else:
            self.ask(text, pasted)

    def ask(self, text: str, pasted: Sequence[str] = ()) -> None:
        """Serve a request, or have it wait for the run that goes on. Raises `InputError`."""
        attached = request_text.attachments(text, pasted)
        if self.busy:
            self.waiting.append((text, tuple(pasted)))
            return
        self._serve(text, attachments=attached, thread=self._thread())

    def ask_again(self, request: AskOptions | None = None) -> None:
        """Serve the last request again, or another in its place.

        Raises `InputError` where there is none, or a run goes on.
        """
        request = request or self.last_request
        if request is None:
            raise InputError("there is no request to ask again", fix="ask something first")
        self._require_free()
        self._send(replace(request, thread=self._thread()))

    def plan(self, request: str) -> None:
        """Have the plan of a request made, outside the conversation. Raises `InputError`."""
        attached = request_text.attachments(request)
        self._require_free()
        self._serve(request, attachments=attached, plan_only=True, thread=Thread(terminal="plan"))

    def retry(self, task: int) -> None:
        """Do a task of the run that is shown again, with what needs it. Raises `InputError`."""
        self._require_free()
        self._start(RetryCommand(run=self.view.run_id, task=task))

    def run_plan(self, plan: PlanFile, request: str) -> None:
        """Run a plan in place of one that Camina would make. Raises `InputError`."""
        self._require_free()
        self._serve(request, plan=plan, thread=self._thread())

    def enter(self, session: str) -> None:
        """Let requests belong to the conversation of this name from now on."""
        self.session = session
        self._forks = False

    def fork(self) -> None:
        """Let the next request begin a conversation of its own, where this one stands."""
        self._forks = True

    def choose(self, models: Mapping[str, str]) -> None:
        """Let models play roles from the next request on."""
        self.options = replace(self.options, models={**self.options.models, **models})

    def call_tool(self, text: str) -> None:
        """Run `!tool key=value` without any model. Raises `InputError`."""
        call = tool_call(text)
        self._start(ToolCommand(tool=call.tool, arguments=call.arguments))

    def send(self, command: Command) -> None:
        """Send an answer of the user."""
        self._crew.send(command)

    def cancel(self, task: int | None = None) -> None:
        """Stop one task, or the run with what waits behind it."""
        if task is None:
            self.waiting.clear()
            self._added.clear()
        self._crew.send(CancelCommand(task=task))

    def take_back(self) -> str:
        """Return the request that came last of those that wait; it waits no more.

        With none, what was added last is asked back of the run: `returned` has it if it comes.
        """
        if self.waiting:
            return self.waiting.pop()[0]
        if self.view.amendments.waiting:
            self._crew.send(WithdrawCommand(amendment=max(self.view.amendments.waiting)))
        return ""

    def returned(self) -> str:
        """Return words that the run gave back to be edited, once."""
        text, self._returned = self._returned, ""
        return text

    def queue_lines(self) -> list[str]:
        """Return what was typed during the run, and what becomes of it."""
        added = [] if self.view.ended else self.view.amendments.lines()
        return [*added, *(f"then: {one_line(text, 60)}" for text, _ in self.waiting)]

    def drain(self, most: int) -> list[Notice]:
        """Take in at most `most` notices and return them; a run that ended makes room."""
        notices = self._crew.drain(most)
        for notice in notices:
            if isinstance(notice, EventNotice):
                self._take(notice.event)
            elif isinstance(notice, EndedNotice):
                self.busy = False
                if notice.error and self.view.run_id and not self.view.ended:
                    self.view.lose(notice.error)
            elif isinstance(notice, NotTakenNotice):
                self._settle(notice.text, "deferred")
        return notices

    def go_on(self) -> None:
        """Serve the request that waits first, if the crew is free. Raises `InputError`."""
        if self.waiting and not self.busy:
            text, pasted = self.waiting.pop(0)
            self.ask(text, pasted)

    def show_recorded(self, events: Sequence[Event], *, session: str) -> None:
        """Show a run of the log; the next request goes on from its conversation."""
        self.view = RunView.of(events)
        self.last_request = None
        self.session = session or self.session

    def close(self) -> None:
        """Stop what goes on."""
        self._crew.close()

    def _take(self, event: Event) -> None:
        if event.run_id != self.view.run_id:
            self.view = self._served = RunView.after(self._served)
            self.busy = True
        self.view.take(event)
        if event.type == "run.started" and self._forked:
            self._forked = False
            self.session = str(event.data.get("session") or self.session)
        payload = event.known_payload()
        if isinstance(payload, AmendmentSettled):
            self._settle(payload.text, payload.outcome)

    def _serve(self, text: str, **fields: Any) -> None:
        self._send(replace(self.options, prompt=without_marks(text), **fields))

    def _send(self, request: AskOptions) -> None:
        if not request.plan_only:
            self.last_request = request
        self._start(command_for(request))

    def _settle(self, text: str, outcome: str) -> None:
        """Keep what the run did not take, where it was said here."""
        said = visible(text.strip())
        if said not in self._added:
            return
        self._added.remove(said)
        if outcome == "deferred":
            self.waiting.append((said, ()))
        elif outcome == "withdrawn":
            self._returned = said

    def _start(self, command: RequestCommand) -> None:
        self.busy = True
        self._crew.send(command)

    def _thread(self) -> Thread:
        """Return where the next request belongs; a fork is made once."""
        self._forked, forks, self._forks = self._forks, self._forks, False
        return Thread(terminal=self.options.thread.terminal, name=self.session, fork=forks)

    def _require_free(self) -> None:
        if self.busy:
            raise InputError("a run goes on", fix="wait until it has ended, or stop it")
