"""Stopping: at any moment, soon, and without a trace in what comes next."""

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.models.llama.harness import (
    ENDLESS,
    Output,
    ask,
    cached_tokens,
    complete,
    ignore,
    load_here,
    occupy,
    read,
    running,
    spec_of,
    until_idle,
)
from toollama.errors import Cancelled
from toollama.events.payloads import ModelLoadProgress, Payload
from toollama.models.engine import GenerationRequest, Regex
from toollama.models.llama.binding import lib
from toollama.models.llama.engine import LlamaEngine
from toollama.models.llama.model import DecodeAborted, LoadedModel

_SOON_S = 20.0
_LONG_TEXT = "to be or not to be " * 180
_NEXT = ask("to be or not", model="slow", constraint=Regex("[a-z]{20}"))


async def _start(engine: LlamaEngine, request: GenerationRequest) -> asyncio.Task[Output]:
    """Start a generation and wait until its first tokens are decoded."""
    task = asyncio.create_task(complete(engine, request))
    async with asyncio.timeout(_SOON_S):
        while not cached_tokens(engine, request.model):  # noqa: ASYNC110 - another thread's
            await asyncio.sleep(0)
    return task


async def _cancel(task: asyncio.Task[Output]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    "request_",
    [
        ask(_LONG_TEXT, model="slow"),
        ask("to be or", model="slow", constraint=ENDLESS, max_tokens=2000),
    ],
    ids=["prefill", "decode"],
)
async def test_a_cancelled_generation_stops_and_leaves_no_trace(
    slow: Path, request_: GenerationRequest
) -> None:
    async with running(spec_of(slow, name="slow")) as engine:
        expected = await complete(engine, _NEXT)
    async with running(spec_of(slow, name="slow", batch=128)) as engine:
        await _cancel(await _start(engine, request_))
        await until_idle(engine)
        assert cached_tokens(engine, "slow") < 1900
        assert (await complete(engine, _NEXT)).text == expected.text


async def test_leaving_the_loop_over_deltas_stops_the_generation(slow: Path) -> None:
    async with running(spec_of(slow, name="slow")) as engine:
        deltas = engine.generate(ask(model="slow", constraint=ENDLESS, max_tokens=2000))
        await anext(deltas)
        await deltas.aclose()
        await until_idle(engine)
        assert cached_tokens(engine, "slow") < 1500


async def test_a_generation_cancelled_while_it_waits_never_starts(engine: LlamaEngine) -> None:
    release = occupy(engine)
    task = asyncio.create_task(complete(engine, ask()))
    await asyncio.sleep(0)
    await _cancel(task)
    release.set()
    await until_idle(engine)
    assert cached_tokens(engine, "tiny") == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_closing_ends_a_running_and_a_waiting_generation_as_cancelled(slow: Path) -> None:
    async with running(spec_of(slow, name="slow")) as engine:
        endless = ask(model="slow", constraint=ENDLESS, max_tokens=2000)
        tasks = [await _start(engine, endless), asyncio.create_task(complete(engine, endless))]
        await asyncio.sleep(0)
        await engine.close()
        async with asyncio.timeout(_SOON_S):
            outputs = await asyncio.gather(*tasks)
    assert [output.finish_reason for output in outputs] == ["cancelled", "cancelled"]
    assert outputs[1].usage.output_tokens == 0


async def test_closing_frees_every_model_and_ends_the_thread(tiny: Path) -> None:
    async with running(spec_of(tiny), spec_of(tiny, name="other")) as engine:
        await engine.close()
        assert engine.status().residents == ()
        assert engine._batchers == {}
        assert not engine._thread._thread.is_alive()


async def test_closing_twice_is_no_error(engine: LlamaEngine) -> None:
    await engine.close()
    await engine.close()
    assert engine.idle


async def test_a_closed_engine_refuses_work_at_once(engine: LlamaEngine) -> None:
    await engine.close()
    with pytest.raises(RuntimeError, match="stopped"):
        await complete(engine, ask())


