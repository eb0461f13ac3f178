"""Markdown: its headings, its tables, and the parser that other formats are made with."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


def parser() -> "MarkdownIt":
    """Return a CommonMark parser that knows tables and takes HTML for plain text."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def headings(text: str) -> list[str]:
    """Return the headings of a Markdown text, without their marks."""
    return re.findall(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", text, re.MULTILINE)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; line breaks in cells become spaces."""
    lines = [header, ["---"] * len(header), *rows]
    clean = [[" ".join(cell.replace("|", r"\|").split()) for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in clean)
