import asyncio

import pytest

from toollama.tools.reliability.flights import Flights


class Work:
    def __init__(self, *, fails: bool = False) -> None:
        self.begun = 0
        self.fails = fails
        self.gate = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        await self.gate.wait()
        if self.fails:
            raise ValueError("no")
        return 7


async def test_equal_calls_share_one_piece_of_work() -> None:
    flights, work = Flights[int](), Work()
    calls = [asyncio.create_task(flights.share("a", work)) for _ in range(5)]
    await asyncio.sleep(0)
    work.gate.set()
    assert await asyncio.gather(*calls) == [7] * 5
    assert work.begun == 1


async def test_a_failure_is_shared() -> None:
    flights, work = Flights[int](), Work(fails=True)
    calls = [asyncio.create_task(flights.share("a", work)) for _ in range(3)]
    await asyncio.sleep(0)
    work.gate.set()
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(error) for error in found] == [ValueError] * 3
    assert work.begun == 1


async def test_the_next_in_line_goes_on_where_the_first_is_cancelled() -> None:
    flights, work = Flights[int](), Work()
    first, second = (asyncio.create_task(flights.share("a", work)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    work.gate.set()
    assert await second == 7
    with pytest.raises(asyncio.CancelledError):
        await first
    assert work.begun == 2


async def test_work_is_done_again_once_it_is_finished() -> None:
    flights, work = Flights[int](), Work()
    work.gate.set()
    assert [await flights.share("a", work) for _ in range(2)] == [7, 7]
    assert work.begun == 2


async def test_other_work_is_not_waited_for() -> None:
    flights, slow, quick = Flights[int](), Work(), Work()
    quick.gate.set()
    waiting = asyncio.create_task(flights.share("a", slow))
    await asyncio.sleep(0)
    assert await flights.share("b", quick) == 7
    slow.gate.set()
    await waiting
