"""Several servers, servers that fail, and requests that are left: over real sockets."""

import asyncio
from contextlib import aclosing, nullcontext

import pytest

from tests.models.remote.harness import ask, complete, ignore, served_by, text_of, until
from tests.openai_double import OpenAIDouble, Reply
from toollama.clock import FixedClock
from toollama.errors import ModelError
from toollama.events.payloads import Payload, Warned
from toollama.models.remote.engine import RemoteEngine
from toollama.models.spec import EndpointSpec


@pytest.mark.parametrize("status", [429, 502, 503])
async def test_a_busy_server_is_asked_again(
    engine: RemoteEngine, pauses: list[float], status: int
) -> None:
    replies = [Reply(raw=b"", status=status), Reply(("ok",))]
    async with OpenAIDouble(replies=replies) as double:
        await engine.load(served_by(double), ignore)
        assert text_of(await complete(engine)) == "ok"
    assert pauses == [0.25]


async def test_a_server_that_asks_for_rest_gets_it(
    engine: RemoteEngine, pauses: list[float]
) -> None:
    busy = Reply(raw=b"", status=429, headers={"Retry-After": "7"})
    async with OpenAIDouble(replies=[busy]) as double:
        await engine.load(served_by(double), ignore)
        await complete(engine)
    assert pauses == [7.0]


async def test_a_server_that_asks_for_a_long_rest_is_not_waited_for(
    engine: RemoteEngine, pauses: list[float]
) -> None:
    busy = Reply(raw=b"", status=503, headers={"Retry-After": "3600"})
    async with OpenAIDouble(replies=[busy]) as double:
        await engine.load(served_by(double), ignore)
        with pytest.raises(ModelError, match="503"):
            await complete(engine)
    assert pauses == []


async def test_a_dropped_connection_goes_to_the_next_server_at_once(
    engine: RemoteEngine, pauses: list[float]
) -> None:
    async with OpenAIDouble(replies=[Reply(reset=True)]) as first, OpenAIDouble() as second:
        await engine.load(served_by(first, second), ignore)
        await complete(engine)
    assert (len(second.completions), pauses) == (1, [])


async def test_an_answer_that_broke_off_is_not_asked_for_again(engine: RemoteEngine) -> None:
    cut = Reply(("a", "b", "c"), fail_before_piece=2)
    async with OpenAIDouble(replies=[cut]) as first, OpenAIDouble() as second:
        await engine.load(served_by(first, second), ignore)
        with pytest.raises(ModelError):
            await complete(engine)
    assert (len(first.completions), len(second.completions)) == (1, 0)


async def test_a_server_that_failed_twice_is_left_alone_for_ten_seconds(
    engine: RemoteEngine, clock: FixedClock
) -> None:
    failing = [Reply(reset=True), Reply(reset=True)]
    async with OpenAIDouble(replies=failing) as first, OpenAIDouble() as second:
        await engine.load(served_by(first, second), ignore)
        for _ in range(4):
            await complete(engine)
        assert len(first.completions) == 2
        clock.advance(10.1)
        await complete(engine)
    assert len(first.completions) == 3
    assert len(second.completions) == 4


async def test_an_answer_in_between_clears_a_failure(engine: RemoteEngine) -> None:
    cut = Reply(("a", "b"), fail_before_piece=1)
    async with OpenAIDouble(replies=[cut, Reply(), cut]) as first, OpenAIDouble() as second:
        await engine.load(served_by(first, second), ignore)
        for fails in (True, False, True, False):
            with pytest.raises(ModelError) if fails else nullcontext():
                await complete(engine)
    assert (len(first.completions), len(second.completions)) == (4, 0)


