"""The main screen: the panes, and the keys and commands that act on what they show."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Tabs

from toollama import commands
from toollama.errors import InputError, ToolLamaError
from toollama.events import Event
from toollama.events.payloads import Suggestion
from toollama.fold import explain
from toollama.fold.plan import ROOT
from toollama.host import suggestions
from toollama.host.archive import Archive, Recorded
from toollama.host.clipboard import keep_copy
from toollama.host.notices import DecideCommand, ReplyCommand
from toollama.host.plan_draft import PlanDraft
from toollama.tui.help import help_text
from toollama.tui.messages import (
    ApprovalDecided,
    EvidenceChosen,
    PromptSubmitted,
    RunChosen,
    SourceChosen,
)
from toollama.tui.screens.choice import Choice
from toollama.tui.screens.detail import Detail
from toollama.tui.screens.panes import PanesScreen
from toollama.tui.screens.plan_editor import PlanEditor
from toollama.tui.screens.runs import Runs
from toollama.tui.screens.slash import SlashCommands
from toollama.tui.widgets.answer_pane import AnswerPane
from toollama.tui.widgets.approval_bar import ApprovalBar
from toollama.tui.widgets.observer_pane import ObserverPane
from toollama.tui.widgets.pane_tabs import PANES
from toollama.tui.widgets.plan_tree import PlanTree
from toollama.tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from toollama.store import RunRow

TWICE_WITHIN_S = 1.5
"""Seconds in which a second Esc means everything."""

Found = TypeVar("Found")


class MainScreen(PanesScreen):
    """Shows a conversation and does what the user wants."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                f"{number},f{number + 1}", f"pane('{name}')", name.capitalize(), id=f"pane.{name}"
            )
            for number, name in enumerate(PANES, start=1)
        ),
        Binding("i", "prompt", "Type a request", id="prompt.focus"),
        Binding("slash", "prompt('/')", "Type a command", id="prompt.command"),
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
        Binding("enter", "evidence", "What the block rests on", id="answer.evidence"),
        Binding("end", "follow", "Follow the answer", id="answer.follow"),
        Binding("a", "apply", "Do what the insight suggests", id="insight.apply"),
        Binding("ctrl+r", "runs", "Earlier runs", id="runs.open"),
        Binding("f1", "help", "Keys and commands", id="help"),
    ]

    def __init__(
        self,
        *arguments: Any,
        archive: Archive,
        keys: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        """Show a conversation; `keys` are the user's own, by binding id, for the help."""
        super().__init__(*arguments, **options)
        self.archive = archive
        self.keys = keys or {}
        self.draft: PlanDraft | None = None
        """The plan that was made last, as it may have been edited."""
        self._commands = SlashCommands(self)
        self._stopped_s: float | None = None
        self._planned: tuple[str, str] | None = None
        """The request whose plan is being made, to be edited, and the run that came before."""

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
        if self.question is not None and self._replies and not commands.is_command(text):
            self._reply(text)
        elif text.startswith("//"):
            self.conversation.ask(text[1:], pasted)
        elif text.startswith("/") and "\n" not in text:
            line = commands.slash(text, "screen")
            self._commands.do(line.command.name, line.argument)
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
        reply = options[int(text) - 1] if chosen else text.removeprefix("/" * text.startswith("//"))
        self.conversation.send(ReplyCommand(text=reply))

    def run_command(self, name: str, argument: str = "") -> None:
        """Do what a slash command does."""
        try:
            self._commands.do(name, argument)
        except ToolLamaError as error:
            self.tell_error(error.line())

    def plan(self, request: str) -> None:
        """Have a plan made, to be edited before it runs. Raises `InputError`."""
        self.conversation.plan(request)
        self._planned = request, self.view.run_id

    async def refresh_view(self) -> None:
        """Draw what is new; a plan that was asked for is opened to be edited."""
        await super().refresh_view()
        if self._planned and not self.conversation.busy:
            (request, before), self._planned = self._planned, None
            if self.view.run_id != before and self.view.ended and self.view.failure is None:
                self.draft = PlanDraft(self.view.answer.text, request)
                self.edit_draft()

    def edit_draft(self) -> None:
        """Let the user edit the plan that was made last, and run it. Raises `InputError`."""
        self._edit(self._drafted())

    def run_draft(self) -> None:
        """Run the plan that was made last. Raises `InputError`."""
        plan = self._drafted().plan()
        self.conversation.run_plan(plan, plan.request or plan.goal)

    @work
    async def _edit(self, draft: PlanDraft) -> None:
        editor = PlanEditor(draft)
        runs = await self.app.push_screen_wait(editor)
        self.draft = editor.draft
        if runs:
            self.run_command("run")

    def _drafted(self) -> PlanDraft:
        if self.draft is None:
            raise InputError("there is no plan yet", fix="/plan REQUEST, or /edit FILE")
        return self.draft

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

    def action_prompt(self, begin: str = "") -> None:
        """Go to the prompt, and begin there what is typed where nothing stands yet."""
        prompt = self.query_one(Prompt)
        self.set_focus(prompt)  # at once: what is typed next belongs to the prompt
        if begin and not prompt.text:
            prompt.put(begin)

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
        task = self.selected_task()
        if task is not None:
            self.conversation.cancel(task)
            self.tell(f"task {task} is stopped; Esc again stops everything")
        else:
            self.tell("Esc again stops the run")

    def action_cancel_task(self) -> None:
        """Stop the selected task."""
        task = self.selected_task()
        if not self.conversation.busy:
            self.tell("nothing is running")
        elif task is None:
            self.tell("select a task in the plan first")
        else:
            self.conversation.cancel(task)

    def action_retry(self) -> None:
        """Run the selected task again, or the whole request."""
        self.run_command("retry")

    def retry(self, task: int | None) -> None:
        """Do a task, the selected one, or the whole request again. Raises `InputError`."""
        task = task or self.selected_task()
        if task is None:
            self.conversation.ask_again()
        else:
            self.conversation.retry(task)
            self.tell(f"task {task} runs again, with what needs it")

    def action_why(self) -> None:
        """Show why the selected row got its tool."""
        self.run_command("why")

    def action_prompts(self) -> None:
        """Show what models were asked for the selected row."""
        self.run_command("prompt")

    def action_sources(self) -> None:
        """Show the sources of the answer."""
        self.run_command("sources")

    def action_copy_block(self) -> None:
        """Copy the block under the block cursor, or what is selected with the mouse."""
        block = self.query_one(AnswerPane).block()
        self._copy(self.get_selected_text() or (block.source if block else ""))

    def action_copy_answer(self) -> None:
        """Copy the whole answer, or what there is of it."""
        self._copy(explain.so_far(self.view), unfinished=not self.view.ended)

    def _copy(self, text: str, *, unfinished: bool = False) -> None:
        if not text:
            self.tell("there is nothing to copy yet")
            return
        self.app.copy_to_clipboard(text)
        kept = keep_copy(text)
        what = f"{len(text)} characters" + (" of an unfinished answer" if unfinished else "")
        self.tell(f"copied {what}" + (f", also in {kept}" if kept else ""))

    @work
    async def action_evidence(self) -> None:
        """Show what a source of the block under the cursor came from; ask which, of several."""
        block = self.query_one(AnswerPane).block()
        if block is not None and not self._is_shown(block.run_id):
            return
        lines = explain.numbered_sources(self.view)
        numbers = block.numbers if block else []
        offered = [number for number in numbers if number in lines] or list(lines)
        if not offered:
            self.tell("the answer names no source")
            return
        picked: int | None = 0
        if len(offered) > 1:
            picked = await self.app.push_screen_wait(Choice("Source", [lines[n] for n in offered]))
        if picked is not None:
            self.run_command("sources", str(offered[picked]))

    @on(SourceChosen)
    def show_source(self, message: SourceChosen) -> None:
        """Show what a source came from, if it is of the run that is shown."""
        if self._is_shown(message.run_id):
            self.run_command("sources", str(message.number))

    def _is_shown(self, run_id: str) -> bool:
        """Return whether a run is the one shown; say how to get there where it is not."""
        if run_id != self.view.run_id:
            self.tell(f"that answer is of an earlier run: /open {run_id}")
        return run_id == self.view.run_id

    def action_apply(self) -> None:
        """Carry out what the chosen insight suggests."""
        observer = self.query_one(ObserverPane)
        suggestion = observer.to_apply()
        if suggestion is None:
            chosen = observer.highlighted is not None
            self.tell("this insight suggests nothing" if chosen else "no insight suggests anything")
            return
        try:
            self.apply(suggestion)
        except ToolLamaError as error:
            self.tell_error(error.line())

    def apply(self, suggestion: Suggestion) -> None:
        """Carry out a suggestion of the Observer. Raises `ToolLamaError`."""
        self.tell(suggestions.apply(suggestion, self.view, self.conversation))

    def action_step(self, by: int) -> None:
        """Move the block cursor."""
        self.query_one(AnswerPane).step(by)

    def action_follow(self) -> None:
        """Go to the end of the answer and stay there."""
        self.query_one(AnswerPane).follow()

    def action_help(self) -> None:
        """Show every key and command."""
        sections: dict[str, Iterable[BindingType]] = {
            "Everywhere": self.app.BINDINGS,
            "In a pane: Tab and F2 to F6 go to one": self.own_bindings(),
            "In the prompt, with the function keys and those with Ctrl above": Prompt.BINDINGS,
            "At a call that waits for approval": ApprovalBar.BINDINGS,
        }
        self.app.push_screen(Detail("Help", help_text(self.app, sections, self.keys)))

    def action_runs(self, words: str = "") -> None:
        """Look through earlier runs."""
        self._choose_run(words)

    @work
    async def _choose_run(self, words: str) -> None:
        chosen = await self.app.push_screen_wait(Runs(self.archive.find, words))
        if isinstance(chosen, RunChosen):
            self.open_run(lambda: self.archive.load(chosen.run_id))

    def open_run(self, load: Callable[[], Recorded]) -> None:
        """Show a run of the log, and go on from its conversation."""
        self.look_up(load, lambda found: self.call_next(self._show_run, *found))

    @work(thread=True)
    def look_up(self, look: Callable[[], Found], then: Callable[[Found], object]) -> None:
        """Do what blocks on a thread of its own, and hand what came of it to `then`."""
        try:
            found = look()
        except ToolLamaError as error:
            self.app.call_from_thread(self.tell_error, error.line())
        else:
            self.app.call_from_thread(then, found)

    async def _show_run(self, row: "RunRow", events: Sequence[Event]) -> None:
        if self.conversation.busy:
            self.tell("wait until the run has ended, or stop it")
            return
        self.conversation.show_recorded(events, session=row.session or "")
        await self.refresh_view()

    def selected_task(self) -> int | None:
        """Return the task of the row under the plan's cursor; None for the run itself."""
        node = self.view.plan.nodes.get(self.query_one(PlanTree).selected_key())
        while node is not None and node.task is None and node.key != ROOT:
            node = self.view.plan.nodes.get(node.parent)
        return node.task if node else None
