"""The event loop that the faults are played on."""

import asyncio
import time

import pytest

from bench.faults.virtual import Hung, VirtualClock, run


def test_an_hour_of_waiting_takes_no_time_and_the_clock_shows_it() -> None:
    async def wait() -> float:
        clock = VirtualClock(asyncio.get_running_loop())
        began = clock.now()
        await asyncio.sleep(3600)
        return (clock.now() - began).total_seconds()

    began_s = time.monotonic()
    assert run(wait()) == 3600
    assert time.monotonic() - began_s < 5


def test_time_stands_still_while_a_thread_works() -> None:
    async def work() -> float:
        async with asyncio.timeout(0.001):
            await asyncio.to_thread(time.sleep, 0.05)
        return asyncio.get_running_loop().time()

    assert run(work()) == 0


def test_a_loop_in_which_nothing_can_happen_is_hung() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Hung):
        run(wait())
