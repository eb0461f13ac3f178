"""The engine thread: the only one that touches llama.cpp objects. Others submit work to it.

Between submitted functions it takes steps of whatever goes on in the background.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class CancelFlag:
    """Set from any thread to stop the work it was given to."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        """Ask the work to stop."""
        self._set = True

    def __bool__(self) -> bool:
        return self._set


class EngineThread:
    """Runs submitted functions one after another, and `step` while there is nothing else to do.

    `step` does a little work and returns whether there is more. It is a daemon: a load that
    llama.cpp cannot abort never keeps the process from leaving.
    """

    def __init__(self, step: Callable[[], bool] = lambda: False) -> None:
        self._step = step
        self._stepping = False
        self._work: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._pending = 0
        self._stopped = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="toollama-engine", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Queue a function; its result or exception arrives in the future.

        Raises `RuntimeError` after `stop`, because nobody would ever run it.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._stopped:
                raise RuntimeError("the engine thread has been stopped")
            self._pending += 1
            self._work.put((future, work))
        return future

    @property
    def idle(self) -> bool:
        """Return whether nothing runs and nothing waits."""
        return self._pending == 0 and not self._stepping

    def stop(self, *, timeout_s: float) -> bool:
        """Let queued work finish, end the thread, and return whether it ended in time."""
        with self._lock:
            self._stopped = True
            self._work.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            try:
                item = self._work.get(block=not self._stepping)
            except Empty:
                self._stepping = self._step()
                continue
            if item is None:
                self._stepping = False
                return
            self._do(*item)

    def _do(self, future: Future[Any], work: Callable[[], Any]) -> None:
        if future.set_running_or_notify_cancel():
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
                future.set_exception(error)
            else:
                future.set_result(result)
        with self._lock:
            self._stepping = True
            self._pending -= 1
