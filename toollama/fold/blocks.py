"""Streamed Markdown cut into blocks that will not change any more. Pure.

A block ends at a blank line, before the next item of a list at the left margin, behind a table,
and at each line of a code fence; so a long list of an answer is drawn as it comes, and nothing that
is drawn is ever drawn again. The blocks together are the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_FENCE = re.compile(r"[ \t]*(`{3,}(?=[^`\n]*$)|~{3,})")
"""What opens or closes a fence; three backticks that end in the same line are inline code."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the text: Markdown by itself, or a line of code as it stands."""

    kind: Literal["markdown", "fence", "code"]
    """`fence` is the line that opens or closes one."""
    text: str


class Blocks:
    """Takes text in pieces of any size and gives the blocks that are complete."""

    def __init__(self) -> None:
        self._line = ""
        self._block = ""
        self._fence = ""
        self._in_table = False
        """The line before is a row of a table."""

    @property
    def pending(self) -> str:
        """Return the text that no block holds yet."""
        return self._block + self._line

    def feed(self, text: str) -> Iterator[Block]:
        """Yield the blocks that the text completes."""
        *whole, self._line = (self._line + text).split("\n")
        for line in whole:
            yield from self._take(f"{line}\n")

    def finish(self) -> Iterator[Block]:
        """Yield what is left."""
        if self._line:
            yield from self._take(self._line)
            self._line = ""
        yield from self._commit()

    def _take(self, line: str) -> Iterator[Block]:
        mark = _FENCE.match(line)
        if self._fence:
            closes = mark and mark[1].startswith(self._fence) and not line[mark.end() :].strip()
            yield Block("fence" if closes else "code", line)
            self._fence = "" if closes else self._fence
        elif mark:
            yield from self._commit()
            self._fence = mark[1]
            yield Block("fence", line)
        else:
            if begins_item(line) or (self._in_table and not _is_row(line)):
                yield from self._commit()
            self._in_table = _is_row(line)
            self._block += line
            if not line.strip():
                yield from self._commit()

    def _commit(self) -> Iterator[Block]:
        if self._block:
            yield Block("markdown", self._block)
            self._block = ""


def begins_item(line: str) -> bool:
    """Return whether a line begins an item of a list, so that the next one may follow at once."""
    return _ITEM.match(line) is not None


def _is_row(line: str) -> bool:
    return line.lstrip().startswith("|")
