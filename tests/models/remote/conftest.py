"""A remote engine that notes its pauses and does not sleep through them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from toollama.clock import FixedClock
from toollama.models.remote.engine import RemoteEngine


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def pauses() -> list[float]:
    """What the engine would have slept."""
    return []


@pytest.fixture
async def engine(clock: FixedClock, pauses: list[float]) -> AsyncIterator[RemoteEngine]:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(seconds)

    started = RemoteEngine(
        clock=clock,
        environment={"TINY_KEY": "s3cret-key"},
        sleep=sleep,
        chance=lambda: 0.5,
    )
    yield started
    await started.close()
