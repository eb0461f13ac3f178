"""Changes to single metadata values of a tiny model file, in place."""

import struct
from collections.abc import Mapping
from pathlib import Path

CONTROL, USER_DEFINED = 3, 4
"""Token types of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md."""

_U32_TYPE = 4


def with_token_types(path: Path, changes: Mapping[int, int]) -> None:
    """Give every token of one type another type."""
    key = b"tokenizer.ggml.token_type"
    data = bytearray(path.read_bytes())
    at = data.index(key) + len(key) + 8  # past the codes of array and i32
    (count,) = struct.unpack_from("<Q", data, at)
    types = struct.unpack_from(f"<{count}i", data, at + 8)
    struct.pack_into(f"<{count}i", data, at + 8, *(changes.get(kind, kind) for kind in types))
    path.write_bytes(data)


def with_number(path: Path, key: str, number: int) -> None:
    """Give an unsigned 32-bit value another number."""
    data = bytearray(path.read_bytes())
    at = data.index(key.encode()) + len(key)
    assert struct.unpack_from("<I", data, at) == (_U32_TYPE,)
    struct.pack_into("<I", data, at + 4, number)
    path.write_bytes(data)
