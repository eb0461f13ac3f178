"""Lines typed while a request is running: an answer, a command, more of the request, the next."""

import asyncio
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from toollama.cli import out
from toollama.commands import Ask, Line, parse
from toollama.errors import InputError
from toollama.text import one_line


class Typed:
    """Reads stdin, a terminal in line mode, beside a running request."""

    def __init__(
        self,
        *,
        cancel: Callable[[str], None],
        amend: Callable[[str], bool],
        withdraw: Callable[[], bool],
    ) -> None:
        """`cancel` gets what follows `/cancel`; `amend` adds a line to the request that goes on.

        It returns whether the request takes it; `withdraw` whether the last can be taken back.
        """
        self._cancel = cancel
        self._amend = amend
        self._withdraw = withdraw
        self._rest = b""
        self._asked: asyncio.Future[str] | None = None
        self.queue: deque[str] = deque()
        """Requests for later, in order."""

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
        command, _, argument = line.strip().partition(" ")
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(line)
        elif command == "/cancel":
            self._cancel(argument.strip())
        elif command == "/then" and argument.strip():
            self._later(argument.strip())
        elif command == "/unqueue":
            self._take_back()
        elif not line.strip():
            return
        elif isinstance(_parsed(line), Ask) and self._amend(line.strip()):
            out.note("it is taken in at the next step; /then TEXT asks after this request")
        else:
            self._later(line)

    def _take_back(self) -> None:
        if self.queue:
            out.note(f"taken back: {one_line(self.queue.pop(), 100)}")
        elif not self._withdraw():
            out.note("nothing waits")

    def _later(self, line: str) -> None:
        self.queue.append(line)
        out.note("it is asked after this one; Ctrl-C or /cancel stops this one")


def _parsed(line: str) -> Line | None:
    """Return what a line says, or None where it says nothing that can be done."""
    try:
        found = parse(line)
    except InputError:
        return None
    return None if isinstance(found, Ask) and found.files else found
