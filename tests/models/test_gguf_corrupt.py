"""The faults of llama.cpp's own tests/test-gguf.cpp, rebuilt: every one is refused and located."""

import struct
from pathlib import Path

import pytest

from tests.models.gguf_bytes import ARRAY, LLAMA, STRING, U32, Tensor, header, long_array
from toollama.errors import ModelCorrupt
from toollama.models.gguf import read_header

F32, Q4_0 = 0, 2
WHOLE: list[Tensor] = [("a", [32], F32, 0), ("b", [32], F32, 128)]


def with_data(raw: bytes, *, missing: int = 0) -> bytes:
    """Return the header with the data of two tensors of 128 bytes behind it."""
    padded = raw + bytes(-len(raw) % 32)
    return padded + bytes(256 - missing)


def aligned_to(value: int) -> bytes:
    return header([*LLAMA, ("general.alignment", U32, value)], WHOLE)


def raw_key(length: int) -> bytes:
    return struct.pack("<4sIQQQ", b"GGUF", 3, 0, 1, length) + b"k" * 64


CORRUPT: dict[str, tuple[bytes, str]] = {
    "HEADER_BAD_MAGIC": (header(LLAMA, magic=b"GGUX"), "start of file"),
    "HEADER_BAD_VERSION_0": (header(LLAMA, version=0), "start of file"),
    "HEADER_BAD_VERSION_1": (header(LLAMA, version=1), "start of file"),
    "HEADER_BAD_VERSION_FUTURE": (header(LLAMA, version=4), "start of file"),
    "HEADER_BAD_N_TENSORS": (header(LLAMA, tensor_count=2**63), "start of file"),
    "HEADER_BAD_N_KV": (header(LLAMA, key_count=2**63), "start of file"),
    "HEADER_EMPTY": (header([]), "metadata"),
    "KV_BAD_KEY_SIZE": (raw_key(2**64 - 1), "key 0"),
    "KV_KEY_BEYOND_FILE": (raw_key(65), "key 0"),
    "KV_BAD_TYPE": (header([*LLAMA, ("extra", 13, 0)]), "key 'extra'"),
    "KV_BAD_ARRAY_TYPE": (header([("extra", ARRAY, long_array(13, 1))]), "key 'extra'"),
    "KV_BAD_ARRAY_LENGTH": (header([("extra", ARRAY, long_array(0, 2**63))]), "key 'extra'"),
    "KV_BAD_VALUE_SIZE": (
        header([("extra", STRING, struct.pack("<Q", 2**64 - 1))]),
        "key 'extra'",
    ),
    "KV_DUPLICATE_KEY": (
        header([*LLAMA, ("llama.block_count", U32, 2)]),
        "key 'llama.block_count'",
    ),
    "KV_BAD_ALIGN": (aligned_to(13), "key 'general.alignment'"),
    "KV_ALIGN_OF_WRONG_TYPE": (
        header([*LLAMA, ("general.alignment", STRING, "32")], WHOLE),
        "key 'general.alignment'",
    ),
    "TENSORS_BAD_NAME_SIZE": (header(LLAMA, [("n" * 64, [32], F32, 0)]), "tensor 0"),
    "TENSORS_BAD_N_DIMS": (header(LLAMA, [("a", [1] * 5, F32, 0)]), "tensor 'a'"),
    "TENSORS_BAD_SHAPE": (header(LLAMA, [("a", [2**64 - 1], Q4_0, 0)]), "tensor 'a'"),
    "TENSORS_NE_TOO_BIG": (header(LLAMA, [("a", [2**62] * 4, F32, 0)]), "tensor 'a'"),
    "TENSORS_NBYTES_TOO_BIG": (header(LLAMA, [("a", [2**61], F32, 0)]), "tensor 'a'"),
    "TENSORS_BAD_TYPE": (header(LLAMA, [("a", [32], 4, 0)]), "tensor 'a'"),
    "TENSORS_BAD_OFFSET": (header(LLAMA, [WHOLE[0], ("b", [32], F32, 136)]), "tensor 'b'"),
    "TENSORS_DUPLICATE_NAME": (header(LLAMA, [WHOLE[0], ("a", [32], F32, 128)]), "tensor 'a'"),
    "TENSORS_INCONSISTENT_ALIGN": (with_data(aligned_to(256)), "tensor 'b'"),
    "DATA_NOT_ENOUGH_DATA": (with_data(header(LLAMA, WHOLE), missing=1), "tensor 'b'"),
}


def test_the_sound_file_beside_the_corrupt_ones_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sound.gguf"
    path.write_bytes(with_data(header(LLAMA, WHOLE)))
    assert read_header(path).tensor_bytes == {"a": 128, "b": 128}


@pytest.mark.parametrize(("raw", "where"), CORRUPT.values(), ids=CORRUPT.keys())
def test_a_corrupt_file_is_refused_at_its_key_and_byte(
    tmp_path: Path, raw: bytes, where: str
) -> None:
    path = tmp_path / "corrupt.gguf"
    path.write_bytes(raw)
    with pytest.raises(ModelCorrupt) as caught:
        read_header(path)
    offset, _, place = caught.value.message.rpartition("(byte ")[2].rstrip(")").partition(", ")
    assert place == where
    assert 0 <= int(offset) <= len(raw)
