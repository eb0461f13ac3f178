"""Where a load puts a model: some or all layers on the GPU, or everything in main memory.

Without any layer on a GPU llama.cpp would still compute large batches there, and keep buffers for
it: a model that shall not touch the GPU is therefore given no devices. Not verified on a GPU.
"""

import ctypes
from typing import Any

_ALL_LAYERS = 999
_NO_DEVICES = (ctypes.c_void_p * 1)(None)
"""A list with only its end. llama.cpp reads it during the load, so it must stay."""


def place_weights(model_params: Any, *, gpu_layers: int) -> None:
    """Set `llama_model_params` for this many GPU layers; -1 is all, 0 is no GPU at all."""
    model_params.n_gpu_layers = gpu_layers if gpu_layers >= 0 else _ALL_LAYERS
    if gpu_layers == 0:
        model_params.devices = ctypes.cast(_NO_DEVICES, ctypes.c_void_p)


def place_context(context_params: Any, *, gpu_layers: int) -> None:
    """Set `llama_context_params` for a model with this many GPU layers."""
    if gpu_layers == 0:
        context_params.offload_kqv = False
        context_params.op_offload = False
