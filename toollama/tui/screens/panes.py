"""Five panes over one conversation: laid out for the width at hand, and drawn from its fold.

Notices are taken in at most twenty times a second, and each pane draws only what is new.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import MountError
from textual.widgets import Static, TextArea

from toollama.clock import Clock
from toollama.errors import InputError, ToolLamaError
from toollama.events import Event
from toollama.events.payloads import AmendmentSettled, Warned
from toollama.fold import RunView, explain
from toollama.fold.amendments import outcome_of
from toollama.fold.plan import order
from toollama.host.notices import (
    ApprovalNotice,
    EndedNotice,
    EventNotice,
    Notice,
    NotTakenNotice,
    QuestionNotice,
    WithdrawnNotice,
)
from toollama.host.replay import ReplayCrew
from toollama.text import one_line, visible
from toollama.tui.conversation import Conversation
from toollama.tui.history import History
from toollama.tui.layout import Layout, after, classes
from toollama.tui.marks import Marks
from toollama.tui.messages import PromptLeft, RunStateChanged, Typed
from toollama.tui.widgets.answer_pane import AnswerPane
from toollama.tui.widgets.approval_bar import ApprovalBar
from toollama.tui.widgets.models_pane import ModelsPane
from toollama.tui.widgets.observer_pane import ObserverPane
from toollama.tui.widgets.pane_tabs import PANES, PaneTabs
from toollama.tui.widgets.plan_tree import PlanTree
from toollama.tui.widgets.prompt import PLACEHOLDER, REPLAY_PLACEHOLDER, Prompt
from toollama.tui.widgets.queue_line import QueueLine, asked
from toollama.tui.widgets.replay_line import ReplayLine
from toollama.tui.widgets.status_bar import BudgetBar, StatusBar
from toollama.tui.widgets.trace_log import TraceLog

DRAIN_EVERY_S = 0.05
DRAIN_MOST = 500
WELCOME = """\
Ask in plain words. The tasks appear in the plan, the answer stands here.

  what is 15% of 240, and how many miles are 42 km?
  @notes.md what is this about?

