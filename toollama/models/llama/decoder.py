"""One generation on the engine thread: what it must decode next, and what comes of the logits.

It owns its sampler, its constraint and its text; when it is decoded, and beside whom, is the
batcher's affair.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from toollama.errors import InputTooLong
from toollama.events.payloads import Usage
from toollama.models.constrain import Matcher
from toollama.models.engine import Delta, FinishReason, GenerationRequest, TokenScore
from toollama.models.llama.cache import CachedSequence
from toollama.models.llama.logprobs import top
from toollama.models.llama.model import LoadedModel
from toollama.models.llama.sampling import Sampler
from toollama.models.llama.thread import CancelFlag
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

    `done` is resolved at the end; before, the last delta has carried the finish reason and the
    usage, also after a cancellation. Raises `InputTooLong`.
    """

    def __init__(
        self,
        model: LoadedModel,
        request: GenerationRequest,
        matcher: Matcher | None,
        *,
        deliver: Deliver,
        cancel: CancelFlag,
        done: "Future[None]",
        started_s: float,
    ) -> None:
        self.request = request
        self.cancel = cancel
        self.done = done
        self.sequence: CachedSequence | None = None
        self.pending: list[int] = []
        """Tokens that must be decoded before the next one can be drawn."""
        self._model = model
        self._matcher = matcher
        self._deliver = deliver
        self._stream = TextStream(
            stop=request.stop,
            reasoning_tags=None if matcher else model.spec.reasoning_tags,
        )
        prompt = model.vocabulary.prompt_tokens(request.messages, prefill=request.prefill)
        self._progress = _Progress(len(prompt), started_s)
        self._forced = self._take_forced()
        self.prompt = prompt + self._forced
        if len(self.prompt) >= model.context_tokens:
            raise InputTooLong(
                f"{len(prompt)} tokens do not fit the context of {model.spec.id} "
                f"({model.context_tokens} tokens)",
                fix="shorten the input, or give the model a larger context in models.toml",
            )
        self._sampler = Sampler(model, request.sampling, matcher)
        self._scores: list[TokenScore] = []
        self._unread = b""
        self._delivered_s = 0.0

    @property
    def limit_tokens(self) -> int:
        """Return how long its sequence may become."""
        wanted = len(self.prompt) + self.request.max_tokens
        return min(wanted, self._model.context_tokens)

    def begin(self, sequence: CachedSequence) -> None:
        """Go on from what the sequence holds: a beginning of the prompt, never all of it."""
        self.sequence = sequence
        self.pending = self.prompt[len(sequence.tokens) :]
        self._progress.cached_tokens = min(len(sequence.tokens), self._progress.input_tokens)

    @property
    def reads_prompt(self) -> bool:
        """Return whether nothing has been drawn yet."""
        return self._progress.first_token_s is None

    @property
    def out_of_time(self) -> bool:
        """Return whether the request's deadline has passed."""
        limit_s = self.request.deadline_s
        return limit_s is not None and time.monotonic() - self._progress.started_s > limit_s

    def advance(self, row: int) -> FinishReason | None:
        """Draw from the logits of a row and set what is pending; return a reason to end here."""
        if self.reads_prompt:
            self._progress.first_token_s = time.monotonic()
            self._write(self._forced)
            if ended := self._ended():
                return ended
        token = self._sampler.draw(row)
        if self.request.logprobs:
            self._scores.append(self._score(token, row))
        if self._model.vocabulary.ends_generation(token):
            return "stop"
        self.pending = [token]
        if self._matcher:
            self._matcher.accept(self.pending)
            self.pending += self._take_forced()
        self._write(self.pending)
        return self._ended()

    def _ended(self) -> FinishReason | None:
        if self._stream.stopped or (self._matcher and self._matcher.finished):
            return "stop"
        used = self._progress.output_tokens
        if used >= self.request.max_tokens or len(self.prompt) - len(self._forced) + used >= (
            self._model.context_tokens
        ):
            return "length"
        return None

    def finish(self, reason: FinishReason) -> None:
        """Hand over what is left and resolve `done`."""
        self._sampler.close()
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
        self.done.set_result(None)

    def fail(self, error: Exception) -> None:
        """Resolve `done` with an error."""
        self._sampler.close()
        self.done.set_exception(error)

    def _score(self, token: int, row: int) -> TokenScore:
        vocabulary = self._model.vocabulary
        found = top(self._model.logits(row), token, k=self.request.logprobs)

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
        if now_s - self._delivered_s >= _DELIVERY_S or self.request.stop:
            self._delivered_s = now_s
            self._flush()

    def _flush(self) -> None:
        unread, self._unread = self._unread, b""
        for kind, text in self._stream.feed(unread):
            self._deliver(Delta(text, kind))
