"""Several requests of one model at once, and the cells that they share."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.llama.harness import (
    ENDLESS,
    Output,
    ask,
    cached_tokens,
    complete,
    load_here,
    output_of,
    read,
    running,
    spec_of,
)
from toollama.models.engine import Delta, Regex
from toollama.models.fit import SEQUENCES
from toollama.models.llama.batcher import Batcher
from toollama.models.llama.cache import CachedSequence
from toollama.models.llama.decoder import Generation
from toollama.models.llama.engine import LlamaEngine
from toollama.models.llama.model import LoadedModel
from toollama.models.llama.thread import CancelFlag

_LONG = "all the king's horses and all the king's men " * 20
_ROLE = "You are careful and read everything twice. " * 8


@pytest.fixture
def model(tiny: Path) -> Iterator[LoadedModel]:
    loaded = load_here(spec_of(tiny, batch=128), context_tokens=2048)
    yield loaded
    loaded.close()


class Started:
    """A generation on a batcher of this thread."""

    def __init__(self, batcher: Batcher, text: str, **options: Any) -> None:
        self.deltas: list[Delta] = []
        self.cancel = CancelFlag()
        self.done: Future[None] = Future()
        self.generation = Generation(
            batcher.model,
            ask(text, **options),
            None,
            deliver=self.deltas.append,
            cancel=self.cancel,
            done=self.done,
            started_s=time.monotonic(),
        )
        batcher.add(self.generation)

    @property
    def output(self) -> Output:
        self.done.result(0)
        return output_of(self.deltas)

    @property
    def written_tokens(self) -> int:
        return self.generation._progress.output_tokens


def run_out(batcher: Batcher) -> None:
    while batcher.busy:
        batcher.step()


async def test_requests_at_once_write_what_each_writes_alone(engine: LlamaEngine) -> None:
    requests = [ask(f"{number} {_ROLE}", max_tokens=12) for number in range(SEQUENCES)]
    alone = [(await complete(engine, request)).text for request in requests]
    together = await asyncio.gather(*(complete(engine, request) for request in requests))
    assert [output.text for output in together] == alone


async def test_more_requests_than_sequences_all_come_to_their_end(engine: LlamaEngine) -> None:
    requests = [ask(str(number), max_tokens=5) for number in range(3 * SEQUENCES)]
    outputs = await asyncio.gather(*(complete(engine, request) for request in requests))
    assert {output.usage.output_tokens for output in outputs} == {5}


async def test_each_request_has_its_own_constraint(engine: LlamaEngine) -> None:
    patterns = {letter: Regex(f"{letter}{{9}}") for letter in "abcdefgh"}
    outputs = await asyncio.gather(
        *(complete(engine, ask(constraint=pattern)) for pattern in patterns.values())
    )
    assert [output.text for output in outputs] == [letter * 9 for letter in patterns]


async def test_a_refused_request_does_not_disturb_the_others(engine: LlamaEngine) -> None:
    async with asyncio.TaskGroup() as group:
        good = group.create_task(complete(engine, ask(max_tokens=20)))
        bad = asyncio.ensure_future(complete(engine, ask("word " * 5000)))
        await asyncio.wait([bad])
    assert bad.exception() is not None
    assert good.result().usage.output_tokens == 20


def test_a_writer_gets_a_token_from_every_batch_beside_a_long_prompt(model: LoadedModel) -> None:
    batcher = Batcher(model, CancelFlag())
    writer = Started(batcher, "hello", max_tokens=200)
    batcher.step()
    reader = Started(batcher, _LONG, max_tokens=2)
    while reader.generation.reads_prompt:
        before = writer.written_tokens
        batcher.step()
        assert writer.written_tokens == before + 1
        assert model.batch.count <= 65
    run_out(batcher)
    assert reader.output.finish_reason == "length"


def test_a_short_prompt_is_read_before_a_long_one_that_came_first(model: LoadedModel) -> None:
    batcher = Batcher(model, CancelFlag())
    long, short = Started(batcher, _LONG), Started(batcher, "hi")
    while short.generation.reads_prompt:
        batcher.step()
    assert long.generation.reads_prompt


def test_a_cancelled_request_leaves_the_others_as_they_were(model: LoadedModel) -> None:
    alone = Batcher(model, CancelFlag())
    expected = Started(alone, "hello", max_tokens=12)
    run_out(alone)
    batcher = Batcher(model, CancelFlag())
    kept, cut = Started(batcher, "hello", max_tokens=12), Started(batcher, _ROLE, max_tokens=90)
    for _ in range(6):
        batcher.step()
    cut.cancel.set()
    run_out(batcher)
    assert cut.output.finish_reason == "cancelled"
    assert kept.output.text == expected.output.text


def test_a_batch_that_somebody_waits_for_is_not_aborted(model: LoadedModel) -> None:
    batcher = Batcher(model, CancelFlag())
    cut, kept = Started(batcher, "hello"), Started(batcher, "goodbye", max_tokens=3)
    batcher.step()
    cut.cancel.set()
    batcher.review_abort()
    run_out(batcher)
    assert kept.output.usage.output_tokens == 3


def test_requests_that_have_no_room_together_take_turns(tiny: Path) -> None:
    model = load_here(spec_of(tiny), context_tokens=512)
    batcher = Batcher(model, CancelFlag())
    started = [Started(batcher, f"{at} {_ROLE}", max_tokens=100) for at in range(3)]
    most = 0
    while batcher.busy:
        batcher.step()
        most = max(most, model.cache.used_cells)
    assert all(one.output.usage.output_tokens > 50 for one in started)
    assert most <= 512
    model.close()


def test_a_shared_beginning_takes_its_cells_once(model: LoadedModel) -> None:
    batcher = Batcher(model, CancelFlag())
    Started(batcher, _ROLE, max_tokens=1)
    run_out(batcher)
    once = model.cache.used_cells
    for ending in "abc":
        Started(batcher, _ROLE + ending, max_tokens=1)
    run_out(batcher)
    assert model.cache.used_cells < once + 3 * 40


def test_requests_of_one_role_read_its_instructions_once(model: LoadedModel) -> None:
    batcher = Batcher(model, CancelFlag())
    started = [Started(batcher, _ROLE + ending, max_tokens=2) for ending in "abcd"]
    run_out(batcher)
    first, *others = (one.output.usage for one in started)
    assert first.cached_tokens == 0
    assert min(usage.cached_tokens for usage in others) > first.input_tokens - 90


def test_nobody_waits_for_a_beginning_whose_reader_was_cancelled(model: LoadedModel) -> None:
    batcher = Batcher(model, CancelFlag())
    cut, kept = Started(batcher, _LONG + "a"), Started(batcher, _LONG + "b", max_tokens=2)
    batcher.step()
    cut.cancel.set()
    run_out(batcher)
    assert kept.output.usage.output_tokens == 2


async def test_a_deadline_ends_the_output_with_what_there_is(slow: Path) -> None:
    async with running(spec_of(slow, name="slow")) as engine:
        request = ask(model="slow", constraint=ENDLESS, max_tokens=2000, deadline_s=0.3)
        output = await complete(engine, request)
    assert output.finish_reason == "deadline"
    assert 0 < output.usage.output_tokens < 2000


async def test_unloading_ends_requests_as_cancelled(slow: Path) -> None:
    async with running(spec_of(slow, name="slow")) as engine:
        task = asyncio.create_task(
            complete(engine, ask(model="slow", constraint=ENDLESS, max_tokens=2000))
        )
        while not cached_tokens(engine, "slow"):  # noqa: ASYNC110 - another thread's
            await asyncio.sleep(0)
        await engine.unload("slow")
        assert (await task).finish_reason == "cancelled"


PROMPTS = st.lists(st.integers(3, 6), min_size=2, max_size=120)
STEPS = st.lists(st.tuples(PROMPTS, st.integers(1, 40), st.booleans()), max_size=12)


@settings(max_examples=25)
@given(STEPS)
def test_the_cells_are_never_overcommitted_and_every_beginning_is_right(
    shared_model: LoadedModel, steps: list[tuple[list[int], int, bool]]
) -> None:
    """Three tokens make up the prompts, so that most begin alike."""
    cache, opened = shared_model.cache, list[CachedSequence]()
    cache.clear()
    for prompt, growth, closes in steps:
        sequence = cache.open(prompt[:-1], limit_tokens=len(prompt) + growth)
        if sequence is None:
            assert opened
        else:
            assert sequence.tokens == prompt[: len(sequence.tokens)]
            assert len(sequence.tokens) < len(prompt)
            rest = prompt[len(sequence.tokens) :]
            batch, position = shared_model.batch, len(sequence.tokens)
            batch.clear()
            batch.add(rest, sequence=sequence.number, position=position, output=True)
            shared_model.decode()
            cache.grown(sequence, rest)
            opened.append(sequence)
        assert cache.used_cells + sum(one.growth for one in opened) <= 256
        if closes and opened:
            cache.close(opened.pop(0))
    for sequence in opened:
        cache.close(sequence)


def test_logits_of_a_copied_beginning_are_those_of_a_fresh_prompt(
    shared_model: LoadedModel,
) -> None:
    shared_model.cache.clear()
    fresh = read(shared_model, [*range(3, 90), 7])[1]
    shared_model.cache.clear()
    read(shared_model, [*range(3, 90), 8, 9, 10])
    shared, logits = read(shared_model, [*range(3, 90), 7])
    assert shared == 87
    np.testing.assert_allclose(logits, fresh, rtol=0, atol=0.02)


@pytest.fixture(scope="module")
def shared_model(tiny: Path) -> Iterator[LoadedModel]:
    loaded = load_here(spec_of(tiny, batch=256), context_tokens=256)
    yield loaded
    loaded.close()
