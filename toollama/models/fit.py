"""How much memory a model will take, from its header alone. Pure: no I/O, no device.

Weights and KV cache are exact for plain attention; the compute buffer is an estimate from above.
Where layers differ (sliding windows, recurrent or hybrid models) the KV figure is an upper bound.
`models.llama.dryrun` asks llama.cpp itself, where it may be imported.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from toollama.models.gguf import GgufHeader
from toollama.models.spec import KvType

_KV_BLOCKS: dict[KvType, tuple[int, int]] = {"f16": (1, 2), "q8_0": (32, 34), "q4_0": (32, 18)}
"""Elements and bytes per block, as in enum ggml_type."""

SEQUENCES = 8
"""How many requests of one model run together, on sequences that share the context's cells.

More add little on the GPUs this is for.
"""
_CELL_STEP_TOKENS = 256
"""llama.cpp rounds a context up to this many cells."""
_AUTOMATIC_CONTEXT_TOKENS = 8192
_SMALLEST_AUTOMATIC_CONTEXT_TOKENS = 1024
_FLOAT_BYTES = 4
_ACTIVATIONS_PER_EMBEDDING = 8
_MIB = 1 << 20
_GIB = 1 << 30
_INPUT = "token_embd.weight"
_OUTPUT = "output.weight"


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """The predicted bytes of a loaded model."""

    weights_bytes: int
    kv_bytes: int
    compute_bytes: int
    """Compute buffers, and the output buffer with the logits."""

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
    """Return what loading takes; the `sequences` share one cache of `context_tokens` cells.

    The compute estimate assumes flash attention. It is the larger of two buffers that are alive
    at different times (the logits of a batch, and its attention mask as f32 and f16, counted as
    two f32), plus eight activations as wide as the embedding per token of the batch, plus one row
    of logits per sequence. In five configurations of SmolLM2-135M on a CPU (llama-cpp-python
    0.3.36, flash attention on) it lay 2 to 7 % above what llama.cpp reported; other devices and
    architectures were not compared.
    """
    cells = -(-context_tokens // _CELL_STEP_TOKENS) * _CELL_STEP_TOKENS
    rows = min(batch, context_tokens)
    widest = max(header.vocabulary, 2 * cells)
    activations = _ACTIVATIONS_PER_EMBEDDING * header.embedding_length
    compute_elements = rows * (widest + activations) + sequences * header.vocabulary
    return MemoryPlan(
        weights_bytes=header.weight_bytes,
        kv_bytes=cells * kv_bytes_per_token(header, kv_type),
        compute_bytes=compute_elements * _FLOAT_BYTES,
    )


@dataclass(frozen=True)
class Placement:
    """Where the tensors of one file lie when the last of its layers are on the GPU.

    llama.cpp counts the output matrix as one more layer, moves it first and then the layers from
    the last to the first; the token embedding stays on the host, and is copied where it is the
    output matrix as well (`load_tensors` in llama.cpp's src/llama-model.cpp). `gpu_layers` counts
    the same way: 0 is none, `all_layers` is everything. Not verified on a GPU.
    """

    header: GgufHeader

    @property
    def all_layers(self) -> int:
        """Return the number of GPU layers that moves the whole model."""
        return self.header.layers + 1

    @cached_property
    def layer_weights_bytes(self) -> tuple[int, ...]:
        """Return the weights of each layer, first to last."""
        sizes_bytes = [0] * self.header.layers
        for name, size_bytes in self.header.tensor_bytes.items():
            number = name.removeprefix("blk.").partition(".")[0]
            if name.startswith("blk.") and number.isdecimal() and int(number) < len(sizes_bytes):
                sizes_bytes[int(number)] += size_bytes
        return tuple(sizes_bytes)

    @cached_property
    def _moved_bytes(self) -> tuple[int, ...]:
        """Return the weights that leave the host, by number of GPU layers."""
        tensors = self.header.tensor_bytes
        output_bytes = (
            self.header.weight_bytes - sum(self.layer_weights_bytes) - tensors.get(_INPUT, 0)
        )
        return 0, *accumulate(reversed(self.layer_weights_bytes), initial=output_bytes)

    @cached_property
    def _copied_bytes(self) -> int:
        tensors = self.header.tensor_bytes
        return 0 if _OUTPUT in tensors else tensors.get(_INPUT, 0)

    @cached_property
    def _widest_bytes(self) -> int:
        return max(self.header.tensor_bytes.values(), default=0)

    def on_gpu(self, plan: MemoryPlan, *, gpu_layers: int) -> MemoryPlan:
        """Return the part of `plan` that lies on the GPU.

        Layers left on the host are computed on the GPU in large batches, for which llama.cpp
        copies one of their matrices at a time: room for the widest is counted.
        """
        if gpu_layers == 0:
            return MemoryPlan(0, 0, 0)
        gpu_layers = min(gpu_layers, self.all_layers)
        borrowed_bytes = self._widest_bytes if gpu_layers < self.all_layers else 0
        return MemoryPlan(
            weights_bytes=self._moved_bytes[gpu_layers] + self._copied_bytes,
            kv_bytes=-(-plan.kv_bytes * (gpu_layers - 1) // self.header.layers),
            compute_bytes=plan.compute_bytes + borrowed_bytes,
        )

    def on_host(self, plan: MemoryPlan, *, gpu_layers: int) -> MemoryPlan:
        """Return the part of `plan` that lies in main memory, compute buffers counted in full."""
        gpu_layers = min(gpu_layers, self.all_layers)
        moved_kv_bytes = plan.kv_bytes * max(gpu_layers - 1, 0) // self.header.layers
        return MemoryPlan(
            weights_bytes=plan.weights_bytes - self._moved_bytes[gpu_layers],
            kv_bytes=plan.kv_bytes - moved_kv_bytes,
            compute_bytes=plan.compute_bytes,
        )


def automatic_contexts(header: GgufHeader) -> tuple[int, ...]:
    """Return the context lengths that may be chosen for a model, in tokens, longest first.

    The first is what the model was trained for, at most 8192; each next is half, down to 1024.
    """
    contexts = [min(header.context_length, _AUTOMATIC_CONTEXT_TOKENS)]
    while contexts[-1] > _SMALLEST_AUTOMATIC_CONTEXT_TOKENS:
        contexts.append(max(contexts[-1] // 2, _SMALLEST_AUTOMATIC_CONTEXT_TOKENS))
    return tuple(contexts)


def shown_size(count: int) -> str:
    """Return a count of bytes as people read it."""
    return f"{count / _GIB:.2f} GiB" if count >= _GIB else f"{count / _MIB:.0f} MiB"
