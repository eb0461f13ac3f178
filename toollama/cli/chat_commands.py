"""What each slash command of the chat does. Texts about a run are those that the screen shows.

Lists and runs are shown by the same functions that the commands of the shell use.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from toollama.cli import editing, out, saving, watching
from toollama.cli.turns import Turns
from toollama.clock import SystemClock
from toollama.commands import BY_NAME, check_conversation, help_lines, number, request
from toollama.errors import InputError
from toollama.fold import RunView
from toollama.fold.insights import suggested
from toollama.fold.report import REPORTS, report
from toollama.host import suggestions
from toollama.host.archive import Archive
from toollama.host.clipboard import keep_copy
from toollama.host.document import Form
from toollama.host.plan_draft import PlanDraft
from toollama.text import one_line


class Quit(Exception):
    """The person leaves."""


class ChatCommands:
    """Carries out commands on the turns of one chat."""

    def __init__(self, turns: Turns, *, plain: bool) -> None:
        """`plain` says that nothing but lines may be sent to the terminal."""
        self._turns = turns
        self._plain = plain
        self._archive = Archive(SystemClock())
        self._draft: PlanDraft | None = None
        own: dict[str, Callable[[str], None]] = {
            "help": self._help,
            "new": self._new,
            "sessions": self._sessions,
            "open": self._open,
            "fork": self._fork,
            "model": self._model,
            "tools": self._tools,
            "agents": self._agents,
            "plan": self._plan,
            "edit": self._edit,
            "run": self._run_plan,
            "cancel": self._cancel,
            "retry": self._retry,
            "apply": self._apply,
            "then": self._turns.later,
            "queue": self._queue,
            "unqueue": self._unqueue,
            "runs": self._runs,
            "replay": self._replay,
            "attach": self._attach,
            "copy": self._copy,
            "save": self._save,
            "export": self._export,
            "quit": self._quit,
        }
        reports: dict[str, Callable[[str], None]]
        reports = {name: partial(self._report, name) for name in REPORTS}
        self._doing = {**own, **reports}

    @property
    def names(self) -> frozenset[str]:
        """Return the commands that can be carried out."""
        return frozenset(self._doing)

    def do(self, name: str, argument: str) -> None:
        """Carry out one command. Raises `ToolLamaError`, or `Quit`."""
        self._doing[name](argument)

    def _say(self, text: str) -> None:
        """Print a text; beside the answer of a run that goes on, on stderr."""
        if self._turns.busy:
            out.note(text)
        else:
            out.data(f"{text}\n")

    def _help(self, _argument: str) -> None:
        self._say("\n".join(help_lines("chat")))

    def _new(self, name: str) -> None:
        if name:
            check_conversation(name)
        self._turns.enter(name)
        out.note(f"a new conversation{f', {name}' if name else ''}")

    def _open(self, name: str) -> None:
        row, events = self._archive.go_on_from(name or "last")
        self._turns.enter(row.session or row.run_id)
        self._turns.show(events)
        out.note(f"going on with {row.session or row.run_id}: {one_line(row.prompt)}")
        self._say(row.answer.rstrip())

    def _fork(self, name: str) -> None:
        here = self._turns.options.thread.name
        if not here:
            raise InputError("there is nothing to fork yet", fix="ask something first")
        if name:
            from toollama.cli import sessions

            sessions.fork(here, name)
            self._turns.enter(name)
        else:
            self._turns.enter(here, fork=True)
            out.note("the next request begins a conversation of its own")

    def _sessions(self, _argument: str) -> None:
        from toollama.cli import sessions

        sessions.list_sessions()

    def _model(self, pair: str) -> None:
        from toollama.cli import agents
        from toollama.host.listings import chosen_model

        if pair:
            self._turns.choose(chosen_model(pair, self._turns.options.profile))
        options = self._turns.options
        models = [f"{role}={model}" for role, model in options.models.items()]
        agents.list_agents(profile=options.profile, models=models)

    def _tools(self, _argument: str) -> None:
        from toollama.cli import tools

        tools.list_tools()

    def _agents(self, _argument: str) -> None:
        self._model("")

    def _plan(self, argument: str) -> None:
        asked = request(argument)
        if self._turns.plan(asked):
            self._draft = PlanDraft(self._turns.answer, asked.text)
            out.note("/edit changes the plan, /run runs it")

    def _edit(self, file: str) -> None:
        if file:
            self._draft = PlanDraft.read(Path(file), request=self._request())
        else:
            path = editing.plan_file()
            editing.write(path, self._drafted().text)
            editing.edit(path)
            self._draft = PlanDraft.read(path, request=self._request())
        self._draft.plan()
        self._say(self._draft.text.rstrip())
        out.note("/run runs it")

    def _run_plan(self, _argument: str) -> None:
        plan = self._drafted().plan()
        self._turns.run_plan(plan, plan.request or plan.goal)

    def _drafted(self) -> PlanDraft:
        if self._draft is None:
            raise InputError("there is no plan yet", fix="/plan REQUEST, or /edit FILE")
        return self._draft

    def _request(self) -> str:
        return self._draft.request if self._draft else ""

    def _cancel(self, argument: str) -> None:
        self._turns.cancel(number(argument, of="task"))

    def _retry(self, argument: str) -> None:
        task = number(argument, of="task")
        if task is None:
            self._turns.ask_again()
        else:
            self._shown("")
            self._turns.retry(task)

    def _apply(self, argument: str) -> None:
        view = self._shown("")
        suggestion = suggested(view.insights, number(argument, of="insight"))
        out.note(suggestions.apply(suggestion, view, self._turns))

    def _queue(self, _argument: str) -> None:
        self._say("\n".join(self._turns.queue) or "nothing waits")

    def _unqueue(self, _argument: str) -> None:
        queue = self._turns.queue
        if queue:
            out.note(f"taken back: {one_line(queue.pop(), 100)}")
        elif not self._turns.withdraw():
            out.note("nothing waits")

    def _report(self, name: str, argument: str) -> None:
        of_run = BY_NAME[name].argument == "[RUN]"
        view = self._shown(argument if of_run else "")
        plain = not (sys.stdout.encoding or "").lower().startswith("utf")
        self._say(report(view, name, "" if of_run else argument, ascii_only=plain))

    def _shown(self, name: str) -> RunView:
        """Return a run by its name, or the one that this chat speaks of."""
        if name:
            return RunView.of(self._archive.load(name)[1])
        if not self._turns.run.run_id:
            raise InputError("nothing was asked in this chat yet", fix="ask something first")
        return self._turns.run

    def _runs(self, words: str) -> None:
        from toollama.cli import runs

        if words:
            runs.search([words])
        else:
            runs.list_runs()

    def _replay(self, name: str) -> None:
        from toollama.cli import replaying

        _, events = self._archive.load(name or "last")
        for event in events:
            replaying.tell(event, quiet=False)
        self._turns.show(events)

    def _attach(self, name: str) -> None:
        with watching.attached(name or "last") as crew:
            out.note("Ctrl-C stops watching; the run goes on")
            self._turns.wait_for(watching.watch(crew, self._turns.listen))

    def _copy(self, _argument: str) -> None:
        answer = self._turns.answer
        kept = keep_copy(answer)
        sent = not self._plain and out.copy(answer)
        where = f"the answer is in {kept}" if kept else "the answer cannot be copied"
        out.note("copied" if sent else where)

    def _save(self, file: str) -> None:
        saving.save(Path(file), f"{self._turns.answer.rstrip()}\n")

    def _export(self, file: str) -> None:
        from toollama.cli import exporting

        form = Form.of(file)
        exporting.export(self._shown("").run_id, form=form, output=Path(file))

    def _quit(self, _argument: str) -> None:
        raise Quit
