"""A conversation line by line: requests are served, commands are carried out, nothing is redrawn.

The event loop runs during a request only, so that between requests the terminal belongs to the line
editor. Lists and runs are shown by the same functions that the commands of the shell use.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toollama.cli import approval, asking, attachments, out, prompting, running, saving, threads
from toollama.cli.typed import Typed
from toollama.cli.views import View
from toollama.commands import Ask, Slash, ToolCall, help_lines, parse
from toollama.errors import ExitCode, InputError, ToolLamaError
from toollama.text import one_line

if TYPE_CHECKING:
    from toollama.agents.messages import Thread
    from toollama.ask_options import AskOptions
    from toollama.events import Event
    from toollama.session import Session

_PROMPT = "> "
_LEAVING = frozenset({ExitCode.HANGUP, ExitCode.TERMINATED, ExitCode.BROKEN_PIPE})


class Quit(Exception):
    """The person leaves."""


class Chat:
    """One conversation at a time over one session, whose models stay in memory."""

    def __init__(
        self,
        session: "Session",
        options: "AskOptions",
        view: View,
        *,
        read: Callable[[str], str],
        interactive: bool,
    ) -> None:
        """`options` are those of every request; `interactive` tells that a person types."""
        self._session = session
        self._options = options
        self._view = view
        self._read = read
        self._interactive = interactive
        self._runner = asyncio.Runner()
        self._typed = Typed(cancel=self._cancel, amend=self._amend, withdraw=self._withdraw)
        self._added: list[int] = []
        self._current: asyncio.Task[Any] | None = None
        self._last_request: AskOptions | None = None
        self._answer = ""
        self._conversation = ""
        self._run_id = ""
        self._code = int(ExitCode.OK)

    def loop(self) -> int:
        """Serve lines until the input ends or the person leaves; return the exit code."""
        interrupted = False
        with self._runner:
            try:
                while self._code not in _LEAVING:
                    try:
                        self._serve(self._next_line())
                        interrupted = False
                    except KeyboardInterrupt:
                        if interrupted:
                            return ExitCode.INTERRUPTED
                        interrupted = True
                        out.note("Ctrl-C again leaves, and so does /quit")
            except (EOFError, Quit):
                pass
            finally:
                self._runner.run(self._session.close())
        scripted = not self._interactive or self._code in _LEAVING
        return self._code if scripted else ExitCode.OK

    def _next_line(self) -> str:
        queue = self._typed.queue
        return queue.popleft() if queue else prompting.request(self._read, _PROMPT)

    def _serve(self, text: str) -> None:
        try:
            match parse(text):
                case Ask() as request:
                    self._ask(request)
                case ToolCall() as call:
                    self._call(call)
                case Slash(command, argument):
                    getattr(self, f"_do_{command.name}")(argument)
        except ToolLamaError as error:
            self._code = int(error.exit_code)
            out.error(error.line())

    def _ask(self, request: Ask) -> None:
        attached = attachments.attach(request.files)
        self._turn(replace(self._options, prompt=request.text, attachments=tuple(attached)))

    def _turn(self, options: "AskOptions") -> None:
        self._last_request = options
        self._code = self._runner.run(self._run(options))
        if not options.plan_only:
            self._options = replace(self._options, thread=self._thread_after(options.thread))

    async def _run(self, options: "AskOptions") -> int:
        self._current = asyncio.current_task()
        serve = partial(
            running.turn,
            self._session,
            options,
            self._view,
            subscribers=[self._listen],
            asking=self._asking(),
        )
        try:
            if not self._interactive:
                return await serve()
            with self._typed.reading():
                return await serve()
        finally:
            self._current = None

    def _asking(self) -> dict[str, Any]:
        if not self._interactive:
            return {}
        read = self._typed.line
        return {
            "approve": partial(approval.approve, read=read),
            "clarify": partial(approval.clarify, read=read),
        }

    def _listen(self, event: "Event") -> None:
        if event.type == "run.started":
            self._run_id = event.run_id
            self._conversation = str(event.data.get("session") or "")
        elif event.type == "message.completed":
            self._answer = str(event.data.get("text", ""))
        elif event.type == "amendment.settled":
            self._tell_settled(event)

    def _thread_after(self, thread: "Thread") -> "Thread":
        """Return where the next request belongs: to the conversation this one was put into."""
        name = self._conversation or thread.name
        return thread.model_copy(update={"name": name, "continues": False, "fork": False})

    def _cancel(self, task: str) -> None:
        if not task:
            if self._current is not None:
                self._current.cancel()
        elif task.isdecimal():
            ended = self._session.cancel_task(int(task))
            told = ", ".join(map(str, ended))
            out.note(f"stopped: task {told}" if ended else f"there is no task {task} to stop")
        else:
            out.note("/cancel, or /cancel and the number of a task")

    def _amend(self, text: str) -> bool:
        number = self._session.amend(text)
        if number is not None:
            self._added.append(number)
        return number is not None

    def _withdraw(self) -> bool:
        return bool(self._added) and self._session.withdraw(self._added.pop())

    def _tell_settled(self, event: "Event") -> None:
        from toollama.events.payloads import AmendmentSettled
        from toollama.fold.amendments import outcome_of

        payload = event.known_payload()
        if isinstance(payload, AmendmentSettled):
            if payload.outcome == "deferred":
                self._typed.queue.append(payload.text)
            out.note(f"{one_line(payload.text, 60)}: {outcome_of(payload)}")

    def _call(self, call: ToolCall) -> None:
        from toollama.cli import tools

        result = self._runner.run(
            self._session.run_tool(
                call.tool,
                tools.parse_arguments(call.pairs),
                approve=partial(approval.approve) if self._interactive else None,
            )
        )
        parts = dict.fromkeys(filter(None, ["\n".join(result.statements), result.text.rstrip()]))
        self._answer = "\n\n".join(parts)
        out.data(f"{self._answer}\n")
        self._code = int(ExitCode.OK)

    def _do_help(self, _argument: str) -> None:
        out.data("".join(f"{line}\n" for line in help_lines()))

    def _do_new(self, name: str) -> None:
        self._enter(name)
        out.note(f"a new conversation{f', {name}' if name else ''}")

    def _do_open(self, name: str) -> None:
        from toollama.cli import log

        with log.opened() as store:
            row = store.last_run(session=name) or store.find_run(name)
        self._enter(row.session or row.run_id)
        out.note(f"going on with {row.session or row.run_id}: {row.prompt}")

    def _enter(self, name: str) -> None:
        if name:
            threads.check_name(name)
        self._conversation = name
        thread = self._options.thread.model_copy(
            update={"name": name, "continues": False, "fork": False}
        )
        self._options = replace(self._options, thread=thread)

    def _do_fork(self, name: str) -> None:
        here = self._options.thread.name
        if not here:
            raise InputError("there is nothing to fork yet", fix="ask something first")
        if name:
            from toollama.cli import sessions

            sessions.fork(here, name)
            self._enter(name)
        else:
            thread = self._options.thread.model_copy(update={"fork": True})
            self._options = replace(self._options, thread=thread)
            out.note("the next request begins a conversation of its own")

    def _do_sessions(self, _argument: str) -> None:
        from toollama.cli import sessions

        sessions.list_sessions()

    def _do_model(self, pair: str) -> None:
        from toollama.cli import agents
        from toollama.models.catalog import load_catalog

        if pair:
            chosen = asking.models_by_role([pair])
            catalog = load_catalog()
            for model in chosen.values():
                catalog.resolve(catalog.model(model))
            self._options = replace(self._options, models={**self._options.models, **chosen})
        models = [f"{role}={model}" for role, model in self._options.models.items()]
        agents.list_agents(profile=self._options.profile, models=models)

    def _do_tools(self, _argument: str) -> None:
        from toollama.cli import tools

        tools.list_tools()

    def _do_agents(self, _argument: str) -> None:
        self._do_model("")

    def _do_plan(self, text: str) -> None:
        alone = self._options.thread.model_copy(update={"name": "", "terminal": "plan"})
        options = replace(self._options, prompt=text, plan_only=True, thread=alone)
        before = self._last_request
        self._turn(options)
        self._last_request = before

    def _do_tree(self, name: str) -> None:
        from toollama.cli import runs

        runs.show(name or self._last_run(), tree=True)

    def _do_trace(self, name: str) -> None:
        from toollama.cli import runs

        runs.show(name or self._last_run(), events=True)

    def _do_why(self, _argument: str) -> None:
        from toollama.cli import log, why

        name = self._last_run()
        with log.opened() as store:
            told = store.events(name)
        out.data("".join(f"{line}\n" for line in why.lines(told)))

    def _do_search(self, words: str) -> None:
        from toollama.cli import runs

        runs.search([words])

    def _do_cancel(self, _argument: str) -> None:
        out.note("nothing is running")

    def _do_then(self, text: str) -> None:
        self._serve(text)

    def _do_unqueue(self, _argument: str) -> None:
        out.note("nothing waits")

    def _do_retry(self, _argument: str) -> None:
        if self._last_request is None:
            raise InputError("there is no request to ask again", fix="ask something first")
        self._turn(replace(self._last_request, thread=self._options.thread))

    def _do_copy(self, _argument: str) -> None:
        from toollama import paths

        path = paths.state_dir() / "last.md"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(self._said(), encoding="utf-8", errors="replace")
        path.chmod(0o600)
        sent = not self._view.look.plain and out.copy(self._said())
        out.note("copied" if sent else f"the answer is in {path}")

    def _do_save(self, file: str) -> None:
        saving.save(Path(file), f"{self._said().rstrip()}\n")

    def _do_export(self, file: str) -> None:
        from toollama.cli import exporting

        suffix = os.path.splitext(file)[1].removeprefix(".")  # noqa: PTH122 - a suffix, no path
        forms = [form.value for form in exporting.Form]
        if suffix not in forms:
            raise InputError(f"/export {file}: unknown ending", fix=f"one of .{', .'.join(forms)}")
        exporting.export(self._last_run(), form=exporting.Form(suffix), output=Path(file))

    def _do_quit(self, _argument: str) -> None:
        raise Quit

    def _last_run(self) -> str:
        if not self._run_id:
            raise InputError("nothing was asked in this chat yet", fix="ask something first")
        return self._run_id

    def _said(self) -> str:
        if not self._answer:
            raise InputError("there is no answer yet", fix="ask something first")
        return self._answer
