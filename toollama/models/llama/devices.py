"""The devices that can hold a model, and how much of each we may use.

llama.h does not tell device memory, ggml does: its functions are called through ctypes in the
library that llama-cpp-python ships, without importing llama_cpp
(https://github.com/ggml-org/llama.cpp/blob/master/ggml/include/ggml-backend.h). Owns the margins.
"""

import ctypes
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from toollama.models.ladder import Budget

Kind = Literal["cpu", "gpu", "igpu", "accel"]

_KINDS: tuple[Kind, ...] = ("cpu", "gpu", "igpu", "accel")  # enum ggml_backend_dev_type
_GPU_MARGIN_BYTES = 512 << 20
"""Left free on a GPU: the driver's own needs and fragmentation."""
_RAM_SHARE = 0.7
_MEMINFO = Path("/proc/meminfo")
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Device:
    """One compute device. On a GPU, free memory is what all programs together left."""

    name: str
    kind: Kind
    free_bytes: int
    total_bytes: int
    description: str = ""
    """What the driver calls it. Untrusted text."""

    @property
    def is_gpu(self) -> bool:
        """Return whether models are loaded onto it rather than into main memory."""
        return self.kind in {"gpu", "igpu"}


def list_devices() -> tuple[Device, ...]:
    """Return every device that llama.cpp can use, the CPU among them.

    Empty where llama-cpp-python, or the library in it, is not there.
    """
    ggml = _library()
    if ggml is None:
        return ()
    return tuple(_device(ggml, number) for number in range(ggml.ggml_backend_dev_count()))


def budget(
    devices: Sequence[Device],
    *,
    vram_bytes: int | None = None,
    use_gpu: bool = True,
    held_gpu_bytes: int = 0,
    held_cpu_bytes: int = 0,
) -> Budget:
    """Return the memory for all models together.

    On the first GPU: what is free, less 512 MiB. In main memory: 70 % of what is available. What
    our own residents hold is added, as it counts as taken. `vram_bytes` stands for the memory of
    the device that models go to: the GPU, or main memory where there is none.
    """
    gpu = next((device for device in devices if device.is_gpu), None) if use_gpu else None
    available_bytes = available_ram_bytes(devices)
    cpu_bytes = None
    if available_bytes is not None:
        cpu_bytes = int(_RAM_SHARE * (available_bytes + held_cpu_bytes))
    if gpu is None:
        return Budget(cpu_bytes=cpu_bytes if vram_bytes is None else vram_bytes)
    free_bytes = max(gpu.free_bytes - _GPU_MARGIN_BYTES, 0) + held_gpu_bytes
    return Budget(gpu_bytes=free_bytes if vram_bytes is None else vram_bytes, cpu_bytes=cpu_bytes)


def available_ram_bytes(devices: Sequence[Device] = ()) -> int | None:
    """Return the main memory that programs can still take, or None where nobody tells.

    Linux says so itself; elsewhere ggml's figure for the CPU stands in.
    """
    if sys.platform == "linux":
        try:
            lines = _MEMINFO.read_text(encoding="ascii").splitlines()
        except OSError:
            lines = []
        for line in lines:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * _KIB
    return next((device.free_bytes for device in devices if device.kind == "cpu"), None)


def _device(ggml: ctypes.CDLL, number: int) -> Device:
    handle = ctypes.c_void_p(ggml.ggml_backend_dev_get(number))
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    ggml.ggml_backend_dev_memory(handle, ctypes.byref(free), ctypes.byref(total))
    code = ggml.ggml_backend_dev_type(handle)
    return Device(
        name=_text(ggml.ggml_backend_dev_name(handle)),
        kind=_KINDS[code] if code < len(_KINDS) else "accel",
        free_bytes=free.value,
        total_bytes=total.value,
        description=_text(ggml.ggml_backend_dev_description(handle)),
    )


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "replace")


@cache
def _library() -> ctypes.CDLL | None:
    """Return ggml with the signatures used here. It finds its own parts beside it."""
    found = importlib.util.find_spec("llama_cpp")
    folders = [Path(place) / "lib" for place in (found and found.submodule_search_locations) or ()]
    names = ("libggml.so", "libggml.dylib", "ggml.dll")
    file = next(
        (folder / name for folder in folders for name in names if (folder / name).exists()), None
    )
    if file is None:
        return None
    ggml = ctypes.CDLL(str(file))
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    for name in ("name", "description"):
        getattr(ggml, f"ggml_backend_dev_{name}").restype = ctypes.c_char_p
    return ggml
