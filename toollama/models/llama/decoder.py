"""One generation on the engine thread: prefill, draw, extend, until a reason to stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from toollama.events.payloads import Usage
from toollama.models.constrain import Matcher
from toollama.models.engine import Delta, FinishReason, GenerationRequest, TokenScore
from toollama.models.llama.logprobs import top
from toollama.models.llama.model import DecodeAborted, LoadedModel
from toollama.models.llama.sampling import Sampler
from toollama.models.stream import TextStream

_DELIVERY_S = 0.02

Deliver = Callable[[Delta], None]


@dataclass(slots=True)
class _Progress:
    """What one generation has spent so far. Times are monotonic seconds."""

    input_tokens: int
    started_s: float
    cached_tokens: int = 0
    output_tokens: int = 0
    forced_tokens: int = 0
    first_token_s: float | None = None

    def usage(self) -> Usage:
        now_s = time.monotonic()
        first_s = self.first_token_s
        decode_s = now_s - first_s if first_s is not None else 0.0
        return Usage(
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cached_tokens=self.cached_tokens,
            forced_tokens=self.forced_tokens,
            time_to_first_token_s=first_s - self.started_s if first_s is not None else None,
            tokens_per_second=self.output_tokens / decode_s if decode_s > 0 else None,
        )


class Generation:
    """Runs one request on one model and hands every piece of text to `deliver`.

    The last delta carries the finish reason and the usage, also after a cancellation.
    """

    def __init__(
        self,
        model: LoadedModel,
        request: GenerationRequest,
        matcher: Matcher | None,
        deliver: Deliver,
    ) -> None:
        self._model = model
        self._request = request
        self._matcher = matcher
        self._deliver = deliver
        self._stream = TextStream(
            stop=request.stop,
            reasoning_tags=None if matcher else model.spec.reasoning_tags,
        )
        self._prompt = model.vocabulary.prompt_tokens(request.messages, prefill=request.prefill)
        self._progress = _Progress(len(self._prompt), time.monotonic())
        self._scores: list[TokenScore] = []
        self._unread = b""
        self._delivered_s = 0.0

    def run(self) -> None:
        """Generate to the end. Raises `InputTooLong` or `ModelError`; cancellation ends quietly."""
        sampler = Sampler(self._model, self._request.sampling, self._matcher)
        try:
            reason = self._generate(sampler)
        except DecodeAborted:
            reason = "cancelled"
        finally:
            sampler.close()
        self._flush()
        for kind, text in self._stream.finish():
            self._deliver(Delta(text, kind))
        self._deliver(
            Delta(
                "",
                finish_reason=reason,
                usage=self._progress.usage(),
                scores=tuple(self._scores),
            )
        )

    def _generate(self, sampler: Sampler) -> FinishReason:
        forced = self._take_forced()
        shared = self._model.prefill(self._prompt + forced)
        self._progress.cached_tokens = min(shared, len(self._prompt))
        self._progress.first_token_s = time.monotonic()
        self._write(forced)
        while not (self._matcher and self._matcher.finished):
            if self._progress.output_tokens >= self._request.max_tokens:
                return "length"
            token = sampler.draw()
            if self._request.logprobs:
                self._scores.append(self._score(token))
            if self._model.vocabulary.ends_generation(token):
                return "stop"
            step = [token]
            if self._matcher:
                self._matcher.accept(step)
                step += self._take_forced()
            self._write(step)
            if self._stream.stopped:
                return "stop"
            if self._matcher and self._matcher.finished:
                return "stop"
            if self._model.room_tokens <= len(step):
                return "length"
            self._model.extend(step)
        return "stop"

    def _score(self, token: int) -> TokenScore:
        vocabulary = self._model.vocabulary
        found = top(self._model.logits(), token, k=self._request.logprobs)

        def shown(token: int) -> str:
            return vocabulary.text(token).decode("utf-8", "replace")

        return TokenScore(
            shown(token), found.logprob, tuple((shown(t), p) for t, p in found.alternatives)
        )

    def _take_forced(self) -> list[int]:
        """Return the tokens that have no alternative, already accepted."""
        if self._matcher is None or self._matcher.finished:
            return []
        forced = self._matcher.forced()
        if forced:
            self._matcher.accept(forced)
            self._progress.forced_tokens += len(forced)
        return forced

    def _write(self, tokens: list[int]) -> None:
        """Take tokens into the output; text leaves at most every 20 ms.

        Waking the event loop for each token costs more than everything else that is done for it.
        """
        self._progress.output_tokens += len(tokens)
        self._unread += b"".join(self._model.vocabulary.text(token) for token in tokens)
        now_s = time.monotonic()
        if now_s - self._delivered_s >= _DELIVERY_S or self._request.stop:
            self._delivered_s = now_s
            self._flush()

    def _flush(self) -> None:
        unread, self._unread = self._unread, b""
        for kind, text in self._stream.feed(unread):
            self._deliver(Delta(text, kind))
