"""What each slash command does on the screen, by the names that the chat has too."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from toollama.commands import BY_NAME, check_conversation, number
from toollama.errors import InputError
from toollama.fold import RunView
from toollama.fold.insights import suggested
from toollama.fold.report import REPORTS, report
from toollama.host import files, listings
from toollama.host.document import Form, document
from toollama.host.plan_draft import PlanDraft
from toollama.tui.screens.detail import Detail
from toollama.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from toollama.tui.screens.main import MainScreen

_OF_THE_SELECTED_TASK = frozenset({"why", "prompt"})


class SlashCommands:
    """Carries out commands on the main screen."""

    def __init__(self, screen: "MainScreen") -> None:
        self._screen = screen
        own: dict[str, Callable[[str], object]] = {
            "help": lambda _: screen.action_help(),
            "new": self._new,
            "sessions": self._sessions,
            "open": self._open,
            "fork": self._fork,
            "model": self._model,
            "tools": lambda _: self._list("Tools", listings.tools),
            "agents": lambda _: self._model(""),
            "plan": screen.plan,
            "edit": self._edit,
            "run": lambda _: screen.run_draft(),
            "cancel": self._cancel,
            "retry": self._retry,
            "apply": self._apply,
            "then": lambda text: screen.conversation.take_line(text, then=True),
            "queue": self._queue,
            "unqueue": self._unqueue,
            "runs": screen.action_runs,
            "copy": lambda _: screen.action_copy_answer(),
            "save": self._save,
            "export": self._export,
            "theme": self._theme,
            "quit": lambda _: screen.app.exit(),
        }
        reports: dict[str, Callable[[str], object]]
        reports = {name: partial(self._report, name) for name in REPORTS}
        self._doing = {**own, **reports}

    @property
    def names(self) -> frozenset[str]:
        """Return the commands that can be carried out."""
        return frozenset(self._doing)

    def do(self, name: str, argument: str) -> None:
        """Carry out one command. Raises `ToolLamaError`."""
        self._doing[name](argument)

    def _new(self, name: str) -> None:
        if name:
            check_conversation(name)
        session = name or f"tui-{self._screen.clock.now():%Y%m%d-%H%M%S}"
        self._screen.conversation.enter(session)
        self._screen.tell(f"a new conversation: {session}")

    def _sessions(self, _argument: str) -> None:
        archive = self._screen.archive
        self._list("Conversations", lambda: listings.sessions(archive.sessions()))

    def _open(self, name: str) -> None:
        archive = self._screen.archive
        self._screen.open_run(lambda: archive.go_on_from(name or "last"))

    def _fork(self, name: str) -> None:
        conversation = self._screen.conversation
        if not name:
            conversation.fork()
            self._screen.tell("the next request begins a conversation of its own")
            return
        check_conversation(name)
        here = conversation.session

        def enter(_: None) -> None:
            conversation.enter(name)
            self._screen.tell(f"going on in {name}")

        self._screen.look_up(lambda: self._screen.archive.fork(here, name), enter)

    def _model(self, pair: str) -> None:
        conversation = self._screen.conversation
        profile = conversation.options.profile
        if not pair:
            models = conversation.options.models
            self._list("Crew", lambda: listings.crew(profile, models))
            return

        def choose(chosen: dict[str, str]) -> None:
            conversation.choose(chosen)
            self._model("")

        self._screen.look_up(lambda: listings.chosen_model(pair, profile), choose)

    def _edit(self, file: str) -> None:
        screen = self._screen
        if file:
            request = screen.draft.request if screen.draft else ""
            screen.draft = PlanDraft.read(Path(file), request=request)
        screen.edit_draft()

    def _cancel(self, argument: str) -> None:
        task = number(argument, of="task")
        if self._screen.conversation.busy:
            self._screen.conversation.cancel(task)
        else:
            self._screen.tell("nothing is running")

    def _retry(self, argument: str) -> None:
        self._screen.retry(number(argument, of="task"))

    def _apply(self, argument: str) -> None:
        insight = number(argument, of="insight")
        if insight is None:
            self._screen.action_apply()
        else:
            self._screen.apply(suggested(self._screen.view.insights, insight))

    def _queue(self, _argument: str) -> None:
        waiting = self._screen.conversation.queue_lines()
        self._show("Waiting", "\n".join(waiting) or "nothing waits")

    def _unqueue(self, _argument: str) -> None:
        if text := self._screen.conversation.take_back():
            self._screen.query_one(Prompt).put(text)

    def _report(self, name: str, argument: str) -> None:
        if BY_NAME[name].argument == "[RUN]" and argument:
            self._screen.look_up(
                lambda: RunView.of(self._screen.archive.load(argument)[1]),
                lambda view: self._show_report(view, name, ""),
            )
            return
        if not self._screen.view.run_id:
            raise InputError("there is no run yet", fix="ask something first")
        task = self._screen.selected_task()
        if name in _OF_THE_SELECTED_TASK and not argument and task is not None:
            argument = str(task)
        self._show_report(self._screen.view, name, argument)

    def _show_report(self, view: RunView, name: str, argument: str) -> None:
        ascii_only = self._screen.marks.prompt.isascii()
        heading = f"{name.capitalize()} {argument}".rstrip()
        self._show(heading, report(view, name, argument, ascii_only=ascii_only))

    def _save(self, file: str) -> None:
        answer = self._screen.view.answer.text.rstrip()
        if not answer:
            raise InputError("there is no answer yet", fix="ask something first")
        path = files.write_whole(Path(file), f"{answer}\n")
        self._screen.tell(f"written to {path}")

    def _export(self, file: str) -> None:
        form, run_id = Form.of(file), self._screen.view.run_id
        if not run_id:
            raise InputError("there is no run yet", fix="ask something first")

        def export() -> Path:
            row, events = self._screen.archive.load(run_id)
            return files.write_whole(Path(file), document(row, events, form=form))

        self._screen.look_up(export, lambda path: self._screen.tell(f"written to {path}"))

    def _theme(self, name: str) -> None:
        app = self._screen.app
        if name not in app.available_themes:
            known = ", ".join(app.available_themes)
            raise InputError(f"there is no theme {name}", fix=f"one of {known}")
        app.theme = name

    def _list(self, heading: str, text: Callable[[], str]) -> None:
        self._screen.look_up(text, lambda found: self._show(heading, found))

    def _show(self, heading: str, text: str) -> None:
        self._screen.app.push_screen(Detail(heading, text))
