"""Matcher tokenizers by vocabulary: built once, shared by every file with the same vocabulary.

A tokenizer outlives the model it was built from, so it must never keep that model's vocabulary
pointer: it asks whichever holder is resident now.
"""

from dataclasses import dataclass, field

from toollama.models.constrain import Tokenizer, TokenTable
from toollama.models.llama.model import LoadedModel
from toollama.models.llama.vocabulary import digest


@dataclass(slots=True)
class _Shared:
    """One vocabulary's tokenizer and the resident models that can tokenise for it."""

    holders: list[LoadedModel] = field(default_factory=list)
    tokenizer: Tokenizer | None = None

    def tokenize(self, text: bytes) -> list[int]:
        return self.holders[0].vocabulary.tokenize_inside(text)


class TokenizerCache:
    """Tokenizers for constrained decoding. Used on the engine thread only."""

    def __init__(self) -> None:
        self._digests: dict[tuple[str, int, int], bytes] = {}
        self._shared: dict[bytes, _Shared] = {}

    def get(self, model: LoadedModel) -> Tokenizer:
        """Return the tokenizer of a resident model's vocabulary."""
        pieces: list[bytes] | None = None
        if model.file_stamp not in self._digests:
            pieces = model.vocabulary.pieces()
            self._digests[model.file_stamp] = digest(pieces)
        shared = self._shared.setdefault(self._digests[model.file_stamp], _Shared())
        if model not in shared.holders:
            shared.holders.append(model)
        if shared.tokenizer is None:
            shared.tokenizer = Tokenizer(_table(model, pieces or model.vocabulary.pieces(), shared))
        return shared.tokenizer

    def forget(self, model: LoadedModel) -> None:
        """Stop using a model that is about to be freed."""
        for shared in self._shared.values():
            if model in shared.holders:
                shared.holders.remove(model)


def _table(model: LoadedModel, pieces: list[bytes], shared: _Shared) -> TokenTable:
    vocabulary = model.vocabulary
    return TokenTable(
        pieces=pieces,
        control_tokens=frozenset(
            token for token, piece in enumerate(pieces) if vocabulary.is_control(token, piece)
        ),
        end_tokens=vocabulary.end_tokens(),
        tokenize=shared.tokenize,
    )
