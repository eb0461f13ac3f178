"""An event loop whose time jumps to the next timer, so that hours of waiting take no time.

While a worker thread runs, time stands still: what it does takes real time. A loop in which nothing
can happen any more does not wait: it raises `Hung`.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

_T = TypeVar("_T")
_LONGEST_THREAD_S = 10.0
_BEGINNING = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Hung(Exception):
    """Everything waits, and nothing is left that could end the waiting."""


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that moves its loop's time forward instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.threads = 0
        """Worker threads that the loop waits for."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready now; else wait for a thread, or jump."""
        ready = super().select(_LONGEST_THREAD_S if self.threads and timeout != 0 else 0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self.threads:
            raise Hung("no timer, no thread and nothing ready")
        self.now_s += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the virtual seconds since the loop was made."""
        return self._jumping.now_s

    def run_in_executor(  # type: ignore[override]  # the variadic types of typeshed
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> Any:
        """Run in a thread; time stands still meanwhile."""
        future = super().run_in_executor(executor, func, *args)
        self._jumping.threads += 1
        future.add_done_callback(self._thread_ended)
        return future

    async def shutdown_default_executor(self, *args: Any) -> None:
        """Wait for the threads, in a thread that nobody counts."""
        self._jumping.threads += 1
        try:
            await super().shutdown_default_executor(*args)
        finally:
            self._jumping.threads -= 1

    def _thread_ended(self, _future: object) -> None:
        self._jumping.threads -= 1


class VirtualClock:
    """The wall clock and the stopwatch of a virtual loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        """Return the virtual wall time."""
        return _BEGINNING + timedelta(seconds=self._loop.time())

    def monotonic_s(self) -> float:
        """Return the loop's own seconds."""
        return self._loop.time()


def run(main: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine to its end on virtual time. Raises `Hung`."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
