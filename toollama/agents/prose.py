"""A stream of prose becomes whole sentences, each with the white space that separates it. Pure."""

import re
from dataclasses import dataclass

_END = re.compile(r"(?<=[.!?])[\"'”)\]]*(?=\s)|(?=\n)")
_ABBREVIATION = re.compile(r"\b(?:[A-Z]|Dr|Mr|Mrs|Ms|St|No|vs|e\.g|i\.e|approx)\.$")
_LIST_NUMBER = re.compile(r"\s*\d+\.")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence or list line, and the white space that came before it."""

    lead: str
    text: str


class SentenceStream:
    """Cuts text that arrives in pieces into sentences, as soon as each is whole."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> list[Piece]:
        """Return the sentences that are whole now."""
        self._held += text
        found: list[Piece] = []
        while (piece := self._cut()) is not None:
            found.append(piece)
        return found

    def finish(self) -> list[Piece]:
        """Return what is left, whole or not."""
        rest, self._held = self._held, ""
        return [_piece(rest)] if rest.strip() else []

    def _cut(self) -> Piece | None:
        start = len(self._held) - len(self._held.lstrip())
        for match in _END.finditer(self._held, start):
            sentence = self._held[: match.end()]
            if sentence.strip() and not _ends_early(sentence):
                self._held = self._held[match.end() :]
                return _piece(sentence)
        return None


def _ends_early(sentence: str) -> bool:
    """Return whether the full stop ends an abbreviation or a list number, not a sentence."""
    return bool(_ABBREVIATION.search(sentence) or _LIST_NUMBER.fullmatch(sentence))


def _piece(text: str) -> Piece:
    body = text.lstrip()
    return Piece(text[: len(text) - len(body)], body.rstrip())
