"""The main screen: the panes, and the keys and commands that act on what they show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Tabs

from toollama.errors import InputError, ToolLamaError
from toollama.events import Event
from toollama.fold import explain
from toollama.fold.plan import ROOT
from toollama.host.notices import DecideCommand, ReplyCommand
from toollama.store import RunRow
from toollama.tui import commands
from toollama.tui.clipboard import keep_copy
from toollama.tui.help import help_text
from toollama.tui.messages import ApprovalDecided, EvidenceChosen, PromptSubmitted, RunChosen
from toollama.tui.screens.detail import Detail
from toollama.tui.screens.panes import PanesScreen
from toollama.tui.screens.plan_editor import PlanEditor
from toollama.tui.screens.runs import Runs
from toollama.tui.widgets.answer_pane import AnswerPane
from toollama.tui.widgets.pane_tabs import PANES
from toollama.tui.widgets.plan_tree import PlanTree
from toollama.tui.widgets.prompt import Prompt

TWICE_WITHIN_S = 1.5
"""Seconds in which a second Esc means everything."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What the screen reads of earlier runs. Both block and may raise `ToolLamaError`."""

    search: Callable[[str], Sequence[RunRow]]
    load: Callable[[str], tuple[RunRow, Sequence[Event]]]


class MainScreen(PanesScreen):
    """Shows a conversation and does what the user wants."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                f"{number},f{number + 1}", f"pane('{name}')", name.capitalize(), id=f"pane.{name}"
            )
            for number, name in enumerate(PANES, start=1)
        ),
        Binding("i,slash", "prompt", "Type a request", id="prompt.focus"),
        Binding("z", "zoom", "Zoom the pane", id="pane.zoom"),
        Binding("o", "observer", "Observer on or off", id="pane.observer.toggle"),
        Binding("escape", "stop", "Stop the task, twice: everything", id="run.stop"),
        Binding("c", "cancel_task", "Stop the task", id="task.cancel"),
        Binding("r", "retry", "Run the task again", id="task.retry"),
        Binding("w", "why", "Why this tool", id="task.why"),
        Binding("p", "prompts", "Exact prompts", id="task.prompts"),
        Binding("e", "sources", "Sources", id="answer.sources"),
        Binding("y", "copy_block", "Copy the block", id="answer.copy.block"),
        Binding("Y", "copy_answer", "Copy the answer", id="answer.copy"),
        Binding("left_square_bracket", "step(-1)", "Block before", id="answer.up"),
        Binding("right_square_bracket", "step(1)", "Next block", id="answer.down"),
        Binding("end", "follow", "Follow the answer", id="answer.follow"),
        Binding("ctrl+r", "runs", "Earlier runs", id="runs.open"),
        Binding("f1", "help", "Keys and commands", id="help"),
    ]

    def __init__(self, *arguments: Any, archive: Archive, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._archive = archive
        self._stopped_s: float | None = None
        self._planned = ""
        """The request whose plan is being made, to be edited."""

    @on(PromptSubmitted)
    def submit(self, message: PromptSubmitted) -> None:
        """Do what a line of the prompt says; a fault leaves the line to be mended."""
        try:
            self._do(message.text, message.pasted, then=message.then)
        except ToolLamaError as error:
            self.tell_error(error.line())
            self.query_one(Prompt).put(message.text)
        self._draw_bars()

    def _do(self, text: str, pasted: tuple[str, ...], *, then: bool) -> None:
        if self.question is not None:
            self._reply(text)
        elif text.startswith("/") and "\n" not in text:
            name, argument = commands.parse(text)
            self._command(name, argument)
        elif text.startswith("!"):
            self.conversation.call_tool(text)
        else:
            self.conversation.take_line(text, pasted, then=then)
            self.action_pane("answer", focus=False)

    def _reply(self, text: str) -> None:
        assert self.question is not None
        options = self.question.question.options
        chosen = text.isdecimal() and 1 <= int(text) <= len(options)
        self.question = None
        self.query_one(Prompt).restore_placeholder()
        self.conversation.send(ReplyCommand(text=options[int(text) - 1] if chosen else text))

    def _command(self, name: str, argument: str) -> None:
        doing: dict[str, Callable[[], object]] = {
            "help": self.action_help,
            "new": self._new,
            "plan": lambda: self._plan(argument),
            "why": self.action_why,
            "prompt": self.action_prompts,
            "sources": lambda: self._sources(argument),
            "cancel": lambda: self._cancel(argument),
            "retry": lambda: self._retry(int(argument) if argument.isdecimal() else None),
            "then": lambda: self._then(argument),
            "unqueue": self._unqueue,
            "runs": lambda: self.action_runs(argument),
            "open": lambda: self._open(argument or "last"),
            "copy": self.action_copy_answer,
            "theme": lambda: self._theme(argument),
            "quit": self.app.exit,
        }
        doing[name]()

    def run_command(self, name: str) -> None:
        """Do what a slash command without an argument does."""
        self._command(name, "")

    def _new(self) -> None:
        self.conversation.session = f"tui-{self.clock.now():%Y%m%d-%H%M%S}"
        self.tell(f"a new conversation: {self.conversation.session}")

    def _then(self, request: str) -> None:
        if not request:
            raise InputError("/then needs REQUEST", fix="/then and what to ask after this run")
        self.conversation.take_line(request, then=True)

    def _unqueue(self) -> None:
        if text := self.conversation.take_back():
            self.query_one(Prompt).put(text)

    def _plan(self, request: str) -> None:
        self.conversation.ask(request, plan_only=True)
        self._planned = request

    def _cancel(self, argument: str) -> None:
        self.conversation.cancel(int(argument) if argument.isdecimal() else None)

    def _sources(self, argument: str) -> None:
        if argument.strip("[]").isdecimal():
            found = explain.source_events(self.view, int(argument.strip("[]")))
            self.app.push_screen(Detail(f"Source {argument}", self._events(found)))
        else:
            self.app.push_screen(Detail("Sources", explain.sources(self.view)))

    def _theme(self, name: str) -> None:
        if name in self.app.available_themes:
            self.app.theme = name
        else:
            self.tell_error(f"there is no theme {name}: {', '.join(self.app.available_themes)}")

    async def refresh_view(self) -> None:
        """Draw what is new; a plan that was asked for is opened to be edited."""
        await super().refresh_view()
        if self._planned and self.view.ended and not self.conversation.busy:
            request, self._planned = self._planned, ""
            if self.view.failure is None:
                self._edit_plan(self.view.answer.text, request)

    @work
    async def _edit_plan(self, text: str, request: str) -> None:
        plan = await self.app.push_screen_wait(PlanEditor(text, request))
        if plan is not None:
            self.conversation.run_plan(plan, request)

    @on(ApprovalDecided)
    def decide(self, message: ApprovalDecided) -> None:
        """Pass on what the user decided."""
        self.conversation.send(DecideCommand(verdict=message.verdict))
        self.query_one(Prompt).focus()

    @on(EvidenceChosen)
    def show_evidence(self, message: EvidenceChosen) -> None:
        """Show the events behind an insight."""
        self.app.push_screen(Detail("Events", self._events(message.events)))

    def _events(self, numbers: Sequence[int]) -> str:
        return explain.events_as_text(self.view, numbers)

    def action_pane(self, name: str, *, focus: bool = True) -> None:
        """Bring a pane to the front where only some fit, and go to it."""
        panes = self.query_one("#panes")
        panes.set_classes([f"-active-{name}", *(["-zoom"] if panes.has_class("-zoom") else [])])
        self.query_one(Tabs).active = f"tab-{name}"
        if focus:
            self.query_one(f"#{name}").focus()

    @on(Tabs.TabActivated)
    def show_tab(self, event: Tabs.TabActivated) -> None:
        """Bring the pane of a tab to the front."""
        self.action_pane((event.tab.id or "tab-answer").removeprefix("tab-"), focus=False)

    def action_prompt(self) -> None:
        """Go to the prompt."""
        self.query_one(Prompt).focus()

    def action_zoom(self) -> None:
        """Show the pane in front alone, or all again."""
        focused = self.focused.id if self.focused and self.focused.id in PANES else None
        if focused:
            self.action_pane(focused)
        self.query_one("#panes").toggle_class("-zoom")

    def action_observer(self) -> None:
        """Show or hide the Observer."""
        self.query_one("#observer").toggle_class("-off")

    def action_stop(self) -> None:
        """Stop the selected task; at the second time soon after, everything."""
        if not self.conversation.busy:
            self.query_one(Prompt).focus()
            return
        now_s = self.clock.monotonic_s()
        if self._stopped_s is not None and now_s - self._stopped_s <= TWICE_WITHIN_S:
            self._stopped_s = None
            self.conversation.cancel()
            self.tell("stopping everything")
            return
        self._stopped_s = now_s
        task = self._selected_task()
        if task is not None:
            self.conversation.cancel(task)
            self.tell(f"task {task} is stopped; Esc again stops everything")
        else:
            self.tell("Esc again stops the run")

    def action_cancel_task(self) -> None:
        """Stop the selected task."""
        task = self._selected_task()
        if task is None:
            self.tell("select a task in the plan first")
        else:
            self.conversation.cancel(task)

    def action_retry(self) -> None:
        """Run the selected task again."""
        self._retry(None)

    def _retry(self, task: int | None) -> None:
        task = task or self._selected_task()
        if task is None:
            self.tell("select a task in the plan first")
        elif self.conversation.busy:
            self.tell("wait until the run has ended, or stop it")
        else:
            self.conversation.retry(task)
            self.tell(f"task {task} runs again, with what needs it")

    def action_why(self) -> None:
        """Show why the selected row got its tool."""
        self.app.push_screen(Detail("Why this tool", explain.why(self.view, self._selected())))

    def action_prompts(self) -> None:
        """Show what models were asked for the selected row."""
        self.app.push_screen(Detail("Prompts", explain.prompts(self.view, self._selected())))

    def action_sources(self) -> None:
        """Show the sources of the answer."""
        self._sources("")

    def action_copy_block(self) -> None:
        """Copy the block under the block cursor, or what is selected with the mouse."""
        self._copy(self.get_selected_text() or self.query_one(AnswerPane).block_text())

    def action_copy_answer(self) -> None:
        """Copy the whole answer."""
        self._copy(self.view.answer.text)

    def _copy(self, text: str) -> None:
        if not text:
            self.tell("there is nothing to copy yet")
            return
        self.app.copy_to_clipboard(text)
        kept = keep_copy(text)
        self.tell(f"copied {len(text)} characters" + (f", also in {kept}" if kept else ""))

    def action_step(self, by: int) -> None:
        """Move the block cursor."""
        self.query_one(AnswerPane).step(by)

    def action_follow(self) -> None:
        """Go to the end of the answer and stay there."""
        self.query_one(AnswerPane).follow()

    def action_help(self) -> None:
        """Show every key and command."""
        self.app.push_screen(Detail("Help", help_text(self.app, self)))

    def action_runs(self, words: str = "") -> None:
        """Look through earlier runs."""
        self._choose_run(words)

    @work
    async def _choose_run(self, words: str) -> None:
        chosen = await self.app.push_screen_wait(Runs(self._archive.search, words))
        if isinstance(chosen, RunChosen):
            self._open(chosen.run_id)

    @work(thread=True, exclusive=True)
    def _open(self, name: str) -> None:
        try:
            row, events = self._archive.load(name)
        except ToolLamaError as error:
            self.app.call_from_thread(self.tell_error, error.line())
        else:
            self.app.call_from_thread(self.call_next, self._show_run, row, events)

    async def _show_run(self, row: RunRow, events: Sequence[Event]) -> None:
        if self.conversation.busy:
            self.tell("wait until the run has ended, or stop it")
            return
        self.conversation.show_recorded(events, session=row.session or "")
        await self.refresh_view()

    def _selected(self) -> str:
        return self.query_one(PlanTree).selected_key()

    def _selected_task(self) -> int | None:
        node = self.view.plan.nodes.get(self._selected())
        while node is not None and node.task is None and node.key != ROOT:
            node = self.view.plan.nodes.get(node.parent)
        return node.task if node else None
