"""The header of SmolLM2-135M as its file has it, the tensors of each layer taken as one."""

from toollama.models.gguf import GgufHeader

_EMBEDDING_BYTES = 30_081_024
_LAYER_BYTES = 2_216_448
_WEIGHT_BYTES = 96_576_768


def smollm2() -> GgufHeader:
    layers = {f"blk.{layer}.attn_q.weight": _LAYER_BYTES for layer in range(30)}
    rest_bytes = _WEIGHT_BYTES - _EMBEDDING_BYTES - sum(layers.values())
    return GgufHeader(
        version=3,
        architecture="llama",
        name="SmolLM2",
        metadata={},
        arrays={},
        tensor_bytes={
            "token_embd.weight": _EMBEDDING_BYTES,
            **layers,
            "output_norm.weight": rest_bytes,
        },
        parameters=134_515_008,
        layers=30,
        context_length=8192,
        embedding_length=576,
        heads=9,
        kv_heads=3,
        key_length=64,
        value_length=64,
        vocabulary=49_152,
        chat_template=None,
        file_bytes=98_362_432,
        file_type="Q4_1",
    )
