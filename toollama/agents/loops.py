"""Which calls a run has made, so that none is made twice and loops are seen. Pure but for waiting.

Two calls are the same where tool and arguments are, however the arguments are spelled in JSON.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_jsonable_python

from toollama.tools.base import ToolFailure, ToolResult

MAX_CYCLE = 3
Outcome = tuple[ToolResult, list[str]] | ToolFailure
"""A result with the ids of its evidence, or why there is none."""


def call_key(tool: str, arguments: Mapping[str, Any]) -> str:
    """Return what a call has in common with every call that is the same."""
    plain = to_jsonable_python(dict(arguments), fallback=str)
    canonical = json.dumps([tool, plain], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def cycle_length(history: Sequence[str]) -> int:
    """Return the length of the shortest cycle, at most 3, that a history ends in twice; else 0."""
    for length in range(1, MAX_CYCLE + 1):
        if len(history) >= 2 * length and history[-length:] == history[-2 * length : -length]:
            return length
    return 0


class CallBook:
    """The calls of one run and what they led to."""

    def __init__(self) -> None:
        self._outcomes: dict[str, asyncio.Future[Outcome | None]] = {}
        self.history: list[str] = []
        """The key of every call that was wanted, repeated ones included, in order."""

    def claim(self, key: str) -> "asyncio.Future[Outcome | None] | None":
        """Note that a call is wanted; return the outcome of the same call, None for the first.

        The first to claim a call must `settle` it, whatever happens. The outcome is None where it
        was given up.
        """
        self.history.append(key)
        before = self._outcomes.get(key)
        if before is None or (before.done() and before.result() is None):
            self._outcomes[key] = asyncio.get_running_loop().create_future()
            return None
        return before

    def settle(self, key: str, outcome: Outcome | None) -> None:
        """Tell what a claimed call led to, or with None that it may be claimed again."""
        future = self._outcomes[key]
        if future.done():
            future = self._outcomes[key] = asyncio.get_running_loop().create_future()
        future.set_result(outcome)
