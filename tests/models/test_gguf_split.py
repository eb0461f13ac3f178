"""Split models: all parts together are one model, and a part that is missing is named."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tiny_gguf import write_tiny_gguf
from toollama.errors import ModelCorrupt, ModelMissing
from toollama.models.gguf import read_header
from toollama.models.gguf.split import part_names, stem


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """The first of three parts."""
    return write_tiny_gguf(tmp_path / "tiny.gguf", tensors_per_part=8)


def _parts(first: Path) -> list[Path]:
    return [first.with_name(name) for name in part_names(first.name)]


def test_the_parts_of_a_model_are_counted_together(first: Path, tmp_path: Path) -> None:
    whole = read_header(write_tiny_gguf(tmp_path / "whole.gguf"))
    split = read_header(first)
    assert len(_parts(first)) == 3
    assert split.tensor_bytes == whole.tensor_bytes
    assert split.parameters == whole.parameters
    assert split.file_bytes == sum(part.stat().st_size for part in _parts(first))


def test_a_missing_part_is_named_with_the_next_step(first: Path) -> None:
    _parts(first)[1].unlink()
    with pytest.raises(ModelMissing, match=r"tiny-00002-of-00003\.gguf: .* 2 of 3") as caught:
        read_header(first)
    assert "toollama models pull" in caught.value.fix


@pytest.mark.parametrize("position", [1, 2])
def test_a_later_part_is_no_model_and_names_the_first(first: Path, position: int) -> None:
    with pytest.raises(ModelCorrupt, match="not named as the first"):
        read_header(_parts(first)[position])


def test_a_first_part_under_another_name_is_refused_as_llama_cpp_does(first: Path) -> None:
    with pytest.raises(ModelCorrupt, match="not named as the first"):
        read_header(first.rename(first.with_name("renamed.gguf")))


def test_parts_in_the_wrong_place_are_refused(first: Path) -> None:
    _, second, third = _parts(first)
    third.write_bytes(second.read_bytes())
    with pytest.raises(ModelCorrupt, match="part 3 of 3"):
        read_header(first)


def test_a_damaged_part_is_refused(first: Path) -> None:
    second = _parts(first)[1]
    second.write_bytes(second.read_bytes()[:-64])
    with pytest.raises(ModelCorrupt, match=r"00002-of-00003\.gguf: tensors need"):
        read_header(first)


@given(count=st.integers(min_value=1, max_value=1000))
def test_a_name_is_the_stem_of_all_its_parts(count: int) -> None:
    names = part_names(f"m-00001-of-{count:05}.gguf")
    assert {stem(name) for name in names} == {"m"}
    assert len(names) == count
