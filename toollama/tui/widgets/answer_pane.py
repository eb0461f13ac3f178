"""The answer: finished blocks, each a selectable widget rendered once, and a plain growing tail.

The pane follows its end while the end is in view (Textual's anchor) and says how much is below.
"""

from collections.abc import Collection, Iterable

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from toollama.fold.answer import AnswerFold
from toollama.text import Visible
from toollama.tui.widgets.answer_block import AnswerBlock, Sourced, linked

KEPT_BLOCKS = 200
"""Blocks that stay mounted; older ones are in `runs show`."""
TAIL_CHARACTERS = 4000


class AnswerPane(VerticalScroll):
    """Questions and answers of this conversation, newest last."""

    BORDER_TITLE = "Answer"

    def __init__(self, *, ascii_only: bool, welcome: str = "") -> None:
        """`welcome` stands there until the first turn."""
        super().__init__(id="answer")
        self._welcome = welcome
        self._ascii_only = ascii_only
        self._shown_blocks = 0
        self._seen_rewrites = 0
        self._turn: list[AnswerBlock] = []
        """The blocks of the answer that is being written."""
        self._run_id = ""
        self._cursor: AnswerBlock | None = None
        self._unread = 0

    def compose(self) -> ComposeResult:
        """Lay out the tail below what is committed."""
        if self._welcome:
            yield Static(self._welcome, id="welcome", markup=False)
        yield Static("", id="tail", markup=False)

    def on_mount(self) -> None:
        """Follow the end until the user scrolls away."""
        self.anchor()

    async def begin(self, prompt: Visible, *, run_id: str) -> None:
        """Start a new turn with the request as its heading."""
        await self.query("#welcome").remove()
        self._run_id = run_id
        self._turn, self._shown_blocks, self._seen_rewrites = [], 0, 0
        self._unread = 0
        mark = ">" if self._ascii_only else "❯"
        heading = Static(Content(f"{mark} {prompt}"), classes="request", markup=False)
        await self.mount(heading, before="#tail")
        self._trim()

    async def show(self, answer: AnswerFold) -> None:
        """Draw what of the answer is not drawn yet."""
        if answer.rewritten != self._seen_rewrites:
            self._seen_rewrites = answer.rewritten
            await self.remove_children(self._turn)
            self._turn, self._shown_blocks = [], 0
        fresh = [
            AnswerBlock(block, run_id=self._run_id, ascii_only=self._ascii_only)
            for block in answer.blocks[self._shown_blocks :]
        ]
        self._shown_blocks = len(answer.blocks)
        if fresh:
            await self.mount_all(fresh, before="#tail")
            self._turn += fresh
            self._trim()
        tail = "" if answer.ended else answer.tail
        growing = self.query_one("#tail", Static)
        growing.display = bool(tail)
        growing.update(Content(tail[-TAIL_CHARACTERS:]))
        if self.following:
            self._unread = 0
        else:
            self._unread += sum(block.source.count("\n") + 1 for block in fresh)

    def mark(self, *, numbers: Collection[int], unsupported: Iterable[str]) -> None:
        """Mark in the answer that has ended what its sentences rest on."""
        for block in self._turn:
            block.mark(numbers=numbers, unsupported=unsupported)

    async def note(self, text: str, *, classes: str, source: int | None = None) -> None:
        """Add one line that is no part of an answer: a source, a limit, a failure."""
        if not text:
            return
        content = linked(Content(text), () if source is None else (source,))
        await self.mount(Sourced(content, run_id=self._run_id, classes=classes), before="#tail")
        self._trim()

    @property
    def following(self) -> bool:
        """Return whether new text moves the view."""
        return self.is_vertical_scroll_end or self.max_scroll_y == 0

    @property
    def unread_lines(self) -> int:
        """Return how many lines came below the view since the user scrolled away."""
        return 0 if self.following else self._unread

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._unread = 0
        self.anchor()
        self.scroll_end(animate=False)

    def step(self, by: int) -> None:
        """Move the block cursor by some blocks."""
        blocks = list(self.query(AnswerBlock))
        if not blocks:
            return
        at = blocks.index(self._cursor) + by if self._cursor in blocks else len(blocks) - 1
        if self._cursor is not None:
            self._cursor.remove_class("-cursor")
        self._cursor = blocks[min(max(at, 0), len(blocks) - 1)]
        self._cursor.add_class("-cursor")
        self._cursor.scroll_visible(animate=False)

    def block(self) -> AnswerBlock | None:
        """Return the block under the cursor, or the last one."""
        blocks = list(self.query(AnswerBlock))
        if self._cursor in blocks:
            return self._cursor
        return blocks[-1] if blocks else None

    def _trim(self) -> None:
        old = list(self.query(".block, .request, .note"))[:-KEPT_BLOCKS]
        if old:
            self.remove_children(old)
