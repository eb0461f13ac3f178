"""Matcher tokenizers by vocabulary: built once, shared by every file with the same vocabulary.

A tokenizer outlives the model it was built from, so it must never keep that model's vocabulary
pointer: it asks whichever holder is resident now.
"""

import hashlib
from dataclasses import dataclass, field

from toollama.models.constrain import Tokenizer, TokenTable
from toollama.models.llama.model import LoadedModel


@dataclass(slots=True)
class _Holders:
    """The resident models that can tokenise for one vocabulary."""

    models: list[LoadedModel] = field(default_factory=list)

    def tokenize(self, text: bytes) -> list[int]:
        return self.models[0].vocabulary.tokenize_inside(text)


class TokenizerCache:
    """Tokenizers for constrained decoding. Used on the engine thread only."""

    def __init__(self) -> None:
        self._digests: dict[tuple[str, int, int], bytes] = {}
        self._shared: dict[bytes, tuple[_Holders, Tokenizer]] = {}

    def get(self, model: LoadedModel) -> Tokenizer:
        """Return the tokenizer of a resident model's vocabulary."""
        if model.file_stamp not in self._digests:
            self._digests[model.file_stamp] = self._share(model)
        holders, tokenizer = self._shared[self._digests[model.file_stamp]]
        if model not in holders.models:
            holders.models.append(model)
        return tokenizer

    def _share(self, model: LoadedModel) -> bytes:
        """Make sure that the model's vocabulary has a tokenizer; return the vocabulary's digest."""
        holders = _Holders([model])
        table = _table(model, holders)
        digest = _digest(table)
        if digest not in self._shared:
            self._shared[digest] = holders, Tokenizer(table)
        return digest

    def forget(self, model: LoadedModel) -> None:
        """Stop using a model that is about to be freed."""
        for holders, _ in self._shared.values():
            if model in holders.models:
                holders.models.remove(model)


def _table(model: LoadedModel, holders: _Holders) -> TokenTable:
    vocabulary = model.vocabulary
    pieces = vocabulary.pieces()
    return TokenTable(
        pieces=pieces,
        control_tokens=frozenset(
            token for token, piece in enumerate(pieces) if vocabulary.is_control(token, piece)
        ),
        end_tokens=vocabulary.end_tokens(),
        tokenize=holders.tokenize,
    )


def _digest(table: TokenTable) -> bytes:
    """Return what tells two vocabularies apart: every token's bytes, markers and end tokens.

    Fine-tuned files often share the text of all tokens and end a turn with another one.
    """
    state = hashlib.sha256(repr((sorted(table.control_tokens), table.end_tokens)).encode())
    for piece in table.pieces:
        state.update(len(piece).to_bytes(4, "little"))
        state.update(piece)
    return state.digest()
