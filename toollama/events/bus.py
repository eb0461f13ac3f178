"""The bus of one run: it numbers events, stamps spans and calls every subscriber in order."""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from threading import RLock
from typing import Any

from toollama.clock import Clock
from toollama.errors import ToolLamaError
from toollama.events.envelope import Agent, Event
from toollama.events.payloads import AgentCompleted, AgentFailed, AgentStarted, Payload

Subscriber = Callable[[Event], None]

_log = logging.getLogger(__name__)


def new_run_id(clock: Clock) -> str:
    """Return an id that sorts by start time: `20261122-154218-3f2a`."""
    return f"{clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the tree of work that events belong to."""

    id: str
    parent_id: str | None
    agent: Agent | None = None
    task_id: str | None = None


_current: ContextVar[Span] = ContextVar("toollama_span")


class Bus:
    """Numbers and delivers the events of one run.

    Safe to call from any thread: events are delivered one at a time, in `seq` order. A subscriber
    that raises is logged and skipped; the others and the run go on.
    """

    def __init__(
        self,
        run_id: str,
        clock: Clock,
        *,
        last_seq: int = 0,
        redact: Callable[[Any], Any] | None = None,
    ) -> None:
        """Number from 1, or after `last_seq` where the run goes on.

        `redact` takes the JSON data of every payload and returns it without secrets.
        """
        self._redact = redact or _unchanged
        self.run_id = run_id
        self._clock = clock
        self._trace_id = secrets.token_hex(16)
        self._root = Span(secrets.token_hex(8), None)
        self._seq = last_seq
        self._subscribers: list[Subscriber] = []
        self._lock = RLock()

    def subscribe(self, subscriber: Subscriber) -> None:
        """Deliver every later event to `subscriber`, on the thread that emits it."""
        self._subscribers.append(subscriber)

    def span_here(self) -> Span:
        """Return the span that the calling code runs in."""
        return _current.get(self._root)

    def emit(
        self, payload: Payload, *, span: Span | None = None, at: datetime | None = None
    ) -> Event:
        """Number the payload and deliver it; it belongs to `span`, or to where the caller runs.

        `at` is when it happened, where that was before now.
        """
        place = span or self.span_here()
        with self._lock:
            self._seq += 1
            event = Event(
                seq=self._seq,
                ts=at or self._clock.now(),
                type=payload.type,
                run_id=self.run_id,
                trace_id=self._trace_id,
                span_id=place.id,
                parent_span_id=place.parent_id,
                agent=place.agent,
                task_id=place.task_id,
                attributes=self._redact(payload.attributes()),
                data=self._redact(payload.model_dump(mode="json")),
            )
            for subscriber in self._subscribers:
                try:
                    subscriber(event)
                except Exception:  # noqa: BLE001 - one reader's fault must not end the run
                    _log.exception("subscriber %r failed on event %d", subscriber, event.seq)
        return event

    def child_span(self) -> Span:
        """Return a new span under the current one, without entering it.

        For async generators, which must not change the context of whoever iterates them.
        """
        parent = self.span_here()
        return Span(secrets.token_hex(8), parent.id, parent.agent, parent.task_id)

    @contextmanager
    def span(self, *, agent: Agent | None = None, task_id: str | None = None) -> Iterator[Span]:
        """Run the block as a child span; agent and task are inherited where not given."""
        parent = self.span_here()
        child = Span(
            secrets.token_hex(8), parent.id, agent or parent.agent, task_id or parent.task_id
        )
        token = _current.set(child)
        try:
            yield child
        finally:
            _current.reset(token)

    @contextmanager
    def acting(
        self, agent: Agent, *, doing: str = "", task_id: str | None = None
    ) -> Iterator[Span]:
        """Run the block as the work of one agent, between its started and its ended event."""
        with self.span(agent=agent, task_id=task_id) as span:
            started_s = self._clock.monotonic_s()
            self.emit(AgentStarted(doing=doing))
            try:
                yield span
            except BaseException as error:
                self.emit(
                    AgentFailed(
                        duration_s=self._clock.monotonic_s() - started_s,
                        code=_code(error),
                        message=str(error),
                    )
                )
                raise
            self.emit(AgentCompleted(duration_s=self._clock.monotonic_s() - started_s))


def _unchanged(data: Any) -> Any:
    return data


def _code(error: BaseException) -> str:
    if isinstance(error, ToolLamaError):
        return error.code
    from asyncio import CancelledError  # a list of runs does without asyncio

    return "cancelled" if isinstance(error, CancelledError) else type(error).__name__