async def test_no_proxy_of_the_environment_gets_the_request(
    engine: RemoteEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with OpenAIDouble() as double:
        await engine.load(served_by(double), ignore)
    assert double.asked


async def test_closing_ends_a_pause_between_tries() -> None:
    paused = asyncio.Event()

    async def sleep_for_ever(_seconds: float) -> None:
        paused.set()
        await asyncio.Event().wait()

    engine = RemoteEngine(sleep=sleep_for_ever)
    async with OpenAIDouble(replies=[Reply(raw=b"", status=503)]) as double:
        await engine.load(served_by(double), ignore)
        asking = asyncio.create_task(complete(engine))
        await paused.wait()
        await engine.close()
        deltas = await asyncio.wait_for(asking, 20)
    assert [delta.finish_reason for delta in deltas] == ["cancelled"]


async def test_answers_that_break_off_put_a_server_out(engine: RemoteEngine) -> None:
    cut = Reply(("a", "b"), fail_before_piece=1)
    async with OpenAIDouble(replies=[cut, cut]) as first, OpenAIDouble() as second:
        await engine.load(served_by(first, second), ignore)
        for _ in range(2):
            with pytest.raises(ModelError):
                await complete(engine)
        await complete(engine)
    assert (len(first.completions), len(second.completions)) == (2, 1)


async def test_an_answer_that_is_left_stops_the_servers_work(engine: RemoteEngine) -> None:
    endless = Reply(("a", "b"), until=asyncio.Event())
    async with OpenAIDouble(replies=[endless]) as double:
        await engine.load(served_by(double), ignore)
        async with aclosing(engine.generate(ask())) as deltas:
            await anext(deltas)
        assert engine.idle
        await until(lambda: double.abandoned == 1)


async def test_a_cancelled_request_gives_its_turn_back(engine: RemoteEngine) -> None:
    endless = Reply(("a", "b"), until=asyncio.Event())
    async with OpenAIDouble(replies=[endless]) as double:
        await engine.load(served_by(double, max_concurrent=1), ignore)
        running, waiting = (asyncio.create_task(complete(engine)) for _ in range(2))
        await until(lambda: double.running == 1)
        for task in (waiting, running):
            task.cancel()
        await asyncio.wait([running, waiting])
        assert running.cancelled()
        assert waiting.cancelled()
        assert text_of(await asyncio.wait_for(complete(engine), 20))


async def test_a_missing_second_server_is_warned_of_and_does_without(
    engine: RemoteEngine,
) -> None:
    emitted: list[Payload] = []
    async with OpenAIDouble() as double:
        absent = EndpointSpec(url="http://127.0.0.1:9")
        spec = served_by(double)
        await engine.load(
            spec.model_copy(update={"endpoints": (absent, *spec.endpoints)}), emitted.append
        )
        await complete(engine)
    assert [":9" in warning.message for warning in emitted if isinstance(warning, Warned)] == [True]


async def test_no_server_gets_more_requests_at_a_time_than_it_may(engine: RemoteEngine) -> None:
    go_on = asyncio.Event()
    held = Reply(("a", "b"), until=go_on)
    async with OpenAIDouble(script=lambda _body: held) as double:
        await engine.load(served_by(double, max_concurrent=2), ignore)
        asking = [asyncio.create_task(complete(engine)) for _ in range(5)]
        await until(lambda: double.running == 2)
        await asyncio.sleep(0.1)  # a third would come now
        go_on.set()
        await asyncio.gather(*asking)
    assert double.most_running == 2


async def test_requests_go_to_the_least_busy_server(engine: RemoteEngine) -> None:
    go_on = asyncio.Event()
    held = Reply(("a", "b"), until=go_on)
    async with (
        OpenAIDouble(script=lambda _body: held) as first,
        OpenAIDouble(script=lambda _body: held) as second,
    ):
        await engine.load(served_by(first, second), ignore)
        asking = [asyncio.create_task(complete(engine)) for _ in range(4)]
        await until(lambda: first.running + second.running == 4)
        assert (first.running, second.running) == (2, 2)
        go_on.set()
        await asyncio.gather(*asking)


async def test_closing_ends_a_running_request_as_cancelled(engine: RemoteEngine) -> None:
    endless = Reply(("a", "b"), until=asyncio.Event())
    async with OpenAIDouble(replies=[endless]) as double:
        await engine.load(served_by(double), ignore)
        asking = asyncio.create_task(complete(engine))
        await until(lambda: double.running == 1)
        await engine.close()
        deltas = await asyncio.wait_for(asking, 20)
    assert deltas[-1].finish_reason == "cancelled"
