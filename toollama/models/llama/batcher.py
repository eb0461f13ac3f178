"""The requests of one model, decoded together: who is in the next batch, and with how much.

Every request that writes gets its tokens into every batch; prompts share what is left, and little
of it while somebody else writes, so that a long prompt never stalls an answer. Used on the engine
thread only, but for `review_abort`.
"""

from collections import deque

from toollama.errors import ModelError
from toollama.models.engine import FinishReason
from toollama.models.llama.decoder import Generation
from toollama.models.llama.model import DecodeAborted, LoadedModel
from toollama.models.llama.sequences import shared_prefix
from toollama.models.llama.thread import CancelFlag

_PROMPT_TOKENS_BESIDE_WRITERS = 64
"""A batch with so many prompt tokens takes about as long as a few tokens of an answer."""
_WORTH_WAITING_TOKENS = 64
"""A beginning that somebody reads right now is not read a second time if it is this much longer."""


class Batcher:
    """Runs the generations of one model, a batch at a time."""

    def __init__(self, model: LoadedModel, closing: CancelFlag) -> None:
        """Run requests on `model`; when `closing` is set, all of them end as cancelled."""
        self.model = model
        self._closing = closing
        self._waiting: deque[Generation] = deque()
        self._running: list[Generation] = []
        self._rows: dict[Generation, tuple[list[int], int]] = {}

    @property
    def busy(self) -> bool:
        """Return whether a request runs or waits."""
        return bool(self._running or self._waiting)

    def add(self, generation: Generation) -> None:
        """Let a generation wait for its turn; requests begin in the order in which they came."""
        self._waiting.append(generation)

    def step(self) -> None:
        """Decode one batch, and hand over what comes of it. Raises nothing."""
        try:
            self._drop_ended()
            self._admit()
            self._compose()
            if self._rows:
                self._decode()
        except Exception as error:  # noqa: BLE001 - else nobody would ever hear of it
            for generation in [*self._running, *self._waiting]:
                self._end(generation, error)

    def _decode(self) -> None:
        self.model.abort.clear()
        if self._nobody_waits():
            return
        try:
            self.model.decode()
        except DecodeAborted:
            self._reread()
        except ModelError as error:
            self._reread()
            for generation in list(self._rows):
                self._end(generation, error)
        else:
            self._advance()

    def review_abort(self) -> None:
        """Stop the batch that is being decoded if nobody waits for it. Called from any thread."""
        if self._nobody_waits():
            self.model.abort.set()

    def _nobody_waits(self) -> bool:
        return bool(self._closing) or all(one.cancel for one in list(self._running))

    def cancel_all(self) -> None:
        """End every generation as cancelled."""
        for generation in [*self._running, *self._waiting]:
            self._end(generation, "cancelled")

    def _drop_ended(self) -> None:
        for generation in [*self._running, *self._waiting]:
            if generation.cancel or self._closing:
                self._end(generation, "cancelled")
            elif generation.out_of_time:
                self._end(generation, "deadline")

    def _admit(self) -> None:
        """Start waiting generations, the oldest first, while there are sequences and cells."""
        while self._waiting:
            first = self._waiting[0]
            if self._is_being_read(first):
                return
            sequence = self.model.cache.open(first.prompt[:-1], limit_tokens=first.limit_tokens)
            if sequence is None:
                return
            first.begin(sequence)
            self._running.append(self._waiting.popleft())

    def _is_being_read(self, generation: Generation) -> bool:
        """Return whether another request reads a beginning that this one can have for nothing.

        Requests of one role come together, and begin with the role's own instructions.
        """
        coming = (
            shared_prefix(one.prompt, generation.prompt)
            for one in self._running
            if one.reads_prompt
        )
        there = self.model.cache.shared_tokens(generation.prompt)
        return max(coming, default=0) >= there + _WORTH_WAITING_TOKENS

    def _compose(self) -> None:
        """Fill the batch: those who write first, then prompts, the shortest remainder first."""
        self.model.batch.clear()
        self._rows = {}
        writers = [one for one in self._running if not one.reads_prompt]
        readers = sorted(
            (one for one in self._running if one.reads_prompt), key=lambda one: len(one.pending)
        )
        for writer in writers:
            self._put(writer, self.model.batch.room)
        room = self.model.batch.room
        if writers:
            room = min(room, _PROMPT_TOKENS_BESIDE_WRITERS)
        for at, reader in enumerate(readers):
            # An equal share at least; what shorter prompts leave goes to the longer ones.
            room -= self._put(reader, max(room // (len(readers) - at), min(room, 1)))

    def _put(self, generation: Generation, most: int) -> int:
        """Add up to `most` pending tokens to the batch; return how many."""
        tokens = generation.pending[:most]
        sequence = generation.sequence
        if not tokens or sequence is None:
            return 0
        row = self.model.batch.add(
            tokens,
            sequence=sequence.number,
            position=len(sequence.tokens),
            output=len(tokens) == len(generation.pending),
        )
        self._rows[generation] = tokens, row
        return len(tokens)

    def _advance(self) -> None:
        """Note what was decoded, and draw for everybody whose logits are there."""
        for generation, (tokens, row) in self._rows.items():
            assert generation.sequence is not None
            self.model.cache.grown(generation.sequence, tokens)
            del generation.pending[: len(tokens)]
            if not generation.pending:
                self._draw(generation, row)

    def _draw(self, generation: Generation, row: int) -> None:
        try:
            reason = generation.advance(row)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            self._end(generation, error)
        else:
            if reason:
                self._end(generation, reason)

    def _reread(self) -> None:
        """Note how much of the batch the cache holds after it was cut short."""
        for generation, (tokens, _row) in self._rows.items():
            assert generation.sequence is not None
            before = len(generation.sequence.tokens)
            self.model.cache.reread(generation.sequence, tokens)
            del generation.pending[: max(len(generation.sequence.tokens) - before, 0)]

    def _end(self, generation: Generation, outcome: FinishReason | Exception) -> None:
        if generation in self._running:
            self._running.remove(generation)
        else:
            self._waiting.remove(generation)
        if generation.sequence is not None:
            self.model.cache.close(generation.sequence)
        if isinstance(outcome, Exception):
            generation.fail(outcome)
        else:
            generation.finish(outcome)
