"""How long a transfer is given: stalls, attempts and the waits between them.

The count of attempts starts anew whenever enough bytes have arrived, which retry libraries do not
know how to do: a night-long download over a bad line should not end at its sixth break.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """The bounds of a transfer."""

    stall_s: float = 30.0
    """A connection that brings less than 1 KiB/s for this long is given up."""
    attempts: int = 6
    """Failures in a row before the pull ends."""
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    progress_bytes: int = 64 << 10
    """An attempt that brought this many new bytes does not count as a failure."""
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)


class Attempts:
    """Counts failures in a row, and waits between them with jitter."""

    def __init__(self, patience: Patience, *, have_bytes: int = 0) -> None:
        self._patience = patience
        self._failures = 0
        self._best_bytes = have_bytes

    def failed(self, *, have_bytes: int = 0, wait_s: float = 0.0) -> bool:
        """Take note of a failure; wait and return True, or return False when it was the last."""
        if have_bytes >= self._best_bytes + self._patience.progress_bytes:
            self._best_bytes = have_bytes
            self._failures = 0
        self._failures += 1
        if self._failures >= self._patience.attempts:
            return False
        backoff_s = self._patience.first_wait_s * 2 ** (self._failures - 1)
        bounded_s = min(backoff_s, self._patience.longest_wait_s)
        jitter = random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
        self._patience.sleep(max(wait_s, bounded_s * jitter))
        return True
