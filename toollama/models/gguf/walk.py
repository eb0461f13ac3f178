"""What one GGUF file says about itself, read within fixed bounds before native code sees the file.

Owns the header walk and its limits. Tensor data is never read, arrays are skipped and not kept,
and every fault is `ModelCorrupt` naming the key and the byte. The `gguf` package is not used here:
it materialises every token (seconds for a vocabulary) and leaks `IndexError` on damaged files.

The format is described in https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; what is
refused beyond it follows `ggml/src/gguf.cpp`.
"""

import os
import stat
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from toollama.errors import ModelCorrupt, ModelMissing
from toollama.models.gguf.header import GgufArray, Scalar
from toollama.models.gguf.reader import ByteReader

_MAX_KEYS = 4096
_MAX_TENSORS = 131_072
_MAX_ARRAY_LENGTH = 4_000_000
_MAX_DIMENSIONS = 4
_MAX_TENSOR_NAME_BYTES = 63
_MAX_ALIGNMENT = 1 << 20
_SMALL_ARRAY_LENGTH = 4096

_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_STRING, _ARRAY = 8, 9
_SCALARS = {
    code: (name, struct.Struct(f"<{letter}"))
    for code, name, letter in [
        (0, "u8", "B"), (1, "i8", "b"), (2, "u16", "H"), (3, "i16", "h"), (4, "u32", "I"),
        (5, "i32", "i"), (6, "f32", "f"), (7, "bool", "?"), (10, "u64", "Q"), (11, "i64", "q"),
        (12, "f64", "d"),
    ]
}  # fmt: skip

# enum ggml_type: elements per block, bytes per block.
_TENSOR_TYPES = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 40), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
    40: (64, 36), 41: (128, 18),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tensors:
    """What is kept of tensors: their elements together, and the exact bytes of each by name."""

    parameters: int
    sizes_bytes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class GgufFile:
    """One file as it was read: a whole model, or a part of one."""

    reader: ByteReader
    version: int
    metadata: Mapping[str, Scalar]
    arrays: Mapping[str, GgufArray]
    tensors: Tensors


def read_file(path: Path) -> GgufFile:
    """Read the header of one file, version 2 or 3, little-endian.

    Raises `ModelMissing` where there is no readable file and `ModelCorrupt` for every fault.
    """
    try:
        # A pipe or a device would block on open, so the kind of file is asked first.
        if not stat.S_ISREG(path.stat().st_mode):
            raise ModelCorrupt(f"{path}: not a regular file", fix="give the path of a .gguf file")
        with path.open("rb", buffering=0) as file:
            file_bytes = os.fstat(file.fileno()).st_size
            return _walk(ByteReader(file, path=path, file_bytes=file_bytes))
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else fault
        raise ModelMissing(
            f"{path}: cannot be read: {reason}", fix="check the path and its permissions"
        ) from None


def _walk(reader: ByteReader) -> GgufFile:
    if reader.take(4) != b"GGUF":
        raise reader.fault("does not start with GGUF")
    version = int(reader.number(_U32))
    if version not in {2, 3}:
        big_endian = version in {2 << 24, 3 << 24}
        shown = "big-endian" if big_endian else f"version {version}"
        raise reader.fault(f"{shown} GGUF is not supported, versions 2 and 3 are")
    tensor_count = reader.count(_U64, limit=_MAX_TENSORS, what="tensor count")
    key_count = reader.count(_U64, limit=_MAX_KEYS, what="key count")
    metadata, arrays = _read_metadata(reader, key_count)
    tensors = _read_tensors(reader, tensor_count, alignment=_alignment(reader, metadata))
    reader.where = "metadata"
    return GgufFile(reader, version, metadata, arrays, tensors)