F1 lists every key and command, Ctrl+R finds earlier runs, Ctrl+Q leaves."""
QUIET_S = 1.0
"""Seconds without a key in the prompt after which a call that waits gets the keyboard."""


class PanesScreen(Screen[None]):
    """Shows a conversation as it goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "layout", "Lay out the panes", id="layout.next"),
        Binding("space,k", "playback('pause')", "Pause the replay", id="replay.pause"),
        Binding("full_stop", "playback('step')", "Replay one event", id="replay.step"),
        Binding("plus,equals_sign", "playback('faster')", "Faster replay", id="replay.faster"),
        Binding("minus", "playback('slower')", "Slower replay", id="replay.slower"),
    ]
    AUTO_FOCUS = ""  # `on_mount` says what has the focus first

    def __init__(
        self,
        conversation: Conversation,
        *,
        clock: Clock,
        marks: Marks,
        history: History,
        tools: Callable[[], Sequence[str]] | None = None,
        live: bool = True,
        playback: ReplayCrew | None = None,
        layout: Layout = "auto",
    ) -> None:
        """Show `conversation`; `live` says that the time that passes is the run's own.

        `playback` is what the conversation shows where that is a recorded run. `tools` gives the
        tools' names; it may take seconds and is called on a thread of its own.
        """
        super().__init__()
        self.layout_chosen = layout
        self.playback = playback
        self.conversation = conversation
        self.clock = clock
        self.marks = marks
        self.question: QuestionNotice | None = None
        """What the run waits to be told; the next line typed answers it."""
        self._history = history
        self._tools = tools
        self._live = live
        self._shown: RunView | None = None
        self._noted_end = False
        self._unread = 0
        self._typed_s = -QUIET_S
        self._led = False
        """The call that waits was given the keyboard: the user may have gone elsewhere since."""
        self._replies = True
        """The line in the prompt was begun after the question that waits, so it answers it."""

    def compose(self) -> ComposeResult:
        """Lay out every pane once; the stylesheet says which of them a size shows, and where."""
        self._lay_out(self.app.size)  # before there are panes, which would all be styled again
        yield StatusBar(self.marks)
        with Container(id="panes", classes="-active-answer"):
            welcome = "" if self.playback else WELCOME
            yield AnswerPane(ascii_only=self.marks.prompt.isascii(), welcome=welcome)
            yield PaneTabs()
            yield TraceLog()
            yield PlanTree(self.marks)
            with Container(id="side"):
                yield ObserverPane(self.marks)
                yield ModelsPane(self.marks)
        yield Static("", id="badge", markup=False)
        yield ReplayLine(self.marks)
        yield ApprovalBar(self.clock)
        yield QueueLine()
        placeholder = REPLAY_PLACEHOLDER if self.playback else PLACEHOLDER
        yield Prompt(self._history, placeholder=placeholder)
        yield BudgetBar(self.marks)

    async def on_mount(self) -> None:
        """Begin to take in what the crew tells."""
        for number, name in enumerate(PANES, start=1):
            self.query_one(f"#{name}").border_title = f"{name.capitalize()} {number}"
        first = self.query_one(AnswerPane) if self.playback else self.query_one(Prompt)
        self.set_focus(first)  # at once: focus() would let keys pass before
        await self.refresh_view()
        self.set_interval(DRAIN_EVERY_S, self._tick)
        if self._tools is not None:
            self.call_after_refresh(self._learn_tools, self.query_one(Prompt), self._tools)

    @work(thread=True, exit_on_error=False)
    def _learn_tools(self, prompt: Prompt, tools: Callable[[], Sequence[str]]) -> None:
        with suppress(ToolLamaError):  # a faulty tool is told by the request that needs the tools
            prompt.offer_tools(tools())

    def on_resize(self, event: Resize) -> None:
        """Lay the panes out for the new size."""
        self._lay_out(event.size)

    def _lay_out(self, size: Size) -> None:
        self.update_classes(
            classes(self.layout_chosen, columns=size.width, rows=size.height), animate=False
        )

    @property
    def view(self) -> RunView:
        """Return the fold of the run that is shown."""
        return self.conversation.view

    async def _tick(self) -> None:
        notices = self.conversation.drain(DRAIN_MOST)
        for notice in notices:
            self._hear(notice)
        if returned := self.conversation.returned():
            self.query_one(Prompt).put(returned)
        try:
            self.conversation.go_on()
        except InputError as error:
            self.tell_error(error.line())
        if notices:
            await self._refresh_unless_left()
        elif self._live and self.conversation.busy:
            self._draw_bars()
        self._lead_to_approval()
        self._draw_badge()
        if self.playback is not None:
            self.query_one(ReplayLine).show(self.playback.position)

    def _hear(self, notice: Notice) -> None:
        match notice:
            case ApprovalNotice():
                self._led = False
                self.query_one(ApprovalBar).ask(notice)
                self._call_for_user(f"{notice.tool} waits for your approval")
            case QuestionNotice():
                self.question = notice
                prompt = self.query_one(Prompt)
                prompt.placeholder = one_line(asked(notice.question), 300)
                self._replies = not prompt.text
                self._call_for_user(notice.question.text)
            case WithdrawnNotice():
                self._ask_nothing()
            case EndedNotice():
                self._ask_nothing()
                self.post_message(RunStateChanged("ended"))
                if notice.error and not self._says(notice.error):
                    self.tell_error(notice.error)
                    self.call_later(self._note_failure, notice.error)
            case NotTakenNotice():
                self.tell(f"for the next request, the run takes no more words: {notice.text}")
            case EventNotice() if self._live:
                self._hear_event(notice.event)
            case _:
                return

    def _hear_event(self, event: Event) -> None:
        payload = event.known_payload()
        if isinstance(payload, Warned):
            self.tell(payload.message)
        elif isinstance(payload, AmendmentSettled) and payload.outcome == "deferred":
            self.tell(f"{outcome_of(payload)}: {payload.text}")

    def _call_for_user(self, what: str) -> None:
        """Say that the run waits, also to a user who reads something else or is elsewhere."""
        if not self.is_active:
            self.tell(f"{what}; Esc goes there")
        self.post_message(RunStateChanged("waiting"))

    def _ask_nothing(self) -> None:
        bar = self.query_one(ApprovalBar)
        if bar.has_focus:
            self.set_focus(self.query_one(Prompt))
        bar.dismiss()
        self.question = None
        self.query_one(Prompt).restore_placeholder()

    async def _note_failure(self, error: str) -> None:
        """Keep in sight why a request came to nothing: it left no run that would say so."""
        await self.query_one(AnswerPane).note(one_line(error, 400), classes="note failure")

    def _says(self, error: str) -> bool:
        """Return whether the answer's pane tells this error, as the end of the run."""
        told = self.view.failure if self.view.ended else None
        return told is not None and told.startswith(one_line(error, 400))

    def _lead_to_approval(self) -> None:
        """Give the keyboard to a call that waits, once nobody types a line."""
        bar = self.query_one(ApprovalBar)
        if not bar.waiting or self._led or self.query_one(Prompt).text:
            return
        if self.clock.monotonic_s() - self._typed_s >= QUIET_S:
            self._led = True
            self.set_focus(bar)

    @on(TextArea.Changed)
    def note_typing(self) -> None:
        """Note when something was typed, and whether the line was begun anew."""
        self._typed_s = self.clock.monotonic_s()
        if not self.query_one(Prompt).text:
            self._replies = True

    @on(PromptLeft)
    def leave_prompt(self) -> None:
        """Go to the call that waits, else to the next pane."""
        bar = self.query_one(ApprovalBar)
        if bar.waiting:
            self.set_focus(bar)
        else:
            self.focus_next()

    @on(Typed)
    def type_into_prompt(self, message: Typed) -> None:
        """Have a character where it belongs."""
        prompt = self.query_one(Prompt)
        self.set_focus(prompt)
        prompt.insert(message.character)

    async def _refresh_unless_left(self) -> None:
        try:
            await self.refresh_view()
        except MountError:  # Textual refuses new blocks from the moment that the user leaves
            if self.is_attached:
                raise

    async def refresh_view(self) -> None:
        """Draw what the fold has and the panes have not."""
        view = self.view
        if view is not self._shown:
            await self._begin(view)
        tree = self.query_one(PlanTree)
        changed, view.plan.changed = view.plan.changed, set()
        tree.show(node for node in order(view.plan.nodes.values()) if node.key in changed)
        self.query_one(TraceLog).show(view.trace)
        self.query_one(ObserverPane).show(view.insights)
        answer = self.query_one(AnswerPane)
        await answer.show(view.answer)
        if view.ended and not self._noted_end:
            self._noted_end = True
            await self._note_end(view)
        until_s = view.until_s(now_s=self._now_s())
        self.query_one(ModelsPane).show(view.models, since_s=view.started_s, until_s=until_s)
        self._draw_bars()

    async def _begin(self, view: RunView) -> None:
        self._shown = view
        self._noted_end = False
        view.plan.changed = set(view.plan.nodes)
        self.query_one(PlanTree).forget()
        self.query_one(TraceLog).forget()
        self.query_one(ObserverPane).forget()
        if view.prompt:
            self.post_message(RunStateChanged("running"))
            await self.query_one(AnswerPane).begin(view.prompt, run_id=view.run_id)

    async def _note_end(self, view: RunView) -> None:
        answer = self.query_one(AnswerPane)
        sources = explain.numbered_sources(view)
        answer.mark(numbers=sources, unsupported=view.unsupported)
        for at, (number, line) in enumerate(sources.items()):
            apart = "" if at else " -apart"
            await answer.note(line, classes=f"note source{apart}", source=number)
        for limit in view.limits:
            await answer.note(f"note: {limit}", classes="note")
        if view.failure:
            await answer.note(view.failure, classes="note failure")

    def _draw_bars(self) -> None:
        view = self.view
        elapsed_s = view.elapsed_s(now_s=self._now_s())
        session = one_line(self.conversation.session, 40)
        self.query_one(StatusBar).show(view, session=session, elapsed_s=elapsed_s)
        self.query_one(BudgetBar).show(view, elapsed_s=elapsed_s)
        question = self.question.question if self.question else None
        self.query_one(QueueLine).show(question, self.conversation.queue_lines())

    def _draw_badge(self) -> None:
        unread = self.query_one(AnswerPane).unread_lines
        if unread == self._unread:
            return
        self._unread = unread
        badge = self.query_one("#badge", Static)
        badge.display = unread > 0
        badge.update(visible(f"{self.marks.more} {unread} new (End)"))

    def _now_s(self) -> float | None:
        return self.clock.now().timestamp() if self._live else None

    def action_layout(self) -> None:
        """Go on to the next layout."""
        self.layout_chosen = after(self.layout_chosen)
        self._lay_out(self.size)
        self.tell(f"layout: {self.layout_chosen}")

    def action_playback(self, what: str) -> None:
        """Have the replay stand still, take one step, or change its speed."""
        if self.playback is None:
            return
        doing: dict[str, Callable[[], None]] = {
            "pause": self.playback.pause,
            "step": self.playback.step,
            "faster": partial(self.playback.change_speed, 2),
            "slower": partial(self.playback.change_speed, 0.5),
        }
        doing[what]()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key means anything here: those of a replay do in a replay only."""
        return self.playback is not None if action == "playback" else True

    def own_bindings(self) -> list[Binding]:
        """Return the keys of this screen that mean something here."""
        return [
            binding
            for binding in [*self.BINDINGS, *PanesScreen.BINDINGS]
            if isinstance(binding, Binding)
            and self.check_action(binding.action.partition("(")[0], ()) is not False
        ]

    def tell(self, text: str) -> None:
        """Show a short message for a moment."""
        self.app.clear_notifications()  # the newest is what the user did last: none covers panes
        self.notify(visible(text), markup=False, timeout=4)

    def tell_error(self, line: str) -> None:
        """Show what went wrong until it is read."""
        self.app.clear_notifications()
        self.notify(one_line(line, 400), severity="error", markup=False, timeout=10)
