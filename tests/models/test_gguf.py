import os
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import gguf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.gguf_bytes import ARRAY, LLAMA, STRING, U32, header, long_array, packed
from tests.tiny_gguf import MINIMUM_VOCABULARY, write_tiny_gguf
from toollama.errors import ModelCorrupt, ModelMissing
from toollama.models.gguf import GgufArray, read_header


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(raw: bytes) -> Path:
        path = tmp_path / "model.gguf"
        path.write_bytes(raw)
        return path

    return write


def test_the_header_says_what_was_written(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf", layers=3, chat_template="{{ messages }}")
    found = read_header(path)
    assert (found.version, found.architecture, found.name) == (3, "llama", "tiny-0")
    assert (found.layers, found.context_length, found.embedding_length) == (3, 512, 64)
    assert (found.heads, found.kv_heads, found.key_length, found.value_length) == (2, 1, 32, 32)
    assert (found.vocabulary, found.file_type) == (MINIMUM_VOCABULARY, "F32")
    assert found.chat_template == "{{ messages }}"
    assert found.file_bytes == path.stat().st_size


def test_weight_bytes_are_those_of_the_reference_reader(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf", layers=1)
    tensors = gguf.GGUFReader(path).tensors
    found = read_header(path)
    assert found.tensor_count == len(tensors)
    assert found.weight_bytes == sum(int(tensor.n_bytes) for tensor in tensors)
    assert found.parameters == sum(int(tensor.n_elements) for tensor in tensors)


@pytest.mark.parametrize("kind", list(gguf.GGMLQuantizationType), ids=lambda kind: kind.name)
def test_a_tensor_has_the_bytes_that_ggml_gives_its_type(
    write: Callable[[bytes], Path], kind: gguf.GGMLQuantizationType
) -> None:
    block_elements, block_bytes = gguf.GGML_QUANT_SIZES[kind]
    raw = header(LLAMA, [("t", [2 * block_elements], int(kind), 0)]).ljust(1024, b"\0")
    assert read_header(write(raw)).weight_bytes == 2 * block_bytes


@pytest.mark.parametrize("version", [2, 3])
def test_versions_two_and_three_are_read(write: Callable[[bytes], Path], version: int) -> None:
    assert read_header(write(header(LLAMA, version=version))).version == version


def test_kv_heads_that_differ_by_layer_count_as_the_largest(
    write: Callable[[bytes], Path],
) -> None:
    values = struct.pack("<IQ3I", U32, 3, 1, 4, 2)
    found = read_header(write(header([*LLAMA, ("llama.attention.head_count_kv", ARRAY, values)])))
    assert found.kv_heads == 4
    assert found.arrays["llama.attention.head_count_kv"] == GgufArray("u32", 3, 4)


def test_text_that_is_not_utf8_is_replaced(write: Callable[[bytes], Path]) -> None:
    raw = header([*LLAMA, ("general.name", STRING, packed(b"a\xff"))])
    assert read_header(write(raw)).name == "a\N{REPLACEMENT CHARACTER}"


FAULTS: dict[str, tuple[bytes, str]] = {
    "empty file": (b"", "file ends"),
    "only the magic": (b"GGUF", "file ends"),
    "no magic": (header(LLAMA, magic=b"GGML"), "does not start with GGUF"),
    "version 1": (header(LLAMA, version=1), "version 1"),
    "version 4": (header(LLAMA, version=4), "version 4"),
    "big-endian": (header(LLAMA, version=3 << 24), "big-endian"),
    "too many keys": (header([], key_count=4097), "key count"),
    "too many tensors": (header([], tensor_count=131_073), "tensor count"),
    "fewer keys than announced": (header(LLAMA, key_count=9), "file ends"),
    "no architecture": (header([]), "general.architecture is missing"),
    "no layers": (header([LLAMA[0]]), "missing: not a language model"),
    "duplicate key": (header([*LLAMA, LLAMA[0]]), "occurs twice"),
    "key is not UTF-8": (
        struct.pack("<4sIQQQ", b"GGUF", 3, 0, 1, 1) + b"\xff" * 9,
        "not UTF-8",
    ),
    "endless string": (
        header([("a", STRING, struct.pack("<Q", 2**63))]),
        "string length",
    ),
    "unknown value type": (header([("a", 13, 0)]), "unknown value type 13"),
    "array of arrays": (header([("a", ARRAY, long_array(ARRAY, 1))]), "value type 9"),
    "endless array": (header([("a", ARRAY, long_array(0, 2**62))]), "array length"),
    "array beyond the file": (header([("a", ARRAY, long_array(0, 3_000_000))]), "file ends"),
    "endless string in an array": (
        header([("a", ARRAY, long_array(STRING, 1) + struct.pack("<Q", 2**40))]),
        "string length",
    ),
    "layers are text": (
        header([LLAMA[0], ("llama.block_count", STRING, "1"), *LLAMA[2:]]),
        "llama.block_count must be a whole number",
    ),
    "no layer at all": (
        header([LLAMA[0], ("llama.block_count", U32, 0), *LLAMA[2:]]),
        "llama.block_count must be a whole number",
    ),
    "more layers than llama.cpp can hold": (
        header([LLAMA[0], ("llama.block_count", U32, 513), *LLAMA[2:]]),
        "llama.block_count must be a whole number from 1 to 512",
    ),
    "name is a number": (header([*LLAMA, ("general.name", U32, 1)]), "must be text"),
    "odd alignment": (header([*LLAMA, ("general.alignment", U32, 24)]), "power of two"),
    "no alignment": (header([*LLAMA, ("general.alignment", U32, 0)]), "power of two"),
    "alignment is text": (header([*LLAMA, ("general.alignment", STRING, "")]), "power of two"),
    "five dimensions": (header(LLAMA, [("t", [1] * 5, 0, 0)]), "dimensions"),
    "no dimension": (header(LLAMA, [("t", [], 0, 0)]), "shape"),
    "empty dimension": (header(LLAMA, [("t", [0], 0, 0)]), "shape"),
    "unknown tensor type": (header(LLAMA, [("t", [1], 4, 0)]), "tensor type 4"),
    "half a block": (header(LLAMA, [("t", [16], 2, 0)]), "shape"),
    "long tensor name": (header(LLAMA, [("t" * 64, [1], 0, 0)]), "string length"),
    "duplicate tensor": (
        header(LLAMA, [("t", [8], 0, 0), ("t", [8], 0, 32)]),
        "name occurs twice",
    ),
    "overlapping tensors": (
        header(LLAMA, [("t", [8], 0, 0), ("u", [8], 0, 0)]),
        "tensor data at 0, expected at 32",
    ),
    "tensor beyond the file": (header(LLAMA, [("t", [2**40], 0, 0)]), "tensors need"),
    "tensor larger than memory": (header(LLAMA, [("t", [2**62] * 4, 0, 0)]), "tensors need"),
}


@pytest.mark.parametrize(("raw", "problem"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_header_is_refused_by_name(
    write: Callable[[bytes], Path], raw: bytes, problem: str
) -> None:
    with pytest.raises(ModelCorrupt, match=problem) as caught:
        read_header(write(raw))
    assert "byte" in caught.value.message


def test_a_fault_names_the_key_it_stands_in(write: Callable[[bytes], Path]) -> None:
    with pytest.raises(ModelCorrupt, match=r"key 'tokenizer\.ggml\.tokens'"):
        read_header(write(header([("tokenizer.ggml.tokens", ARRAY, long_array(0, 2**62))])))


def test_a_header_of_endless_strings_is_given_up(
    write: Callable[[bytes], Path], tmp_path: Path
) -> None:
    strings = long_array(STRING, 70) + packed(bytes(1 << 20)) * 70
    with pytest.raises(ModelCorrupt, match="larger than 64 MiB"):
        read_header(write(header([("a", ARRAY, strings)])))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf", layers=1)


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    data: st.DataObject, tiny: Path
) -> None:
    raw = bytearray(tiny.read_bytes())
    header_bytes = 8000
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, header_bytes))
        raw[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    damaged = tiny.with_name("damaged.gguf")
    damaged.write_bytes(raw[: data.draw(st.integers(0, len(raw)))])
    with suppress(ModelCorrupt):
        assert read_header(damaged).layers > 0


@pytest.mark.parametrize("name", ["absent.gguf", "a\0b.gguf", "x" * 300])
def test_a_file_that_cannot_be_opened_is_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelMissing):
        read_header(tmp_path / name)


def test_a_directory_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="not a regular file"):
        read_header(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(ModelCorrupt, match="not a regular file"):
        read_header(tmp_path / "pipe.gguf")


@pytest.mark.filterwarnings("ignore:llama_token:DeprecationWarning")
def test_llama_cpp_loads_what_the_tests_write(tmp_path: Path) -> None:
    llama_cpp = pytest.importorskip("llama_cpp")
    llguidance = pytest.importorskip("llguidance.llamacpp")
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    model = llama_cpp.Llama(str(path), n_ctx=256, verbose=False)
    tokens = [token for token, _ in zip(model.generate([1, 2, 3]), range(5), strict=False)]
    bridge = llguidance.lltokenizer_from_vocab(llama_cpp.llama_model_get_vocab(model.model))
    model.close()
    assert len(tokens) == 5
    assert bridge.vocab_size == MINIMUM_VOCABULARY
