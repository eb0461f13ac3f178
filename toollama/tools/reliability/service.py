"""Give every call what its tool's spec declares. One instance serves a whole session."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pydantic import BaseModel

from toollama import paths
from toollama.clock import Clock
from toollama.errors import UnknownName
from toollama.text import truncate
from toollama.tools.base import HttpDoor, ToolResult, ToolSpec
from toollama.tools.hosts import ANY_HOST
from toollama.tools.reliability.cache import STALE_S, ResultCache, cache_key, is_cacheable
from toollama.tools.reliability.circuit import Circuits
from toollama.tools.reliability.fallbacks import may_stand_in
from toollama.tools.reliability.flights import Flights
from toollama.tools.reliability.rates import RateLedger
from toollama.tools.reliability.steady_door import SteadyDoor

if TYPE_CHECKING:
    from toollama.tools.run import AnyTool

Find = Callable[[str], "AnyTool"]
"""Returns a tool by name. Raises `UnknownName`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """What is remembered of providers and of answers."""

    clock: Clock
    ledger: RateLedger
    cache: ResultCache
    circuits: Circuits
    find: Find
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    use_cache: bool = True
    """Whether earlier answers are given; new ones are kept in any case."""
    flights: Flights[ToolResult] = field(default_factory=Flights)

    @classmethod
    def open(cls, clock: Clock, *, find: Find) -> "Reliability":
        """Return the reliability of this user's calls; files are opened at their first use."""
        return cls(
            clock=clock,
            ledger=RateLedger(paths.rates_database()),
            cache=ResultCache(paths.results_database()),
            circuits=Circuits(clock.monotonic_s),
            find=find,
        )

    def close(self) -> None:
        """Close both files."""
        self.ledger.close()
        self.cache.close()

    def uncached(self) -> "Reliability":
        """Return the same, but without giving earlier answers."""
        return replace(self, use_cache=False)

    def door_for(self, spec: ToolSpec, door: HttpDoor) -> HttpDoor:
        """Return the door that a tool's calls go through."""
        return SteadyDoor(
            inner=door,
            provider=provider_of(spec),
            per_host=ANY_HOST in spec.hosts,
            rates=spec.rates,
            ledger=self.ledger,
            circuits=self.circuits,
            clock=self.clock,
            sleep=self.sleep,
        )

    def timed_out(self, spec: ToolSpec) -> None:
        """Note that a tool's own deadline ended a call, before its door could."""
        if spec.hosts and ANY_HOST not in spec.hosts:
            self.circuits.failed(provider_of(spec))

    async def answer(
        self,
        spec: ToolSpec,
        args: BaseModel,
        *,
        timezone: str,
        work: Callable[[], Awaitable[ToolResult]],
    ) -> ToolResult:
        """Return an answer that is fresh enough, or do the work, once for equal calls."""
        if not is_cacheable(spec):
            return await work()
        key = cache_key(spec, args.model_dump(mode="json"), timezone=timezone)
        if self.use_cache:
            now = self.clock.now()
            if earlier := self.cache.get(key, now=now, max_age_s=spec.cache_ttl_s):
                return earlier.result

        async def work_and_keep() -> ToolResult:
            result = await work()
            self.cache.put(key, result, now=self.clock.now())
            return result

        return await self.flights.share(key, work_and_keep)

    def stale_answer(self, spec: ToolSpec, args: BaseModel, *, timezone: str) -> ToolResult | None:
        """Return an answer of at most a week ago that says so, while the service is down."""
        if not (self.use_cache and is_cacheable(spec)):
            return None
        key = cache_key(spec, args.model_dump(mode="json"), timezone=timezone)
        earlier = self.cache.get(key, now=self.clock.now(), max_age_s=STALE_S)
        if earlier is None:
            return None
        note = truncate(
            f"{provider_of(spec)} gives no answer now; this is as of "
            f"{earlier.at:%d %B %Y, %H:%M} UTC.",
            240,
        )
        return replace(earlier.result, statements=(*earlier.result.statements, note))

    def stand_ins(self, spec: ToolSpec) -> Iterator["AnyTool"]:
        """Yield the tools that may be asked where this one's service is down, in their order."""
        for name in spec.fallbacks:
            try:
                tool = self.find(name)
            except UnknownName:
                continue
            if may_stand_in(tool.spec, for_spec=spec):
                yield tool


def provider_of(spec: ToolSpec) -> str:
    """Return whose limits and health a tool shares; a tool that names nobody has its own."""
    return spec.provider or spec.name
