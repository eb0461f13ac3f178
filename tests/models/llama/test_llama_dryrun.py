from collections.abc import Callable
from pathlib import Path

import pytest

from tests.models.llama.harness import load_here, spec_of
from tests.tiny_gguf import write_tiny_gguf
from toollama.errors import ModelCorrupt, ModelError
from toollama.models import fit
from toollama.models.gguf import read_header
from toollama.models.spec import KvType

pytest.importorskip("llama_cpp")
from toollama.models.fit import SEQUENCES
from toollama.models.llama import dryrun

LOG_STEP_BYTES = 10_486
"""llama.cpp tells a buffer's size to 0.01 MiB."""


@pytest.fixture(scope="module")
def medium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gguf") / "medium.gguf"
    return write_tiny_gguf(path, layers=8, embedding=256, context=4096)


@pytest.mark.parametrize("kv_type", ["f16", "q8_0", "q4_0"])
@pytest.mark.parametrize("context_tokens", [512, 4096])
def test_a_dry_run_predicts_what_a_real_load_allocates(
    medium: Path, kv_type: KvType, context_tokens: int
) -> None:
    spec = spec_of(medium, kv_type=kv_type)
    plan = dryrun.measure(medium, spec, context_tokens=context_tokens, sequences=SEQUENCES)
    model = load_here(spec, context_tokens=context_tokens)
    actual_bytes = model.bytes
    model.close()
    assert plan.total == pytest.approx(actual_bytes, abs=4 * LOG_STEP_BYTES)


def test_a_dry_run_of_plain_attention_agrees_with_the_formula(medium: Path) -> None:
    spec = spec_of(medium)
    measured = dryrun.measure(medium, spec, context_tokens=1024, sequences=4)
    predicted = fit.predict(
        read_header(medium), context_tokens=1024, batch=512, kv_type="f16", sequences=4
    )
    assert measured.weights_bytes == predicted.weights_bytes
    assert measured.kv_bytes == pytest.approx(predicted.kv_bytes, abs=LOG_STEP_BYTES)


def test_a_second_dry_run_of_the_same_file_is_remembered(
    medium: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = dryrun.measure(medium, spec_of(medium), context_tokens=2048)

    def fail(*_arguments: object) -> None:
        raise AssertionError("loaded again")

    monkeypatch.setattr(dryrun, "_dry_model", fail)
    assert dryrun.measure(medium, spec_of(medium), context_tokens=2048) == first


def test_a_changed_file_is_measured_again(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf", layers=1)
    one = dryrun.measure(path, spec_of(path), context_tokens=512)
    write_tiny_gguf(path, layers=2)
    two = dryrun.measure(path, spec_of(path), context_tokens=512)
    assert two.weights_bytes > one.weights_bytes
    assert two.kv_bytes > one.kv_bytes


def test_a_file_that_llama_cpp_refuses_is_corrupt(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "odd.gguf", architecture="nonesuch")
    with pytest.raises(ModelCorrupt):
        dryrun.measure(path, spec_of(path), context_tokens=512)


def test_a_context_that_llama_cpp_refuses_is_a_model_error(
    medium: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: Callable[..., None] = lambda *_arguments: None  # noqa: E731 - stands for a C function
    monkeypatch.setattr("toollama.models.llama.dryrun.lib.llama_init_from_model", refused)
    with pytest.raises(ModelError, match="refuses a context of 640 tokens"):
        dryrun.measure(medium, spec_of(medium), context_tokens=640)
