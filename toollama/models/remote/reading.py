"""What one completion says: chunks become deltas, and at the end a reason and the usage. Pure."""

from collections.abc import Iterator

from toollama.events.payloads import Usage
from toollama.models.engine import Delta, FinishReason, GenerationRequest
from toollama.models.remote.wire import Chunk, TokenCounts
from toollama.models.stream import TextStream

_BYTES_PER_TOKEN = 3


def estimated_tokens(text: str) -> int:
    """Return a guess that is seldom too low: a token for every 3 bytes of UTF-8.

    English takes about 4 bytes per token in current vocabularies, other languages fewer.
    """
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN)


class Reading:
    """Follows the answer to one request; times are monotonic seconds.

    Stop strings and reasoning tags are found here, whatever the server did about them.
    """

    def __init__(
        self,
        request: GenerationRequest,
        *,
        reasoning_tags: tuple[str, str] | None,
        started_s: float,
    ) -> None:
        self._request = request
        self._text = TextStream(stop=request.stop, reasoning_tags=reasoning_tags)
        self._echo: str | None = request.prefill or None
        self._opening = ""
        self._started_s = started_s
        self._first_s: float | None = None
        self._last_s = started_s
        self._pieces = 0
        self._counts: TokenCounts | None = None
        self._reason: FinishReason = "stop"

    @property
    def stopped(self) -> bool:
        """Return whether a stop string ended the answer."""
        return self._text.stopped

    def take(self, chunk: Chunk, *, now_s: float) -> Iterator[Delta]:
        """Yield what a chunk adds."""
        if chunk.content or chunk.reasoning:
            self._pieces += 1
            self._first_s = now_s if self._first_s is None else self._first_s
            self._last_s = now_s
        self._reason = chunk.finish_reason or self._reason
        self._counts = chunk.counts or self._counts
        if chunk.reasoning:
            yield Delta(chunk.reasoning, "reasoning")
        content = self._without_echo(chunk.content)
        for kind, text in self._text.feed(content.encode("utf-8", "replace")):
            yield Delta(text, kind)

    def overrun(self) -> None:
        """Note that the request's time is over; what is held back still belongs to the answer."""
        self._reason = "deadline"

    def finish(self) -> Iterator[Delta]:
        """Yield what was held back, and the last delta."""
        opening, self._opening = self._opening, ""
        for kind, text in self._text.feed(opening.encode("utf-8", "replace")):
            yield Delta(text, kind)
        for kind, text in self._text.finish():
            yield Delta(text, kind)
        reason = "stop" if self.stopped else self._reason
        yield Delta("", finish_reason=reason, usage=self._usage())

    def _without_echo(self, content: str) -> str:
        """Return the content without the prefill, which some servers say again."""
        if self._echo is None:
            return content
        opening = self._opening + content
        if len(opening) < len(self._echo) and self._echo.startswith(opening):
            self._opening = opening
            return ""
        echo, self._echo, self._opening = self._echo, None, ""
        return opening.removeprefix(echo)

    def _usage(self) -> Usage:
        """Return the server's counts, or estimates: a token per piece, a token per 3 bytes."""
        prompt = "".join(turn.content for turn in self._request.messages)
        counts = self._counts or TokenCounts(estimated_tokens(prompt), self._pieces)
        first_s = self._first_s
        wrote_s = 0.0 if first_s is None else self._last_s - first_s
        return Usage(
            input_tokens=counts.input_tokens,
            output_tokens=counts.output_tokens,
            cached_tokens=counts.cached_tokens,
            time_to_first_token_s=None if first_s is None else first_s - self._started_s,
            tokens_per_second=counts.output_tokens / wrote_s if wrote_s > 0 else None,
        )
