"""The engine thread: one worker, in order, that outlives every fault."""

import asyncio
import threading
import time
from functools import partial

import pytest

from toollama.models.llama.thread import CancelFlag, EngineThread

_SOON_S = 10.0


def _fail(error: BaseException) -> None:
    raise error


def test_work_runs_on_one_other_thread() -> None:
    thread = EngineThread()
    names = {thread.submit(lambda: threading.current_thread().name).result() for _ in range(3)}
    thread.stop(timeout_s=_SOON_S)
    assert names == {"toollama-engine"}


def test_work_runs_in_the_order_of_submission() -> None:
    thread, done = EngineThread(), list[int]()
    for number in range(50):
        thread.submit(partial(done.append, number))
    thread.stop(timeout_s=_SOON_S)
    assert done == list(range(50))


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_an_exception_reaches_whoever_waits(error: BaseException) -> None:
    thread = EngineThread()
    assert thread.submit(lambda: _fail(error)).exception(_SOON_S) is error
    assert thread.submit(lambda: "alive").result(_SOON_S) == "alive"
    thread.stop(timeout_s=_SOON_S)


def test_work_that_was_cancelled_while_it_waited_never_runs() -> None:
    thread, release, ran = EngineThread(), threading.Event(), list[int]()
    thread.submit(lambda: release.wait(_SOON_S))
    waiting = thread.submit(lambda: ran.append(1))
    assert waiting.cancel()
    release.set()
    thread.stop(timeout_s=_SOON_S)
    assert ran == []
    assert thread.idle


def test_a_thread_with_waiting_work_is_not_idle() -> None:
    thread, release = EngineThread(), threading.Event()
    assert thread.idle
    thread.submit(lambda: release.wait(_SOON_S))
    assert not thread.idle
    release.set()
    thread.stop(timeout_s=_SOON_S)
    assert thread.idle


def test_stopping_says_whether_the_thread_ended_in_time() -> None:
    thread, release = EngineThread(), threading.Event()
    thread.submit(lambda: release.wait(_SOON_S))
    assert not thread.stop(timeout_s=0.01)
    release.set()
    assert thread.stop(timeout_s=_SOON_S)


def test_a_stopped_thread_refuses_work_instead_of_keeping_it_waiting() -> None:
    thread = EngineThread()
    thread.stop(timeout_s=_SOON_S)
    with pytest.raises(RuntimeError, match="stopped"):
        thread.submit(lambda: None)


async def test_two_tasks_never_run_work_at_the_same_time() -> None:
    thread, inside, overlaps = EngineThread(), list[str](), list[str]()

    def work(name: str) -> None:
        overlaps.extend(inside)
        inside.append(name)
        time.sleep(0.002)
        inside.remove(name)

    async def submit(name: str) -> None:
        for _ in range(5):
            await asyncio.wrap_future(thread.submit(lambda: work(name)))

    await asyncio.gather(submit("first"), submit("second"))
    thread.stop(timeout_s=_SOON_S)
    assert overlaps == []


def test_a_cancel_flag_stays_set() -> None:
    flag = CancelFlag()
    assert not flag
    flag.set()
    flag.set()
    assert flag
