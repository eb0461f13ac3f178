"""GGUF headers, read within fixed bounds before native code sees the file."""

from toollama.models.gguf.header import GgufArray, GgufHeader, Scalar
from toollama.models.gguf.model import read_header

__all__ = ["GgufArray", "GgufHeader", "Scalar", "read_header"]
