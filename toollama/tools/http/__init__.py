"""The one way to the network. No other package imports httpx or httpcore.

A call is checked before its first byte (`targets`), where the socket opens (`guard`), and while it
is read (`door`). What a service answers wrongly becomes a `ToolFailure` (`replies`).
"""

from toollama.tools.http.door import Door
from toollama.tools.http.settings import HttpSettings

__all__ = ["Door", "HttpSettings"]