async def test_a_cancelled_load_leaves_nothing_resident(tiny: Path) -> None:
    async with running() as engine:
        loop, stopped = asyncio.get_running_loop(), threading.Event()

        def cancel_at_first_progress(payload: Payload) -> None:
            if isinstance(payload, ModelLoadProgress) and not stopped.is_set():
                loop.call_soon_threadsafe(task.cancel)
                stopped.wait(_SOON_S)

        task = asyncio.create_task(engine.load(spec_of(tiny), cancel_at_first_progress))
        with pytest.raises(asyncio.CancelledError):
            await task
        stopped.set()
        await until_idle(engine)
        assert (engine.status().residents, engine._batchers) == ((), {})
        await engine.load(spec_of(tiny), ignore)
        assert (await complete(engine, ask())).text


@pytest.fixture
def in_context_creation(monkeypatch: pytest.MonkeyPatch) -> list[threading.Event]:
    """The last step of a load sets the first event and waits for the second."""
    events = [threading.Event(), threading.Event()]
    create = LoadedModel._create_context

    def create_and_wait(model: LoadedModel, context_tokens: int) -> object:
        context = create(model, context_tokens)
        events[0].set()
        events[1].wait(_SOON_S)
        return context

    monkeypatch.setattr(LoadedModel, "_create_context", create_and_wait)
    return events


async def test_a_load_cancelled_at_its_last_step_leaves_nothing_resident(
    tiny: Path, in_context_creation: list[threading.Event]
) -> None:
    reached, release = in_context_creation
    async with running() as engine:
        task = asyncio.create_task(engine.load(spec_of(tiny), ignore))
        await asyncio.to_thread(reached.wait, _SOON_S)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        release.set()
        await until_idle(engine)
        assert (engine.status().residents, engine._batchers) == ((), {})


async def test_closing_during_a_load_says_that_it_was_stopped(
    tiny: Path, in_context_creation: list[threading.Event]
) -> None:
    reached, release = in_context_creation
    async with running() as engine:
        task = asyncio.create_task(engine.load(spec_of(tiny), ignore))
        await asyncio.to_thread(reached.wait, _SOON_S)
        closing = asyncio.create_task(engine.close())
        await asyncio.sleep(0)
        release.set()
        with pytest.raises(Cancelled):
            await task
        await closing


async def test_a_cancelled_unload_frees_the_model_all_the_same(engine: LlamaEngine) -> None:
    release = occupy(engine)
    task = asyncio.create_task(engine.unload("tiny"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    release.set()
    await until_idle(engine)
    assert (engine.status().residents, engine._batchers) == ((), {})


@pytest.mark.parametrize("delay_s", [0.0, 0.002, 0.01, 0.03])
def test_after_an_abort_the_cache_holds_what_it_says(slow: Path, delay_s: float) -> None:
    prompt = [number % 250 for number in range(600)]
    model = load_here(spec_of(slow, batch=600), context_tokens=1024)
    fresh = load_here(spec_of(slow, batch=600), context_tokens=1024)
    sequence = model.cache.open(prompt[:-1], limit_tokens=1024)
    assert sequence is not None
    model.batch.clear()
    model.batch.add(prompt, sequence=sequence.number, position=0, output=True)
    stopper = threading.Timer(delay_s, model.abort.set)
    stopper.start()
    with pytest.raises(DecodeAborted):
        model.decode()
    stopper.join()
    model.cache.reread(sequence, prompt)
    model.cache.close(sequence)
    assert sequence.tokens == prompt[: len(sequence.tokens)]
    model.abort.clear()
    np.testing.assert_allclose(read(model, prompt)[1], read(fresh, prompt)[1], rtol=1e-3, atol=1e-3)
    model.close()
    fresh.close()


def test_a_cache_that_cannot_be_cut_is_filled_anew(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recurrent layers keep one state for the whole text: llama.cpp refuses to cut it."""
    remove = lib.llama_memory_seq_rm
    model, fresh = load_here(spec_of(tiny)), load_here(spec_of(tiny))
    read(model, [1, 2, 3, 4])
    with monkeypatch.context() as patched:
        patched.setattr(lib, "llama_memory_seq_cp", lambda *_: None)
        patched.setattr(
            lib,
            "llama_memory_seq_rm",
            lambda memory, sequence, start, end: (
                start <= 0 and remove(memory, sequence, start, end)
            ),
        )
        shared, logits = read(model, [1, 2, 9])
    assert shared == 0
    np.testing.assert_array_equal(logits, read(fresh, [1, 2, 9])[1])
    model.close()
    fresh.close()
