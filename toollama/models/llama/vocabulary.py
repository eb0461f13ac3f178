"""A model's vocabulary: text to tokens, tokens to bytes, and the chat format around messages.

Message text is tokenised with control tokens disabled and other markers spelled out, so
`<|im_end|>` inside a web page stays text and can never close a turn.
"""

import ctypes
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from toollama.models.engine import Message
from toollama.models.llama.binding import lib
from toollama.models.llama.chat_frame import ChatFrame, new_marks, read_frame
from toollama.models.llama.chat_template import Unusable, built_in_format, frame_of

_PIECE_BYTES = 512
_SENTINEL = b"\x02"


class Vocabulary:
    """The vocabulary of one loaded model. Unusable after the model is freed."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.pointer = lib.llama_model_get_vocab(model)
        self.size: int = lib.llama_vocab_n_tokens(self.pointer)
        self._adds_bos: bool = lib.llama_vocab_get_add_bos(self.pointer)

    def tokenize(self, text: bytes, *, special: bool = False) -> list[int]:
        """Return the tokens of UTF-8 text; `special` lets control tokens be recognised."""
        capacity = len(text) + 8
        buffer = (lib.llama_token * capacity)()
        count = lib.llama_tokenize(self.pointer, text, len(text), buffer, capacity, False, special)
        if count < 0:
            buffer = (lib.llama_token * -count)()
            count = lib.llama_tokenize(
                self.pointer, text, len(text), buffer, -count, False, special
            )
        return list(buffer[:count])

    def tokenize_inside(self, text: bytes) -> list[int]:
        """Return the tokens of text that follows other text; no marker is recognised in it."""
        return [part for token in self._continue(text) for part in self._spelled(token)]

    def _continue(self, text: bytes) -> list[int]:
        """Return the tokens of text that follows other text.

        Some vocabularies put a space before the first token; a sentinel takes that space.
        """
        sentinel = self._sentinel_tokens
        tokens = self.tokenize(_SENTINEL + text)
        if tokens[: len(sentinel)] == sentinel:
            return tokens[len(sentinel) :]
        return self.tokenize(text)

    def _spelled(self, token: int) -> list[int]:
        """Return the token, or the tokens of its characters where it is a user-defined marker.

        llama.cpp finds user-defined tokens in text even where special tokens are disabled.
        """
        attributes = lib.llama_vocab_get_attr(self.pointer, token)
        if not attributes & lib.LLAMA_TOKEN_ATTR_USER_DEFINED:
            return [token]
        piece = self.text(token)
        if not self.is_control(token, piece):
            return [token]
        return self.tokenize_inside(piece[:1]) + self.tokenize_inside(piece[1:])

    @cached_property
    def _sentinel_tokens(self) -> list[int]:
        return self.tokenize(_SENTINEL)

    def ends_generation(self, token: int) -> bool:
        """Return whether the token ends the assistant's turn."""
        return bool(lib.llama_vocab_is_eog(self.pointer, token))

    def end_tokens(self) -> tuple[int, ...]:
        """Return every token that ends the assistant's turn, the usual one first."""
        usual = lib.llama_vocab_eot(self.pointer)
        if usual < 0:
            usual = lib.llama_vocab_eos(self.pointer)
        others = (t for t in range(self.size) if t != usual and self.ends_generation(t))
        return (usual, *others)

    def text(self, token: int) -> bytes:
        """Return the bytes that one token writes; control tokens write nothing."""
        buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        count = lib.llama_token_to_piece(self.pointer, token, buffer, _PIECE_BYTES, 0, False)
        return buffer.raw[:count] if count > 0 else b""

    def pieces(self) -> list[bytes]:
        """Return the bytes of every token by token id; control tokens give their name."""
        buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        convert, pointer = lib.llama_token_to_piece, self.pointer
        found = []
        for token in range(self.size):
            count = convert(pointer, token, buffer, _PIECE_BYTES, 0, True)
            found.append(buffer.raw[:count] if count > 0 else b"")
        return found

    def is_control(self, token: int, piece: bytes) -> bool:
        """Return whether the token is a marker rather than text."""
        attributes = lib.llama_vocab_get_attr(self.pointer, token)
        if attributes & lib.LLAMA_TOKEN_ATTR_CONTROL:
            return True
        user_defined = bool(attributes & lib.LLAMA_TOKEN_ATTR_USER_DEFINED)
        return user_defined and piece.startswith(b"<") and piece.endswith(b">")

    def prompt_tokens(self, messages: Sequence[Message], *, prefill: str = "") -> list[int]:
        """Return the tokens of a conversation up to where the assistant speaks.

        The chat format comes from the file's own template; where that cannot be followed, from what
        llama.cpp takes it for, else ChatML. Messages never pass through the template.
        """
        tokens: list[int] = []
        bos = lib.llama_vocab_bos(self.pointer)
        if self._adds_bos and bos >= 0:
            tokens.append(bos)
        for part in self._frame(tuple(message.role for message in messages)):
            if isinstance(part, str):
                tokens += self.tokenize(part.encode(), special=True)
            else:
                content = messages[part].content.strip()
                tokens += self.tokenize_inside(content.encode("utf-8", "replace"))
        if len(tokens) > 1 and tokens[0] == tokens[1] == bos:
            del tokens[0]  # the template wrote the marker that the vocabulary adds as well
        return tokens + self.tokenize_inside(prefill.encode("utf-8", "replace"))

    def _frame(self, roles: tuple[str, ...]) -> ChatFrame:
        """Return what stands around messages of these roles."""
        template = self._template
        if template and not built_in_format(template):
            bos, eos = lib.llama_vocab_bos(self.pointer), lib.llama_vocab_eos(self.pointer)
            frame = frame_of(template, roles, bos=self._name(bos), eos=self._name(eos))
            if not isinstance(frame, Unusable):
                return frame
        return self._built_in_frame(roles)

    def _built_in_frame(self, roles: tuple[str, ...]) -> ChatFrame:
        """Return the frame of the format that llama.cpp takes the template for, else of ChatML."""
        marks = new_marks(len(roles))
        chat = (lib.llama_chat_message * len(roles))()
        for slot, role, mark in zip(chat, roles, marks, strict=True):
            slot.role, slot.content = role.encode(), mark.encode()
        capacity = 1024 + 256 * len(roles)
        buffer = ctypes.create_string_buffer(capacity)
        for candidate in (self._template, "chatml"):
            count = lib.llama_chat_apply_template(
                candidate.encode(), chat, len(roles), True, buffer, capacity
            )
            rendered = buffer.raw[:count].decode("utf-8", "replace") if count > 0 else ""
            frame = read_frame(rendered, marks) if count <= capacity else None
            if frame is not None:
                return frame
        raise AssertionError("ChatML renders every conversation")

    @cached_property
    def _template(self) -> str:
        """Return the chat template of the file; `""` where it has none."""
        template: bytes | None = lib.llama_model_chat_template(self._model, None)
        return (template or b"").decode("utf-8", "replace")

    def _name(self, token: int) -> str:
        """Return how a marker is written in templates; `""` for a token that does not exist."""
        if token < 0:
            return ""
        buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        count = lib.llama_token_to_piece(self.pointer, token, buffer, _PIECE_BYTES, 0, True)
        return buffer.raw[:count].decode("utf-8", "replace") if count > 0 else ""
