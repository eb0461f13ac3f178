"""Camina's model, loaded while a pipe is still silent, so that its reader waits once and not twice.

It runs beside the command, in a thread of its own. What fails here is told by the run, which needs
the model then; a load that is done is told by it too.
"""

import asyncio
from contextlib import suppress
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from toollama.cli import out
from toollama.cli.activity import FRAME_S
from toollama.errors import ToolLamaError

if TYPE_CHECKING:
    from toollama.ask_options import AskOptions
    from toollama.events.payloads import Payload
    from toollama.session import Session

_TELLING_FRACTION = 0.05
"""Before so much is read, nobody knows how long the rest takes."""


class WarmUp:
    """A load that was begun, or none."""

    def __init__(self, *, shown: bool) -> None:
        """`shown` tells whether who waits sees a status line."""
        self._shown = shown
        self._thread: Thread | None = None
        self._model = ""
        self._fraction = 0.0
        self._started_s = 0.0

    def begin(self, session: "Session", options: "AskOptions") -> None:
        """Begin to load; returns at once."""
        self._started_s = monotonic()
        self._thread = Thread(target=self._load, args=(session, options), daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait for the load: two at once would not fit where one does."""
        if self._thread is None:
            return
        while self._thread.is_alive():
            if self._shown:
                out.status(self.line(monotonic() - self._started_s))
            self._thread.join(FRAME_S)
        out.clear_status()

    def line(self, elapsed_s: float) -> str:
        """Return how far the load is, and when it will be done at the speed it has had so far."""
        name = self._model or "the model"
        if self._fraction < _TELLING_FRACTION:
            return f"loading {name}"
        left_s = elapsed_s * (1 - self._fraction) / self._fraction
        return f"loading {name} {self._fraction:.0%} · ready in about {left_s:.0f} s"

    def follow(self, payload: "Payload") -> None:
        """Take in what the load tells of itself."""
        from toollama.events.payloads import ModelLoadProgress, ModelLoadStarted

        if isinstance(payload, ModelLoadStarted):
            self._model, self._fraction = payload.model, 0.0
        elif isinstance(payload, ModelLoadProgress):
            self._fraction = payload.fraction

    def _load(self, session: "Session", options: "AskOptions") -> None:
        with suppress(ToolLamaError):
            asyncio.run(session.warm_up(options, self.follow))
