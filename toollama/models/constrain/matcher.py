"""Follows one generation under a grammar and says which tokens may come next.

A matcher serves one generation; a tokenizer serves every matcher of one vocabulary.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toollama.models.constrain.refusal import refusal


@dataclass(frozen=True, slots=True)
class TokenTable:
    """What matching needs to know of a vocabulary.

    `tokenize` returns tokens of UTF-8 text as if it followed other text.
    """

    pieces: Sequence[bytes]
    control_tokens: frozenset[int]
    end_tokens: tuple[int, ...]
    tokenize: Callable[[bytes], list[int]]


class Tokenizer:
    """llguidance's view of a vocabulary. Costs about a second to build: keep it per vocabulary."""

    def __init__(self, table: TokenTable) -> None:
        import llguidance

        # A leading 0xff byte tells llguidance that a token is a marker and not text.
        tokens = [
            b"\xff" + piece if token in table.control_tokens else piece
            for token, piece in enumerate(table.pieces)
        ]
        self.native = llguidance.LLTokenizer(
            llguidance.TokenizerWrapper(_Bridge(tokens, table)), eos_token=list(table.end_tokens)
        )


class _Bridge:
    """The attributes that llguidance's TokenizerWrapper reads."""

    def __init__(self, tokens: Sequence[bytes], table: TokenTable) -> None:
        self.tokens = tokens
        self.special_token_ids = sorted(table.control_tokens)
        self.eos_token_id = table.end_tokens[0]
        self.bos_token_id = None
        self._tokenize = table.tokenize

    def __call__(self, text: bytes) -> list[int]:
        return self._tokenize(text)


class Matcher:
    """Follows one generation and says what may come next."""

    def __init__(self, tokenizer: Tokenizer, grammar: str) -> None:
        import llguidance

        # Warnings would go to the terminal past the program; faults are read from the matcher.
        self._matcher = llguidance.LLMatcher(tokenizer.native, grammar, log_level=0)
        self._raise_on_error()

    def allows(self, token: int) -> bool:
        """Return whether the token may come next."""
        return bool(self._matcher.validate_tokens([token]) == 1)

    def accept(self, tokens: Sequence[int]) -> None:
        """Take tokens that were drawn or forced."""
        self._matcher.consume_tokens(list(tokens))
        self._raise_on_error()

    def forced(self) -> list[int]:
        """Return the tokens that must come next, for which no choice is left."""
        return list(self._matcher.compute_ff_tokens())

    def fill_mask(self, mask: NDArray[np.int32]) -> None:
        """Set bit k of the mask where token k may come next."""
        self._matcher.unsafe_compute_mask_ptr(mask.ctypes.data, mask.nbytes)
        self._raise_on_error()

    @property
    def finished(self) -> bool:
        """Return whether the output is complete and nothing more may follow."""
        return bool(self._matcher.is_stopped())

    def _raise_on_error(self) -> None:
        if self._matcher.is_error():
            raise refusal(self._matcher.get_error())
