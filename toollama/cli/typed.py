"""Lines typed while a request is running: an answer, a command, more of the request, the next."""

import asyncio
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from toollama.cli import out


class Typed:
    """Reads stdin, a terminal in line mode, beside a running request."""

    def __init__(self, do_now: Callable[[str], bool]) -> None:
        """`do_now` carries out a line that need not wait, and returns whether it was one."""
        self._do_now = do_now
        self._rest = b""
        self._asked: asyncio.Future[str] | None = None
        self.queue: deque[str] = deque()
        """Lines for later, in order."""

    async def line(self) -> str:
        """Return the next line, as the answer to a question."""
        self._asked = asyncio.get_running_loop().create_future()
        try:
            return await self._asked
        finally:
            self._asked = None

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read while the block runs on the event loop."""
        loop, descriptor = asyncio.get_running_loop(), sys.stdin.fileno()
        loop.add_reader(descriptor, self._ready, descriptor)
        try:
            yield
        finally:
            loop.remove_reader(descriptor)

    def _ready(self, descriptor: int) -> None:
        content = os.read(descriptor, 1 << 16)
        if not content:  # Ctrl-D: the request goes on, the chat ends after it
            asyncio.get_running_loop().remove_reader(descriptor)
            self.queue.append("/quit")
            return
        *lines, self._rest = (self._rest + content).split(b"\n")
        for line in lines:
            self.take(line.decode("utf-8", "replace"))

    def take(self, line: str) -> None:
        """Use one line for what it says."""
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(line)
        elif line.strip() and not self._do_now(line):
            self.later(line)

    def later(self, line: str) -> None:
        """Have a line wait for the end of the request."""
        self.queue.append(line)
        out.note("it waits for this one; /unqueue takes it back, Ctrl-C stops this one")
