"""Writes a tiny GGUF model with random weights that llama.cpp loads in milliseconds.

What it says is noise; that it can be loaded, constrained, cancelled and swapped is the point.
"""

from pathlib import Path

import gguf
import numpy as np

_HEAD_LENGTH = 32
_MERGES = ("t h", "th e", "i n", "a n", "an d", "Ġ the", "Ġ and", "Ġ a")
_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MINIMUM_VOCABULARY = 256 + len(_MERGES) + len(_SPECIAL)


def write_tiny_gguf(
    path: Path,
    *,
    seed: int = 0,
    layers: int = 2,
    embedding: int = 64,
    vocabulary: int = MINIMUM_VOCABULARY,
    chat_template: str | None = None,
    context: int = 512,
    architecture: str = "llama",
    tensors_per_part: int = 0,
) -> Path:
    """Write an f32 model with a byte-level BPE vocabulary and return its path.

    With `tensors_per_part` it is split into files of so many; the first is returned.

    `embedding` is a multiple of 64, `vocabulary` at least `MINIMUM_VOCABULARY`; what is above that
    is filled with unused tokens. The same arguments give the same bytes.
    """
    writer = gguf.GGUFWriter(path, architecture, split_max_tensors=tensors_per_part)
    writer.add_name(f"tiny-{seed}")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(context)
    writer.add_embedding_length(embedding)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(2 * embedding)
    writer.add_head_count(embedding // _HEAD_LENGTH)
    writer.add_head_count_kv(embedding // _HEAD_LENGTH // 2)
    writer.add_rope_dimension_count(_HEAD_LENGTH)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(vocabulary)
    _add_tokenizer(writer, vocabulary)
    if chat_template is not None:
        writer.add_chat_template(chat_template)
    _add_tensors(writer, seed=seed, layers=layers, embedding=embedding, vocabulary=vocabulary)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return next(iter(sorted(path.parent.glob(f"{path.stem}-00001-of-*.gguf"))), path)


def _byte_characters() -> list[str]:
    """Return the character that GPT-2's byte-level BPE writes for each byte."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    substitutes = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(substitutes)) for byte in range(256)]


def _add_tokenizer(writer: gguf.GGUFWriter, vocabulary: int) -> None:
    merged = [merge.replace(" ", "") for merge in _MERGES]
    unused = [f"<|unused_{number}|>" for number in range(vocabulary - MINIMUM_VOCABULARY)]
    tokens = [*_byte_characters(), *merged, *_SPECIAL, *unused]
    types = [gguf.TokenType.NORMAL] * (256 + len(merged))
    types += [gguf.TokenType.CONTROL] * len(_SPECIAL) + [gguf.TokenType.UNUSED] * len(unused)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(list(_MERGES))
    writer.add_bos_token_id(tokens.index("<|im_start|>"))
    writer.add_eos_token_id(tokens.index("<|im_end|>"))
    writer.add_unk_token_id(tokens.index("<|endoftext|>"))
    writer.add_pad_token_id(tokens.index("<|im_end|>"))
    writer.add_add_bos_token(False)


def _add_tensors(
    writer: gguf.GGUFWriter, *, seed: int, layers: int, embedding: int, vocabulary: int
) -> None:
    generator = np.random.default_rng(seed)

    def add(name: str, *shape: int) -> None:
        values = generator.normal(scale=embedding**-0.5, size=shape)
        writer.add_tensor(f"{name}.weight", values.astype(np.float32))

    def add_norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(embedding, dtype=np.float32))

    add("token_embd", vocabulary, embedding)
    add_norm("output_norm")
    add("output", vocabulary, embedding)
    for layer in range(layers):
        block = f"blk.{layer}"
        add_norm(f"{block}.attn_norm")
        add(f"{block}.attn_q", embedding, embedding)
        add(f"{block}.attn_k", embedding // 2, embedding)
        add(f"{block}.attn_v", embedding // 2, embedding)
        add(f"{block}.attn_output", embedding, embedding)
        add_norm(f"{block}.ffn_norm")
        add(f"{block}.ffn_gate", 2 * embedding, embedding)
        add(f"{block}.ffn_up", 2 * embedding, embedding)
        add(f"{block}.ffn_down", embedding, 2 * embedding)
