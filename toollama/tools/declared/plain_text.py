"""HTML in a field of an answer becomes plain text. Pure; whole pages are `tools.reading`'s."""

from html.parser import HTMLParser
from typing import Any

_HIDDEN = frozenset({"script", "style", "head", "template"})
_BREAKING = frozenset(
    str.split("br p div li ul ol tr td th table h1 h2 h3 h4 h5 h6 blockquote pre hr section")
)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        if tag in _BREAKING:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        if tag in _BREAKING:
            self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)


def plain(value: Any) -> Any:
    """Return the value with every text in it free of tags and entities."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, str):
        return value
    reader = _Text()
    reader.feed(value)
    reader.close()
    return " ".join("".join(reader.pieces).split())
