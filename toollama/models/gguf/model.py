"""The header of a language model, from its one file or from all parts of a split one.

Owns which figures make a language model and how parts belong together; `walk` reads each file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toollama.errors import ModelCorrupt, ModelMissing
from toollama.models.gguf.header import GgufArray, GgufHeader, Scalar
from toollama.models.gguf.reader import ByteReader
from toollama.models.gguf.split import MAX_PARTS, part_names
from toollama.models.gguf.walk import GgufFile, Tensors, read_file

_MAX_COUNT = (1 << 31) - 1
_MAX_LAYERS = 512  # LLAMA_MAX_LAYERS: llama.cpp aborts beyond

# enum llama_ftype
_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K",
    11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S",
    17: "Q5_K_M", 18: "Q6_K", 19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS",
    23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL", 26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M",
    30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4", 39: "NVFP4",
    40: "Q1_0",
}  # fmt: skip


def read_header(path: Path) -> GgufHeader:
    """Read the header of a model, GGUF version 2 or 3, little-endian.

    `path` is its file, or the first part of a split model, whose other parts lie beside it: their
    tensors and bytes are counted as well. Raises `ModelMissing` where there is no readable file or
    a part is missing, and `ModelCorrupt` for every fault.
    """
    first = read_file(path)
    files = [first, *_other_parts(path, first)]
    description = _Description(first.reader, first.metadata, first.arrays)
    return description.header(
        first.version,
        _joined(files),
        file_bytes=sum(file.reader.file_bytes for file in files),
    )


def _other_parts(path: Path, first: GgufFile) -> Iterator[GgufFile]:
    """Read the parts that follow the first one; a whole model has none.

    Of the metadata they hold little but `split.*`, see llama.cpp's tools/gguf-split.
    """
    described = _Description(first.reader, first.metadata, first.arrays)
    count = described.number("split.count", default=1, limit=MAX_PARTS)
    if count <= 1:
        return
    names = part_names(path.name)
    if described.number("split.no", default=0) != 0 or names[0] != path.name or len(names) != count:
        raise ModelCorrupt(
            f"{path}: part of {count} files, and not named as the first of them",
            fix=f"give the path of the first part, NAME-00001-of-{count:05}.gguf",
        )
    for position, name in enumerate(names[1:], 1):
        beside = path.with_name(name)
        if not beside.exists():
            raise ModelMissing(
                f"{beside}: this part of the model, {position + 1} of {count}, is not here",
                fix=f"put it beside {path.name}, or fetch all parts: toollama models pull SOURCE",
            )
        part = read_file(beside)
        place = _Description(part.reader, part.metadata, part.arrays)
        if (place.number("split.no", default=0), place.number("split.count", default=1)) != (
            position,
            count,
        ):
            raise part.reader.fault(f"it does not say that it is part {position + 1} of {count}")
        yield part


def _joined(files: Sequence[GgufFile]) -> Tensors:
    """Return the tensors of all files together."""
    sizes_bytes: dict[str, int] = {}
    for file in files:
        if twice := sizes_bytes.keys() & file.tensors.sizes_bytes.keys():
            raise file.reader.fault(f"tensor {min(twice)!r} is in two parts")
        sizes_bytes |= file.tensors.sizes_bytes
    return Tensors(sum(file.tensors.parameters for file in files), sizes_bytes)


@dataclass(frozen=True, slots=True)
class _Description:
    """Finds the figures of a language model among the metadata."""

    reader: ByteReader
    metadata: Mapping[str, Scalar]
    arrays: Mapping[str, GgufArray]

    def header(self, version: int, tensors: Tensors, *, file_bytes: int) -> GgufHeader:
        architecture = self._text("general.architecture")
        if not architecture:
            raise self.reader.fault("general.architecture is missing")
        embedding = self.number(f"{architecture}.embedding_length")
        heads = self.number(f"{architecture}.attention.head_count", default=0)
        head_length = embedding // heads if heads else 0
        attention = f"{architecture}.attention"
        tokens = self.arrays.get("tokenizer.ggml.tokens")
        file_type = self.metadata.get("general.file_type", "")
        return GgufHeader(
            version=version,
            architecture=architecture,
            name=self._text("general.name"),
            metadata=self.metadata,
            arrays=self.arrays,
            tensor_bytes=tensors.sizes_bytes,
            parameters=tensors.parameters,
            layers=self.number(f"{architecture}.block_count", limit=_MAX_LAYERS),
            context_length=self.number(f"{architecture}.context_length"),
            embedding_length=embedding,
            heads=heads,
            kv_heads=self.number(f"{attention}.head_count_kv", default=heads),
            key_length=self.number(f"{attention}.key_length", default=head_length),
            value_length=self.number(f"{attention}.value_length", default=head_length),
            vocabulary=(
                tokens.length if tokens else self.number(f"{architecture}.vocab_size", default=0)
            ),
            chat_template=self._text("tokenizer.chat_template") or None,
            file_bytes=file_bytes,
            file_type=_FILE_TYPES.get(file_type, "") if isinstance(file_type, int) else "",
        )

    def _text(self, key: str) -> str:
        value = self.metadata.get(key, "")
        if isinstance(value, str):
            return value
        raise self.reader.fault(f"{key} must be text")

    def number(self, key: str, *, default: int | None = None, limit: int = _MAX_COUNT) -> int:
        """Return a count; one without default must be there and be at least 1."""
        array = self.arrays.get(key)
        value = array.largest if array else self.metadata.get(key, default)
        if value is None:
            raise self.reader.fault(f"{key} is missing: not a language model")
        lowest = 1 if default is None else 0
        if type(value) is not int or not lowest <= value <= limit:
            raise self.reader.fault(f"{key} must be a whole number from {lowest} to {limit}")
        return value
