"""One finished block of Markdown as `Content`: styled, selectable, and rendered once.

Textual's Markdown widget builds several widgets for every list item; a block here is one string
with styles. Input must be `Visible` already. markdown-it-py reads it, and what it does not know
stays as it was written.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_INLINE = {
    "strong_open": "bold",
    "em_open": "italic",
    "s_open": "strike",
    "link_open": "underline",
}
_HIGHLIGHT_LIMIT = 20_000  # characters of code; a longer one is shown plain


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # the first screen has no answer to read

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def render(block: str, *, ascii_only: bool = False) -> Content:
    """Return the block as content."""
    parts = list(_Renderer(_parser().parse(block), ascii_only=ascii_only).blocks())
    return Content("\n").join(parts) if parts else Content(block)


class _Renderer:
    """Walks the tokens of one block."""

    def __init__(self, tokens: Sequence["Token"], *, ascii_only: bool) -> None:
        self._tokens = tokens
        self._bullet = "*" if ascii_only else "•"
        self._rule = "-" if ascii_only else "─"
        self._prefixes: list[str] = []
        """What stands before the next line of each list or quote that is open."""
        self._numbers: list[int | None] = []

    def blocks(self) -> Iterator[Content]:
        """Yield each line or group of lines."""
        rows: list[list[Content]] = []
        for at, token in enumerate(self._tokens):
            match token.type:
                case "inline" if rows and self._tokens[at - 1].type in {"th_open", "td_open"}:
                    rows[-1].append(_inline(token))
                case "inline":
                    yield self._indented(self._styled(token, self._tokens[at - 1]))
                case "fence" | "code_block":
                    yield self._indented(_code(token))
                case "hr":
                    yield Content.styled(self._rule * 20, "dim")
                case "tr_open":
                    rows.append([])
                case "table_close":
                    yield _table(rows, self._rule)
                    rows = []
                case _:
                    self._nest(token)

    def _nest(self, token: "Token") -> None:
        match token.type:
            case "bullet_list_open":
                self._numbers.append(None)
            case "ordered_list_open":
                self._numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
            case "list_item_open":
                self._prefixes.append(self._item_mark())
            case "blockquote_open":
                self._prefixes.append("| ")
            case "list_item_close" | "blockquote_close":
                self._prefixes.pop()
            case _:
                return

    def _item_mark(self) -> str:
        number = self._numbers[-1]
        if number is None:
            return f"{self._bullet} "
        self._numbers[-1] = number + 1
        return f"{number}. "

    def _styled(self, token: "Token", opened: "Token") -> Content:
        text = _inline(token)
        if opened.type == "heading_open":
            return text.stylize("bold underline" if opened.tag == "h1" else "bold")
        return text

    def _indented(self, text: Content) -> Content:
        first = "".join(self._prefixes)
        rest = "".join(p if p == "| " else " " * len(p) for p in self._prefixes)
        self._prefixes = [p if p == "| " else " " * len(p) for p in self._prefixes]
        lines = [
            Content.assemble(first if at == 0 else rest, line)
            for at, line in enumerate(text.split("\n", allow_blank=True))
        ]
        return Content("\n").join(lines)


def _inline(token: "Token") -> Content:
    parts: list[tuple[str, str]] = []
    styles: list[str] = []
    for child in token.children or ():
        match child.type:
            case "text":
                parts.append((child.content, " ".join(styles)))
            case "code_inline":
                parts.append((child.content, " ".join([*styles, "$text-accent"])))
            case "softbreak" | "hardbreak":
                parts.append(("\n", ""))
            case "image":
                parts.append((f"[image: {child.content}]", "dim"))
            case kind if kind in _INLINE:
                styles.append(_INLINE[kind])
            case kind if kind.endswith("_close") and styles:
                styles.pop()
                parts += _address(child, token.children or ())
            case _:
                parts.append((child.content, ""))
    return Content.assemble(*parts)


def _address(closing: "Token", children: Iterable["Token"]) -> list[tuple[str, str]]:
    """Return where a link that closes leads to, where its words do not say it."""
    if closing.type != "link_close":
        return []
    opened = [child for child in children if child.type == "link_open"]
    href = str(opened[0].attrs.get("href", "")) if len(opened) == 1 else ""
    return [(f" ({href})", "dim")] if href else []


def _code(token: "Token") -> Content:
    code = token.content.rstrip("\n")
    language = token.info.split()[0] if token.info.split() else ""
    if not language or len(code) > _HIGHLIGHT_LIMIT:
        return Content.styled(code, "$text-accent")
    from textual.highlight import highlight

    return highlight(code, language=language)


def _table(rows: Sequence[Sequence[Content]], rule: str) -> Content:
    columns = max((len(row) for row in rows), default=0)
    widths = [
        max((row[at].cell_length for row in rows if at < len(row)), default=0)
        for at in range(columns)
    ]
    lines = []
    for number, row in enumerate(rows):
        cells = [
            cell.stylize("bold").pad_right(width - cell.cell_length)
            if number == 0
            else cell.pad_right(width - cell.cell_length)
            for cell, width in zip(row, widths, strict=False)
        ]
        lines.append(Content("  ").join(cells))
        if number == 0:
            lines.append(Content.styled("  ".join(rule * width for width in widths), "dim"))
    return Content("\n").join(lines)
