"""The endpoints of one model: each request goes to one that can take it, or to the next.

Only a request of which nothing has come back is sent again. What is chosen, how long a server is
out and how long to pause is decided in `balance`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from toollama.clock import Clock
from toollama.errors import ModelError
from toollama.models.engine import GenerationRequest
from toollama.models.remote import balance
from toollama.models.remote.endpoint import Endpoint, Held
from toollama.models.remote.faults import BadRequest, Unavailable
from toollama.models.remote.reply import Reply
from toollama.models.remote.waits import Waits

_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Time and chance, as parameters."""

    clock: Clock
    waits: Waits
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float]
    """Draws from [0, 1)."""


class EndpointPool:
    """Spreads one model's requests over its endpoints."""

    def __init__(self, endpoints: Sequence[Endpoint], surroundings: Surroundings) -> None:
        self._endpoints = list(endpoints)
        self._surroundings = surroundings

    async def find_out(self) -> list[ModelError]:
        """Ask every endpoint what it is, and return the faults of those that cannot serve now.

        Those that do not answer are tried again later. Raises the first fault where none can serve.
        """
        answers = await asyncio.gather(
            *(endpoint.find_out() for endpoint in self._endpoints), return_exceptions=True
        )
        faults: list[ModelError] = []
        for endpoint, answer in zip(self._endpoints, answers, strict=True):
            if isinstance(answer, ModelError):
                faults.append(answer)
                self._note(endpoint, answer)
            elif isinstance(answer, BaseException):
                raise answer
        if len(faults) == len(self._endpoints):
            raise min(faults, key=lambda fault: isinstance(fault, Unavailable))
        return faults

    @property
    def held(self) -> list[Held]:
        """Return what is known of the endpoints that have answered."""
        return [endpoint.held for endpoint in self._endpoints if endpoint.held is not None]

    @asynccontextmanager
    async def open(self, request: GenerationRequest) -> AsyncIterator[Reply]:
        """Send a request and hand out the answer as it begins; leaving the block ends it.

        Raises `ModelError` or `InputTooLong`.
        """
        endpoint, reply = await self._start(request)
        try:
            yield reply
            endpoint.health = balance.HEALTHY
        except ModelError as fault:
            self._note(endpoint, fault)
            raise
        finally:
            await reply.aclose()

    async def count_tokens(self, text: str) -> int | None:
        """Return the text's length in tokens, or None where no server counts."""
        index = balance.choose(self._loads(), now_s=self._now_s)
        return await self._endpoints[index].count_tokens(text)

    async def aclose(self) -> None:
        """Close every connection."""
        for endpoint in self._endpoints:
            await endpoint.aclose()

    async def _start(self, request: GenerationRequest) -> tuple[Endpoint, Reply]:
        for round_number in range(_ROUNDS):
            faults: list[Unavailable] = []
            tried: frozenset[int] = frozenset()
            while len(tried) < len(self._endpoints):
                index = balance.choose(self._loads(), tried=tried, now_s=self._now_s)
                endpoint = self._endpoints[index]
                try:
                    return endpoint, await endpoint.start(request)
                except Unavailable as fault:
                    self._note(endpoint, fault)
                    faults.append(fault)
                except ModelError as fault:
                    self._note(endpoint, fault)
                    raise
                tried |= {index}
            await self._pause(faults, round_number)
        raise AssertionError("the last pause raises")

    async def _pause(self, faults: Sequence[Unavailable], round_number: int) -> None:
        """Wait before the next round; where there is none, raise the last fault."""
        rests_s = [fault.retry_after_s for fault in faults]
        rest_s = min((rest_s or 0.0 for rest_s in rests_s), default=0.0)
        if round_number == _ROUNDS - 1 or rest_s > balance.LONGEST_RETRY_AFTER_S:
            raise faults[-1]
        pause_s = balance.backoff_s(
            round_number, chance=self._surroundings.chance(), retry_after_s=rest_s
        )
        await self._surroundings.waits.within(None, self._surroundings.sleep(pause_s))

    def _loads(self) -> list[balance.Load]:
        return [endpoint.load for endpoint in self._endpoints]

    @property
    def _now_s(self) -> float:
        return self._surroundings.clock.monotonic_s()

    def _note(self, endpoint: Endpoint, fault: ModelError) -> None:
        """Remember a fault of the server; a request that it cannot serve is none."""
        if isinstance(fault, BadRequest):
            return
        if isinstance(fault, Unavailable) and fault.refused:
            endpoint.health = balance.after_refusal(
                endpoint.health, now_s=self._now_s, retry_after_s=fault.retry_after_s
            )
        else:
            endpoint.health = balance.after_failure(endpoint.health, now_s=self._now_s)
