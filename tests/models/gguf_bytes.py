"""Writes GGUF headers byte by byte, faulty ones too, which no writing library would do."""

import struct

U32, STRING, ARRAY = 4, 8, 9
Key = tuple[str, int, str | int | bytes]
Tensor = tuple[str, list[int], int, int]

LLAMA: list[Key] = [
    ("general.architecture", STRING, "llama"),
    ("llama.block_count", U32, 1),
    ("llama.context_length", U32, 512),
    ("llama.embedding_length", U32, 32),
]


def packed(text: str | bytes) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    return struct.pack("<Q", len(raw)) + raw


def packed_value(kind: int, value: str | int | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    return packed(value) if isinstance(value, str) else struct.pack("<I", value)


def header(
    keys: list[Key],
    tensors: list[Tensor] | None = None,
    *,
    magic: bytes = b"GGUF",
    version: int = 3,
    key_count: int | None = None,
    tensor_count: int | None = None,
) -> bytes:
    """Return the bytes of a header; tensors are (name, shape, type, offset)."""
    tensors = tensors or []
    counts = (
        len(tensors) if tensor_count is None else tensor_count,
        len(keys) if key_count is None else key_count,
    )
    raw = magic + struct.pack("<IQQ", version, *counts)
    for key, kind, value in keys:
        raw += packed(key) + struct.pack("<I", kind) + packed_value(kind, value)
    for name, shape, kind, offset in tensors:
        raw += packed(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        raw += struct.pack("<IQ", kind, offset)
    return raw


def long_array(kind: int, length: int) -> bytes:
    return struct.pack("<IQ", kind, length)
