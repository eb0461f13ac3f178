"""Drawing the next token: greedy, by a sampler chain, or under a constraint.

Under a constraint the likeliest token is drawn first and only checked; the whole vocabulary is
masked only when that one token is refused. Checking one token costs microseconds, masking all of
them costs milliseconds.
"""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toollama.models.constrain import Matcher
from toollama.models.engine import Sampling
from toollama.models.llama.binding import lib
from toollama.models.llama.model import LoadedModel

_PENALTY_WINDOW_TOKENS = 256


class Sampler:
    """Draws tokens for one generation. Close it on the engine thread."""

    def __init__(self, model: LoadedModel, sampling: Sampling, matcher: Matcher | None) -> None:
        self._model = model
        self._matcher = matcher
        self._chain = None if matcher else _chain(sampling, model.vocabulary.size)
        self._allowed = np.zeros((model.vocabulary.size + 31) // 32, dtype=np.int32)
        self.refusals = 0
        """How often the model's own choice was not allowed; many mean it is too weak."""

    def draw(self, row: int) -> int:
        """Return the next token after a row of the batch that was decoded."""
        if self._chain is not None:
            return int(lib.llama_sampler_sample(self._chain, self._model.context, row))
        logits = self._model.logits(row)
        likeliest = int(logits.argmax())
        if self._matcher is None or self._matcher.allows(likeliest):
            return likeliest
        self.refusals += 1
        return self._draw_allowed(logits, self._matcher)

    def _draw_allowed(self, logits: NDArray[np.float32], matcher: Matcher) -> int:
        matcher.fill_mask(self._allowed)
        bits = np.unpackbits(self._allowed.view(np.uint8), bitorder="little")
        allowed = np.flatnonzero(bits[: logits.size])
        return int(allowed[logits[allowed].argmax()])

    def close(self) -> None:
        """Free the native sampler chain."""
        if self._chain is not None:
            lib.llama_sampler_free(self._chain)
            self._chain = None


def _chain(sampling: Sampling, vocabulary_size: int) -> Any:
    """Return a native sampler chain, or None where the plain maximum does."""
    if sampling.temperature == 0 and sampling.repeat_penalty == 1:
        return None
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())

    def add(sampler: ctypes.c_void_p) -> None:
        lib.llama_sampler_chain_add(chain, sampler)

    add(
        lib.llama_sampler_init_penalties(
            vocabulary_size, _PENALTY_WINDOW_TOKENS, sampling.repeat_penalty, 0.0, 0.0
        )
    )
    if sampling.temperature == 0:
        add(lib.llama_sampler_init_greedy())
        return chain
    add(lib.llama_sampler_init_top_k(sampling.top_k))
    add(lib.llama_sampler_init_top_p(sampling.top_p, 1))
    add(lib.llama_sampler_init_min_p(sampling.min_p, 1))
    add(lib.llama_sampler_init_temp(sampling.temperature))
    add(lib.llama_sampler_init_dist(sampling.seed))
    return chain
