"""A door that keeps to one provider's limits, tries again, and leaves a failing service alone.

It wraps the door of the network for the calls of one tool; bounds and guards stay that door's own.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import random
from typing import Any, TypeVar
from urllib.parse import urlsplit

from toollama.clock import Clock
from toollama.text import one_line
from toollama.tools.base import HttpDoor, HttpReply, Rate, ToolFailure
from toollama.tools.downloads import StreamingDoor
from toollama.tools.reliability.circuit import Circuits
from toollama.tools.reliability.rates import RateLedger
from toollama.tools.reliability.retry import ATTEMPTS, IDEMPOTENT, wait_s

T = TypeVar("T")

LONGEST_TURN_S = 2.0
"""A quota that opens sooner is waited for; one that opens later fails the call at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyDoor:
    """The way of one tool to its provider; implements `tools.base.HttpDoor`."""

    inner: HttpDoor
    provider: str
    per_host: bool = False
    """The URLs are the user's, so one host's faults and quota are not another's."""
    rates: tuple[Rate, ...]
    ledger: RateLedger
    circuits: Circuits
    clock: Clock
    sleep: Callable[[float], Awaitable[object]]

    async def request(
        self, method: str, url: str, *, deadline_s: float = 20.0, **options: Any
    ) -> HttpReply:
        """Return the whole response; see `HttpDoor.request`."""
        return await self._steadily(
            method,
            url,
            deadline_s,
            lambda left_s: self.inner.request(method, url, deadline_s=left_s, **options),
        )

    async def get_json(self, url: str, *, deadline_s: float = 20.0, **options: Any) -> Any:
        """Return the decoded JSON body of a GET; see `HttpDoor.get_json`."""
        return await self._steadily(
            "GET",
            url,
            deadline_s,
            lambda left_s: self.inner.get_json(url, deadline_s=left_s, **options),
        )

    async def download(self, url: str, *, deadline_s: float = 60.0, **options: Any) -> HttpReply:
        """Write the body of a GET to a file; see `downloads.StreamingDoor`."""
        inner = self.inner
        if not isinstance(inner, StreamingDoor):
            raise ToolFailure(
                "nothing is downloaded here", kind="unavailable", fix="run the tool itself"
            )
        return await self._steadily(
            "GET", url, deadline_s, lambda left_s: inner.download(url, deadline_s=left_s, **options)
        )

    async def _steadily(
        self, method: str, url: str, deadline_s: float, send: Callable[[float], Awaitable[T]]
    ) -> T:
        import stamina

        service = self._service_of(url)
        ends_s = self.clock.monotonic_s() + deadline_s
        attempts = ATTEMPTS if method.upper() in IDEMPOTENT else 1
        number = 0

        def decide(error: Exception) -> float | bool:
            if not isinstance(error, ToolFailure):
                return False
            left_s = ends_s - self.clock.monotonic_s()
            jitter = random()  # noqa: S311 - spreads load, guards nothing
            wait = wait_s(error, attempt=number, left_s=left_s, jitter=jitter)
            return False if wait is None else wait

        async with self._watched(service):
            async for attempt in stamina.retry_context(decide, attempts=attempts, timeout=None):
                number = attempt.num
                with attempt:
                    await self._take_turn(service, ends_s)
                    return await send(max(ends_s - self.clock.monotonic_s(), 0.0))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _service_of(self, url: str) -> str:
        """Return whose faults and quota count."""
        if not self.per_host:
            return self.provider
        try:
            return urlsplit(url).hostname or self.provider
        except ValueError:
            return self.provider

    @asynccontextmanager
    async def _watched(self, service: str) -> AsyncIterator[None]:
        """Refuse the call while the circuit is open, and tell the circuit how the call ended."""
        if opens_in_s := self.circuits.enter(service):
            raise ToolFailure(
                f"{one_line(service, 60)} failed several times in a row and is left alone for "
                f"{opens_in_s:.0f} s",
                kind="unavailable",
                fix="try again in a minute",
                retry_after_s=opens_in_s,
            )
        try:
            yield
        except ToolFailure as failure:
            self._judge(service, failure)
            raise
        except BaseException:
            self.circuits.abandoned(service)
            raise
        self.circuits.succeeded(service)

    def _judge(self, service: str, failure: ToolFailure) -> None:
        if failure.kind == "unavailable" and failure.lasting:  # offline: nothing was sent
            self.ledger.give_back(service)
            self.circuits.abandoned(service)
        elif failure.kind == "unavailable":
            self.circuits.failed(service)
        elif failure.status is not None:  # it answers, and says no
            self.circuits.succeeded(service)
        else:
            self.circuits.abandoned(service)
        if failure.status == 429 and failure.retry_after_s:
            now_s = self.clock.now().timestamp()
            self.ledger.close_until(service, now_s + failure.retry_after_s, now_s=now_s)

    async def _take_turn(self, service: str, ends_s: float) -> None:
        """Wait for a place in the provider's quota where it is near. Raises `ToolFailure`."""
        while True:
            now = self.clock.now()
            opens_in_s = self.ledger.take(service, self.rates, now_s=now.timestamp())
            if not opens_in_s:
                return
            left_s = ends_s - self.clock.monotonic_s()
            if opens_in_s > LONGEST_TURN_S or opens_in_s >= left_s:
                raise _spent(service, opens_in_s, now)
            await self.sleep(opens_in_s)


def _spent(service: str, opens_in_s: float, now: datetime) -> ToolFailure:
    opens_at = now + timedelta(seconds=opens_in_s)
    when = f"{opens_at:%H:%M:%S}" if opens_at.date() == now.date() else f"{opens_at:%d %B %H:%M}"
    return ToolFailure(
        f"the quota of {one_line(service, 60)} is spent; it opens at {when} UTC",
        kind="rate_limited",
        fix=f"try again in {duration_text(opens_in_s)}",
        retry_after_s=opens_in_s,
    )


def duration_text(seconds: float) -> str:
    """Return a duration as a person says it: `45 s`, `12 min`, `3 h`."""
    if seconds < 100:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"
