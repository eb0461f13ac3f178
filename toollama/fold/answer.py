"""The answer as blocks: what is finished is committed once, the rest is a plain tail. Pure.

Rendering a growing Markdown text again for every token costs seconds per second; a block that is
complete never changes, so it is rendered once. A block ends at a blank line outside fences, at the
next top-level list item, at the end of a table, and inside a long fence every `FENCE_LINES` lines.
"""

import re
from dataclasses import dataclass, field

FENCE_LINES = 60
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])\s")


def begins_item(block: str) -> bool:
    """Return whether a block is an item of a list, so that the next one may follow at once."""
    return _ITEM.match(block) is not None


@dataclass(slots=True)
class BlockCommitter:
    """Splits a growing text into blocks."""

    _lines: list[str] = field(default_factory=list)
    """Whole lines that are not committed yet."""
    _partial: str = ""
    _fence: str = ""
    """The mark that closes the open fence; empty outside fences."""
    _opening: str = ""
    """The line that opened the fence, to open its next part with."""

    @property
    def tail(self) -> str:
        """Return what is not committed yet."""
        return "\n".join([*self._lines, self._partial])

    def feed(self, text: str) -> list[str]:
        """Take in more text and return the blocks that it completed."""
        *whole, self._partial = (self._partial + text).split("\n")
        blocks: list[str] = []
        for line in whole:
            blocks += self._take(line)
        return blocks

    def finish(self) -> list[str]:
        """Return what is left as the last block, if there is anything."""
        blocks = self._take(self._partial) if self._partial else []
        self._partial = ""
        self._fence = ""
        return blocks + self._commit()

    def _take(self, line: str) -> list[str]:
        if self._fence:
            return self._take_fenced(line)
        opened = _FENCE.match(line)
        if opened and not ("`" in opened[1] and "`" in opened[2]):
            blocks = self._commit()
            self._lines = [line]
            self._fence, self._opening = opened[1], line
            return blocks
        if not line.strip():
            return self._commit()
        table_ends = self._in_table() and not line.lstrip().startswith("|")
        blocks = self._commit() if table_ends or begins_item(line) else []
        self._lines.append(line)
        return blocks

    def _take_fenced(self, line: str) -> list[str]:
        self._lines.append(line)
        closing = line.strip()
        if closing.startswith(self._fence) and not closing.strip(self._fence[0]):
            self._fence = ""
            return self._commit()
        if len(self._lines) > FENCE_LINES:
            blocks = self._commit()
            self._lines = [self._opening]
            return blocks
        return []

    def _in_table(self) -> bool:
        return bool(self._lines) and self._lines[-1].lstrip().startswith("|")

    def _commit(self) -> list[str]:
        block = "\n".join(self._lines)
        self._lines = []
        return [block] if block.strip() else []


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