def _read_metadata(
    reader: ByteReader, count: int
) -> tuple[dict[str, Scalar], dict[str, GgufArray]]:
    metadata: dict[str, Scalar] = {}
    arrays: dict[str, GgufArray] = {}
    for number in range(count):
        reader.where = f"key {number}"
        key = _text(reader, reader.string())
        reader.where = f"key {key[:80]!r}"
        if key in metadata or key in arrays:
            raise reader.fault("the key occurs twice")
        code = int(reader.number(_U32))
        if code == _ARRAY:
            arrays[key] = _read_array(reader)
        elif code == _STRING:
            metadata[key] = reader.string().decode("utf-8", "replace")
        elif code in _SCALARS:
            metadata[key] = reader.number(_SCALARS[code][1])
        else:
            raise reader.fault(f"unknown value type {code}")
    return metadata, arrays


def _read_array(reader: ByteReader) -> GgufArray:
    code = int(reader.number(_U32))
    length = reader.count(_U64, limit=_MAX_ARRAY_LENGTH, what="array length")
    if code == _STRING:
        reader.skip_strings(length)
        return GgufArray("string", length)
    if code not in _SCALARS:
        raise reader.fault(f"arrays of value type {code} are not supported")
    name, kind = _SCALARS[code]
    if name[0] in "ui" and 0 < length <= _SMALL_ARRAY_LENGTH:
        values = struct.unpack(f"<{length}{kind.format[1:]}", reader.take(length * kind.size))
        return GgufArray(name, length, max(values))
    reader.skip(length * kind.size)
    return GgufArray(name, length)


def _read_tensors(reader: ByteReader, count: int, *, alignment: int) -> Tensors:
    """Check every tensor's shape, type and place. Data must be contiguous, as llama.cpp demands."""
    sizes_bytes: dict[str, int] = {}
    parameters = end = next_offset = 0
    for number in range(count):
        reader.where = f"tensor {number}"
        name = _text(reader, reader.string(limit=_MAX_TENSOR_NAME_BYTES))
        reader.where = f"tensor {name!r}"
        if name in sizes_bytes:
            raise reader.fault("the tensor's name occurs twice")
        elements, size_bytes = _read_shape(reader)
        offset = int(reader.number(_U64))
        if offset != next_offset:
            raise reader.fault(f"tensor data at {offset}, expected at {next_offset}")
        end = offset + size_bytes
        next_offset = _padded(end, alignment)
        parameters += elements
        sizes_bytes[name] = size_bytes
    data_end = _padded(reader.offset, alignment) + end
    if end and data_end > reader.file_bytes:
        raise reader.fault(f"tensors need {data_end} bytes, the file has {reader.file_bytes}")
    return Tensors(parameters, sizes_bytes)


def _read_shape(reader: ByteReader) -> tuple[int, int]:
    """Return the elements and the bytes of a tensor."""
    dimensions = reader.count(_U32, limit=_MAX_DIMENSIONS, what="dimensions")
    shape = [int(reader.number(_U64)) for _ in range(dimensions)]
    code = int(reader.number(_U32))
    if code not in _TENSOR_TYPES:
        raise reader.fault(f"unknown tensor type {code}")
    block_elements, block_bytes = _TENSOR_TYPES[code]
    if not shape or min(shape) < 1 or shape[0] % block_elements:
        raise reader.fault(f"shape {shape} is not possible for tensor type {code}")
    elements = 1
    for length in shape:
        elements *= length
    return elements, elements // block_elements * block_bytes


def _alignment(reader: ByteReader, metadata: Mapping[str, Scalar]) -> int:
    value = metadata.get("general.alignment", 32)
    if type(value) is int and 0 < value <= _MAX_ALIGNMENT and value & (value - 1) == 0:
        return value
    reader.where = "key 'general.alignment'"
    raise reader.fault("the alignment must be a power of two")


def _padded(count: int, alignment: int) -> int:
    return -(-count // alignment) * alignment


def _text(reader: ByteReader, raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise reader.fault("a name is not UTF-8 text") from None
