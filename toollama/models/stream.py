"""The bytes a model writes become text: whole characters, up to a stop string, thoughts apart.

Pure and incremental: the text that comes out does not depend on how the bytes were split.
"""

import codecs
from collections.abc import Iterator, Sequence
from typing import Literal

Kind = Literal["content", "reasoning"]


class TextStream:
    """Turns token bytes into pieces of text.

    `stop` strings end the stream and are not part of it. Text between the two `reasoning_tags`
    comes out as reasoning.
    """

    def __init__(
        self,
        *,
        stop: Sequence[str] = (),
        reasoning_tags: tuple[str, str] | None = None,
    ) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = tuple(marker for marker in stop if marker)
        self._tags = reasoning_tags
        self._kind: Kind = "content"
        self._held = ""
        self.stopped = False

    def feed(self, data: bytes) -> Iterator[tuple[Kind, str]]:
        """Yield the text that is certain now; what may begin a marker is held back."""
        self._held += self._decoder.decode(data)
        yield from self._release(final=False)

    def finish(self) -> Iterator[tuple[Kind, str]]:
        """Yield what was held back."""
        self._held += self._decoder.decode(b"", final=True)
        yield from self._release(final=True)

    def _release(self, *, final: bool) -> Iterator[tuple[Kind, str]]:
        while not self.stopped:
            at, marker = self._first_marker()
            if marker is None:
                keep = 0 if final else self._possible_marker_length()
                text, self._held = _split(self._held, len(self._held) - keep)
                if text:
                    yield self._kind, text
                return
            text, rest = _split(self._held, at)
            self._held = rest[len(marker) :]
            if text:
                yield self._kind, text
            self._cross(marker)

    def _markers(self) -> tuple[str, ...]:
        if self._tags is None:
            return self._stop
        if self._kind == "reasoning":
            return (self._tags[1],)
        return (*self._stop, self._tags[0])

    def _first_marker(self) -> tuple[int, str | None]:
        found = [(at, marker) for marker in self._markers() if (at := self._held.find(marker)) >= 0]
        if not found:
            return -1, None
        # The first to be complete counts, as it would if the bytes came one by one.
        return min(found, key=lambda hit: (hit[0] + len(hit[1]), -len(hit[1])))

    def _possible_marker_length(self) -> int:
        longest = 0
        for marker in self._markers():
            for length in range(min(len(marker) - 1, len(self._held)), longest, -1):
                if self._held.endswith(marker[:length]):
                    longest = length
                    break
        return longest

    def _cross(self, marker: str) -> None:
        if self._tags and marker == self._tags[self._kind == "reasoning"]:
            self._kind = "content" if self._kind == "reasoning" else "reasoning"
        else:
            self.stopped = True
            self._held = ""


def _split(text: str, at: int) -> tuple[str, str]:
    return text[:at], text[at:]
