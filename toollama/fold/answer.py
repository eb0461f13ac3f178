"""The answer as blocks: what is finished is committed once, the rest is a plain tail. Pure.

Rendering a growing Markdown text again for every token costs seconds per second; a block that is
complete never changes, so it is rendered once. Blocks are those of `fold.blocks`, with the lines of
a fence put together: a whole fence is one block, a long one is cut every `FENCE_LINES` lines.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from toollama.fold.blocks import Block, Blocks

FENCE_LINES = 60


@dataclass(slots=True)
class BlockCommitter:
    """Splits a growing text into blocks that are Markdown by themselves."""

    _blocks: Blocks = field(default_factory=Blocks)
    _fenced: list[str] = field(default_factory=list)
    """The lines of the open fence, the one that opened it first; empty outside fences."""

    @property
    def tail(self) -> str:
        """Return what is not committed yet."""
        return "".join(self._fenced) + self._blocks.pending

    def feed(self, text: str) -> list[str]:
        """Take in more text and return the blocks that it completed."""
        return self._put_together(self._blocks.feed(text))

    def finish(self) -> list[str]:
        """Return what is left as the last block, if there is anything."""
        blocks = self._put_together(self._blocks.finish())
        rest, self._fenced = self._fenced, []
        return [*blocks, *_said("".join(rest))]

    def _put_together(self, blocks: Iterable[Block]) -> list[str]:
        return [text for block in blocks for text in self._take(block)]

    def _take(self, block: Block) -> list[str]:
        if block.kind == "markdown":
            return _said(block.text)
        closes = block.kind == "fence" and bool(self._fenced)
        self._fenced.append(block.text)
        if not closes and len(self._fenced) <= FENCE_LINES:
            return []
        text = "".join(self._fenced)
        self._fenced = [] if closes else self._fenced[:1]
        return _said(text)


def _said(text: str) -> list[str]:
    return [text.rstrip()] if text.strip() else []


class AnswerFold:
    """The answer of one run: blocks that stay, and the tail that still grows."""

    def __init__(self) -> None:
        self._committer = BlockCommitter()
        self._streamed: list[str] = []
        self.blocks: list[str] = []
        self.rewritten = 0
        """How often the whole answer took the place of what was streamed."""
        self.ended = False

    @property
    def tail(self) -> str:
        """Return the text after the last block."""
        return self._committer.tail

    @property
    def text(self) -> str:
        """Return the whole answer so far."""
        return "".join(self._streamed)

    def add(self, text: str) -> None:
        """Take in the next piece of a streamed answer."""
        self._streamed.append(text)
        self.blocks += self._committer.feed(text)

    def end(self, whole: str) -> None:
        """Take in the whole answer; what was streamed stays where it is its beginning."""
        if self.ended:
            return
        streamed = self.text
        if whole.startswith(streamed):
            self.add(whole[len(streamed) :])
        elif whole.strip() != streamed.strip():
            self._committer = BlockCommitter()
            self._streamed, self.blocks = [], []
            self.rewritten += 1
            self.add(whole)
        self.ended = True
        self.blocks += self._committer.finish()
