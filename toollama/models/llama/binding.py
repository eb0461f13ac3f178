"""The seam to llama.cpp: the library with our log callback installed, before anything is loaded.

Import this inside the engine thread only: it costs most of a second. The high-level `Llama` class
is not used: it redirects the terminal's file descriptors during a load, hides load progress and
checks grammars over the whole vocabulary.
"""

import ctypes
import logging
import os
import re
from collections import deque
from collections.abc import Collection
from threading import Lock

# On abort ggml otherwise starts a debugger that writes into the user's terminal.
os.environ.setdefault("GGML_NO_BACKTRACE", "1")

import llama_cpp.llama_cpp as lib

_log = logging.getLogger("toollama.llama")
_BUFFER = re.compile(
    r"(?P<device>\S+)\s+(?P<kind>model|KV|RS|compute|output)\s+buffer size"
    r"\s*=\s*(?P<mib>[0-9.]+)\s*MiB"
)
_ERROR_LEVEL = 4
_MIB = 1024 * 1024


class LogTap:
    """Collects what llama.cpp says: the last lines for error messages, buffer sizes for the fit."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._partial = ""
        self._problems: deque[str] = deque(maxlen=8)
        self._buffers: dict[tuple[str, bool], float] = {}

    def reset(self) -> None:
        """Forget everything; called before a load."""
        with self._lock:
            self._partial = ""
            self._problems.clear()
            self._buffers.clear()

    def write(self, level: int, text: str) -> None:
        """Take a piece of log output; lines may arrive in parts."""
        with self._lock:
            *lines, self._partial = (self._partial + text).split("\n")
            for line in lines:
                self._take(level, line)

    def _take(self, level: int, line: str) -> None:
        _log.debug("%s", line)
        if found := _BUFFER.search(line):
            buffer = found["kind"], _is_on_gpu(found["device"])
            self._buffers[buffer] = self._buffers.get(buffer, 0.0) + float(found["mib"])
        if level == _ERROR_LEVEL and line.strip():
            self._problems.append(line.strip())

    def problem(self) -> str:
        """Return the most telling error line since the reset, or an empty string."""
        with self._lock:
            return self._problems[0] if self._problems else ""

    def buffer_bytes(self, *kinds: str, places: Collection[bool] = (False, True)) -> int:
        """Return the bytes that llama.cpp said it allocated for these kinds of buffer.

        `places`: False is main memory, True is a GPU.
        """
        buffers = [(kind, on_gpu) for kind in kinds for on_gpu in places]
        with self._lock:
            return round(sum(self._buffers.get(buffer, 0.0) for buffer in buffers) * _MIB)


def _is_on_gpu(device: str) -> bool:
    """Return whether a buffer of this name lies on a GPU; pinned memory is `CUDA_Host`."""
    return not device.startswith("CPU") and not device.endswith("_Host")


tap = LogTap()


@lib.llama_log_callback
def _on_log(level: int, text: bytes, _user_data: ctypes.c_void_p) -> None:
    tap.write(level, text.decode("utf-8", "replace"))


lib.llama_log_set(_on_log, ctypes.c_void_p(0))
lib.llama_backend_init()

__all__ = ["LogTap", "lib", "tap"]
