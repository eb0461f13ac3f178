"""Log probabilities of a drawn token and of the likeliest ones beside it.

Pure: it knows tokens by number. They are those of the model before sampling and constraints, as
the OpenAI API's `logprobs` has them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """What the model thought of one token."""

    token: int
    logprob: float
    """Natural logarithm of its probability; `-inf` for a token that was ruled out."""
    alternatives: tuple[tuple[int, float], ...]
    """The k likeliest tokens and their log probabilities, best first; may include the token."""


def top(logits: NDArray[np.float32], token: int, *, k: int) -> TokenLogprob:
    """Return the log probability of `token` and of the `k` likeliest tokens.

    `logits` has one value for each token of the vocabulary and is left as it is. Ties go to the
    lower token number.
    """
    # The vocabulary is summed in double precision: 150,000 small terms lose digits in single.
    wide = logits.astype(np.float64)
    highest = wide.max()
    logprobs = wide - (highest + np.log(np.exp(wide - highest).sum()))
    k = min(k, logits.size)
    if k <= 0:
        return TokenLogprob(token, float(logprobs[token]), ())
    threshold = np.partition(wide, -k)[-k]
    candidates = np.flatnonzero(wide >= threshold)
    best = candidates[np.argsort(-wide[candidates], kind="stable")][:k]
    return TokenLogprob(
        token, float(logprobs[token]), tuple((int(at), float(logprobs[at])) for at in best)
    )
