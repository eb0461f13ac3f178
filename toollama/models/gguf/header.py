"""What is kept of a GGUF header: figures, metadata and the size of every tensor. No file access."""

from collections.abc import Mapping
from dataclasses import dataclass

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class GgufArray:
    """What is kept of an array: its element type, its length, and the largest of few integers."""

    element_type: str
    length: int
    largest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufHeader:
    """The header of one language model. Text in it is untrusted."""

    version: int
    architecture: str
    name: str
    metadata: Mapping[str, Scalar]
    arrays: Mapping[str, GgufArray]
    tensor_bytes: Mapping[str, int]
    """Exact bytes by tensor name, in file order, without padding."""
    parameters: int
    """Elements of all tensors together."""
    layers: int
    context_length: int
    """Tokens the model was trained for."""
    embedding_length: int
    heads: int
    kv_heads: int
    """Where layers differ: the largest."""
    key_length: int
    """Elements of one head's key."""
    value_length: int
    vocabulary: int
    chat_template: str | None
    file_bytes: int
    file_type: str
    """Quantisation as llama.cpp names it, such as `Q4_K_M`; `""` where the file does not say."""

    @property
    def tensor_count(self) -> int:
        """Return how many tensors the file holds."""
        return len(self.tensor_bytes)

    @property
    def weight_bytes(self) -> int:
        """Return the exact bytes of all tensors, without padding."""
        return sum(self.tensor_bytes.values())
