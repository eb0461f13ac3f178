"""The flag that llama.cpp reads between the nodes of a compute graph, to stop in the middle.

A callback in Python would take the interpreter's lock at each of hundreds of nodes per token and
wait for whatever else runs. llama.cpp therefore calls C's own `strlen` on two bytes of ours: the
length of the empty string is false and that of a string of one character is true.
"""

import ctypes
import os
from typing import Any

from toollama.models.llama.binding import lib

_libc = ctypes.CDLL(None if os.name == "posix" else "msvcrt")


class AbortFlag:
    """Stops the decoding of one context. Set from any thread; keep it as long as the context."""

    def __init__(self) -> None:
        self._text = ctypes.create_string_buffer(2)
        self.callback: Any = ctypes.cast(_libc.strlen, lib.ggml_abort_callback)
        self.argument = ctypes.cast(self._text, ctypes.c_void_p)

    def set(self) -> None:
        """Let `llama_decode` return at the next node."""
        self._text[0] = b"1"

    def clear(self) -> None:
        """Let `llama_decode` run."""
        self._text[0] = b"\0"
