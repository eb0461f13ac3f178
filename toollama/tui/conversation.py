"""What goes on between the user and the crew: one run at a time, and what waits behind it.

Owns the fold of the run that is shown. It draws nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from toollama.agents.messages import Thread
from toollama.agents.plan_file import PlanFile
from toollama.ask_options import AskOptions
from toollama.events import Event
from toollama.fold import RunView
from toollama.host.crew import Crew
from toollama.host.desk import command_for
from toollama.host.notices import (
    AskCommand,
    CancelCommand,
    Command,
    EndedNotice,
    EventNotice,
    Notice,
    ToolCommand,
)
from toollama.tui import request_text


class Conversation:
    """Requests of one session, sent one after another."""

    def __init__(self, crew: Crew, base: AskOptions, *, session: str) -> None:
        """Ask with the options of `base`; turns belong to the conversation called `session`."""
        self._crew = crew
        self._base = base
        self.session = session
        self.view = RunView()
        self.busy = False
        self.waiting: list[tuple[str, tuple[str, ...]]] = []
        """Requests typed while a run goes on: they are its follow-up turns."""
        self.last_request: AskOptions | None = None
        """What the crew was asked last, if it was asked from here."""

    def ask(self, text: str, pasted: Sequence[str] = (), *, plan_only: bool = False) -> None:
        """Serve a request, or have it wait for the run that goes on. Raises `InputError`."""
        attached = request_text.attachments(text, pasted)
        if self.busy:
            self.waiting.append((text, tuple(pasted)))
            return
        options = replace(
            self._base,
            prompt=request_text.without_marks(text) or "Summarise what is attached.",
            attachments=attached,
            plan_only=plan_only,
            thread=self._thread(),
        )
        self.ask_again(options)

    def ask_again(self, options: AskOptions) -> None:
        """Serve a request whose options are known."""
        self.last_request = options
        self._start(command_for(options))

    def pin(self, model: str) -> None:
        """Give every role one model from the next request on."""
        self._base = replace(self._base, models={"all": model})

    def run_plan(self, plan: PlanFile, request: str) -> None:
        """Run a plan that the user wrote or edited, in place of one that Camina would make."""
        self.ask_again(replace(self._base, prompt=request, plan=plan, thread=self._thread()))

    def call_tool(self, text: str) -> None:
        """Run `!tool key=value` without any model. Raises `InputError`."""
        name, arguments = request_text.tool_call(text)
        self._start(ToolCommand(tool=name, arguments=arguments))

    def send(self, command: Command) -> None:
        """Send an answer of the user."""
        self._crew.send(command)

    def cancel(self, task: int | None = None) -> None:
        """Stop one task, or the run with what waits behind it."""
        if task is None:
            self.waiting.clear()
        self._crew.send(CancelCommand(task=task))

    def take_back(self) -> str:
        """Return the request that came last of those that wait; it waits no more."""
        return self.waiting.pop()[0] if self.waiting else ""

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
        return notices

    def go_on(self) -> None:
        """Serve the request that waits first, if the crew is free. Raises `InputError`."""
        if self.waiting and not self.busy:
            text, pasted = self.waiting.pop(0)
            self.ask(text, pasted)

    def show_recorded(self, events: Sequence[Event], *, session: str) -> None:
        """Show a run of the log; the next request goes on from its conversation."""
        self.view = RunView()
        self.last_request = None
        for event in events:
            self.view.take(event)
        self.session = session or self.session

    def close(self) -> None:
        """Stop what goes on."""
        self._crew.close()

    def _take(self, event: Event) -> None:
        if event.run_id != self.view.run_id:
            self.view = RunView()
            self.busy = True
        self.view.take(event)

    def _start(self, command: AskCommand | ToolCommand) -> None:
        self.busy = True
        self._crew.send(command)

    def _thread(self) -> Thread:
        return Thread(terminal=self._base.thread.terminal, name=self.session)
