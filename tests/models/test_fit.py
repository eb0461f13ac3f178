from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.headers import smollm2
from tests.tiny_gguf import write_tiny_gguf
from toollama.models.fit import Placement, automatic_contexts, kv_bytes_per_token, predict
from toollama.models.gguf import read_header
from toollama.models.spec import KvType

MIB = 1 << 20

SMOLLM2 = smollm2()


@pytest.mark.parametrize(
    ("layers", "kv_heads", "head_length", "kib"),
    [
        pytest.param(30, 3, 64, 22.5, id="SmolLM2-135M"),
        pytest.param(28, 8, 128, 112, id="Llama-3.2-3B"),
        pytest.param(32, 8, 128, 128, id="Mistral-7B"),
        pytest.param(48, 8, 128, 192, id="Qwen2.5-14B"),
        pytest.param(56, 8, 128, 224, id="Mistral-Small-22B"),
    ],
)
def test_one_token_takes_the_kv_bytes_of_its_architecture(
    layers: int, kv_heads: int, head_length: int, kib: float
) -> None:
    header = replace(
        SMOLLM2, layers=layers, kv_heads=kv_heads, key_length=head_length, value_length=head_length
    )
    assert kv_bytes_per_token(header, "f16") == kib * 1024


@pytest.mark.parametrize(
    ("context", "batch", "kv_type", "sequences", "reported_mib"),
    [
        (2048, 512, "f16", 1, (45.0, 102.70)),
        (8192, 512, "f16", 1, (180.0, 98.44)),
        (8192, 128, "q8_0", 1, (95.62, 25.03)),
        (4096, 512, "q8_0", 8, (47.81, 100.88)),
        (8192, 2048, "f16", 1, (180.0, 393.20)),
    ],
)
def test_the_prediction_covers_what_llama_cpp_reported(
    context: int, batch: int, kv_type: KvType, sequences: int, reported_mib: tuple[float, float]
) -> None:
    """KV cache, then compute and output buffers, in llama.cpp's log for SmolLM2-135M on a CPU."""
    kv_mib, buffers_mib = reported_mib
    plan = predict(
        SMOLLM2, context_tokens=context, batch=batch, kv_type=kv_type, sequences=sequences
    )
    assert plan.kv_bytes / MIB == pytest.approx(kv_mib, abs=0.01)
    assert buffers_mib <= plan.compute_bytes / MIB <= 1.08 * buffers_mib


def test_the_total_is_the_sum_of_its_parts() -> None:
    plan = predict(SMOLLM2, context_tokens=1024, batch=512, kv_type="f16")
    assert plan.total == plan.weights_bytes + plan.kv_bytes + plan.compute_bytes


def test_a_context_is_rounded_up_to_whole_cells() -> None:
    odd = predict(SMOLLM2, context_tokens=257, batch=32, kv_type="f16")
    even = predict(SMOLLM2, context_tokens=512, batch=32, kv_type="f16")
    assert odd.kv_bytes == even.kv_bytes


@given(st.integers(1, 1 << 17), st.integers(1, 1 << 17), st.integers(32, 4096))
def test_a_longer_context_never_takes_less(one: int, other: int, batch: int) -> None:
    small, large = sorted((one, other))
    plans = [
        predict(SMOLLM2, context_tokens=context, batch=batch, kv_type="f16")
        for context in (small, large)
    ]
    assert plans[0].total <= plans[1].total


def test_an_automatic_context_is_at_most_8192_and_halves_down_to_1024() -> None:
    header = replace(SMOLLM2, context_length=131_072)
    assert automatic_contexts(header) == (8192, 4096, 2048, 1024)


def test_an_automatic_context_is_at_most_what_the_model_was_trained_for(tmp_path: Path) -> None:
    header = read_header(write_tiny_gguf(tmp_path / "tiny.gguf", context=512))
    assert automatic_contexts(header) == (512,)


def test_sequences_share_the_cells_of_one_cache() -> None:
    one, eight = (
        predict(SMOLLM2, context_tokens=4096, batch=512, kv_type="f16", sequences=count)
        for count in (1, 8)
    )
    assert one.kv_bytes == eight.kv_bytes
    assert eight.compute_bytes - one.compute_bytes == 7 * 4 * SMOLLM2.vocabulary


PLAN = predict(SMOLLM2, context_tokens=2048, batch=512, kv_type="f16")


def test_layer_weights_come_from_the_tensor_names() -> None:
    layers = Placement(SMOLLM2).layer_weights_bytes
    assert (len(layers), set(layers)) == (30, {2_216_448})


def test_without_gpu_layers_nothing_lies_on_the_gpu() -> None:
    placement = Placement(SMOLLM2)
    assert placement.on_gpu(PLAN, gpu_layers=0).total == 0
    assert placement.on_host(PLAN, gpu_layers=0) == PLAN


def test_a_whole_model_on_the_gpu_leaves_the_token_embedding_on_the_host() -> None:
    placement = Placement(SMOLLM2)
    host = placement.on_host(PLAN, gpu_layers=placement.all_layers)
    assert host.weights_bytes == SMOLLM2.tensor_bytes["token_embd.weight"]
    assert host.kv_bytes == 0


def test_a_tied_embedding_is_counted_twice() -> None:
    placement = Placement(SMOLLM2)
    whole = placement.on_gpu(PLAN, gpu_layers=placement.all_layers)
    assert whole.weights_bytes == SMOLLM2.weight_bytes


def test_an_output_matrix_of_its_own_is_moved_first() -> None:
    header = replace(SMOLLM2, tensor_bytes={**SMOLLM2.tensor_bytes, "output.weight": 1000})
    norm_bytes = SMOLLM2.tensor_bytes["output_norm.weight"]
    assert Placement(header).on_gpu(PLAN, gpu_layers=1).weights_bytes == 1000 + norm_bytes


@given(st.integers(0, 30))
def test_one_more_gpu_layer_takes_its_weights_and_its_share_of_the_cache(gpu_layers: int) -> None:
    placement = Placement(SMOLLM2)
    before, after = (
        placement.on_host(PLAN, gpu_layers=layers) for layers in (gpu_layers, gpu_layers + 1)
    )
    assert before.weights_bytes - after.weights_bytes in {2_216_448, 2304}
    assert before.kv_bytes - after.kv_bytes in {0, PLAN.kv_bytes // 30}


@given(st.integers(0, 31))
def test_every_byte_of_a_plan_lies_somewhere(gpu_layers: int) -> None:
    placement = Placement(SMOLLM2)
    gpu = placement.on_gpu(PLAN, gpu_layers=gpu_layers)
    host = placement.on_host(PLAN, gpu_layers=gpu_layers)
    assert gpu.total + host.total >= PLAN.total
