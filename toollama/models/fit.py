"""How much memory a model will take, from its header alone. Pure: no I/O, no device.

Weights and KV cache are exact for plain attention; the compute buffer is an estimate from above.
Where layers differ (sliding windows, recurrent or hybrid models) the KV figure is an upper bound.
"""

from dataclasses import dataclass

from toollama.errors import ModelDoesNotFit
from toollama.models.gguf import GgufHeader
from toollama.models.spec import KvType

_KV_BLOCKS: dict[KvType, tuple[int, int]] = {"f16": (1, 2), "q8_0": (32, 34), "q4_0": (32, 18)}
"""Elements and bytes per block, as in enum ggml_type."""

_CELL_STEP_TOKENS = 256
"""llama.cpp rounds a context up to this many cells."""
_AUTOMATIC_CONTEXT_TOKENS = 8192
_SMALLEST_AUTOMATIC_CONTEXT_TOKENS = 1024
_FLOAT_BYTES = 4
_ACTIVATIONS_PER_EMBEDDING = 8
_MIB = 1 << 20
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """The predicted bytes of a loaded model."""

    weights_bytes: int
    kv_bytes: int
    compute_bytes: int

    @property
    def total(self) -> int:
        """Return all bytes together."""
        return self.weights_bytes + self.kv_bytes + self.compute_bytes


def kv_bytes_per_token(header: GgufHeader, kv_type: KvType) -> int:
    """Return the bytes that keys and values of one token take in all layers."""
    elements = header.kv_heads * (header.key_length + header.value_length) * header.layers
    block_elements, block_bytes = _KV_BLOCKS[kv_type]
    return -(-elements // block_elements) * block_bytes


def predict(
    header: GgufHeader, *, context_tokens: int, batch: int, kv_type: KvType, sequences: int = 1
) -> MemoryPlan:
    """Return what loading takes; `context_tokens` is the context of each of the `sequences`.

    The compute estimate assumes flash attention. It is the larger of two buffers that are alive
    at different times (the logits of a batch, and its attention mask as f32 and f16, counted as
    two f32), plus eight activations as wide as the embedding per token of the batch, plus one row
    of logits per sequence. In five configurations of SmolLM2-135M on a CPU (llama-cpp-python
    0.3.36, flash attention on) it lay 2 to 7 % above what llama.cpp reported; other devices and
    architectures were not compared.
    """
    cells = -(-context_tokens // _CELL_STEP_TOKENS) * _CELL_STEP_TOKENS * sequences
    rows = min(batch, context_tokens)
    widest = max(header.vocabulary, 2 * cells)
    activations = _ACTIVATIONS_PER_EMBEDDING * header.embedding_length
    compute_elements = rows * (widest + activations) + sequences * header.vocabulary
    return MemoryPlan(
        weights_bytes=header.weight_bytes,
        kv_bytes=cells * kv_bytes_per_token(header, kv_type),
        compute_bytes=compute_elements * _FLOAT_BYTES,
    )


def choose_context(
    header: GgufHeader, *, wanted: int, budget_bytes: int | None, batch: int, kv_type: KvType
) -> int:
    """Return the context length in tokens to load with.

    A `wanted` of 0 chooses: what the model was trained for, at most 8192, halved down to 1024
    until it fits. Any other value is the user's and stays. Without a budget everything fits.
    Raises `ModelDoesNotFit`.
    """
    context = wanted or min(header.context_length, _AUTOMATIC_CONTEXT_TOKENS)
    while True:
        plan = predict(header, context_tokens=context, batch=batch, kv_type=kv_type)
        if budget_bytes is None or plan.total <= budget_bytes:
            return context
        if wanted or context <= _SMALLEST_AUTOMATIC_CONTEXT_TOKENS:
            raise _does_not_fit(header, plan, context=context, budget_bytes=budget_bytes)
        context = max(context // 2, _SMALLEST_AUTOMATIC_CONTEXT_TOKENS)


def _does_not_fit(
    header: GgufHeader, plan: MemoryPlan, *, context: int, budget_bytes: int
) -> ModelDoesNotFit:
    if plan.weights_bytes > budget_bytes:
        fix = "choose a smaller model or profile, or raise --vram"
    else:
        fix = "set a smaller context or kv_type = 'q8_0' for it in models.toml, or raise --vram"
    return ModelDoesNotFit(
        f"{header.name or header.architecture} needs {_size(plan.total)} "
        f"(weights {_size(plan.weights_bytes)}, KV cache {_size(plan.kv_bytes)} for {context} "
        f"tokens, compute {_size(plan.compute_bytes)}) and the budget is {_size(budget_bytes)}",
        fix=fix,
    )


def _size(count: int) -> str:
    return f"{count / _GIB:.2f} GiB" if count >= _GIB else f"{count / _MIB:.0f} MiB"
