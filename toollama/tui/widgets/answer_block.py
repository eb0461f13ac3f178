"""One finished block of an answer: rendered once, then marked with what its sentences rest on."""

import re
from collections.abc import Collection, Iterable

from textual.content import Content, Span
from textual.selection import Selection
from textual.style import Style
from textual.widgets import Static

from toollama.fold.blocks import begins_item
from toollama.tui.markdown import render
from toollama.tui.messages import SourceChosen
from toollama.tui.selected import selected_source

DOUBT = " ?"
"""Stands behind a sentence that no source bears out."""
_MARKER = re.compile(r"\[(\d{1,4})\]")


class Sourced(Static):
    """A text whose source numbers lead to what they stand for."""

    def __init__(self, content: Content, *, run_id: str, classes: str) -> None:
        super().__init__(content, classes=classes, markup=False)
        self.run_id = run_id

    def action_source(self, number: int) -> None:
        """Ask for what a source of this answer came from."""
        self.post_message(SourceChosen(number, self.run_id))


class AnswerBlock(Sourced):
    """One finished block. `source` is its Markdown, which is what is copied."""

    def __init__(self, source: str, *, run_id: str, ascii_only: bool) -> None:
        self._drawn = render(source, ascii_only=ascii_only)
        classes = "block" if begins_item(source) else "block -apart"
        super().__init__(self._drawn, run_id=run_id, classes=classes)
        self.source = source
        self._ascii_only = ascii_only

    @property
    def numbers(self) -> list[int]:
        """Return the source numbers that the block shows, each once."""
        return list(dict.fromkeys(int(number) for number in _MARKER.findall(self.source)))

    def mark(self, *, numbers: Collection[int], unsupported: Iterable[str]) -> None:
        """Make numbers of sources targets of the mouse, and mark sentences without support."""
        content = self._drawn
        for sentence in unsupported:
            content = _doubted(content, render(sentence, ascii_only=self._ascii_only).plain)
        content = linked(content, numbers)
        if content is not self._drawn:
            self._drawn = content
            self.update(content)

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """Return the Markdown of what is selected, and what stands before the next block."""
        siblings = self.parent.children if self.parent else []
        after = next(iter(siblings[siblings.index(self) + 1 :]), None)
        in_list = isinstance(after, AnswerBlock) and begins_item(after.source)
        text = selected_source(self.source, self._drawn.plain, selection)
        return text, "\n" if in_list and begins_item(self.source) else "\n\n"


def linked(content: Content, numbers: Collection[int]) -> Content:
    """Return the content with the markers of known sources as targets of the mouse."""
    spans = [
        Span(found.start(), found.end(), _link(int(found[1])))
        for found in _MARKER.finditer(content.plain)
        if int(found[1]) in numbers
    ]
    return content.add_spans(spans) if spans else content


def _link(number: int) -> Style:
    return Style.from_meta({"@click": f"source({number})"})


def _doubted(content: Content, sentence: str) -> Content:
    """Return the content with a sentence dimmed and marked, if it stands there unmarked."""
    start = content.plain.find(sentence)
    end = start + len(sentence)
    if start < 0 or not sentence or content.plain.startswith(DOUBT, end):
        return content
    doubted = content[start:end].stylize("dim")
    return Content.assemble(content[:start], doubted, (DOUBT, "$text-warning"), content[end:])
