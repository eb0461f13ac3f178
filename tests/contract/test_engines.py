"""What agents may rely on, whichever engine they talk to."""

import asyncio
import re
from contextlib import aclosing
from typing import Any

import pytest
from jsonschema import validate
from pydantic_core import from_json

from tests.contract.subjects import COMPUTING, Subject
from toollama.errors import ConstraintRefused, ModelError
from toollama.events.payloads import ModelLoadCompleted, ModelLoadStarted, Payload
from toollama.models.engine import (
    Choice,
    Delta,
    Engine,
    GenerationRequest,
    JsonSchema,
    Message,
    Regex,
)

_EVERY = pytest.mark.parametrize("subject", [*COMPUTING, "scripted"], indirect=True)
_COMPUTING = pytest.mark.parametrize("subject", COMPUTING, indirect=True)

_CALL = {
    "type": "object",
    "properties": {
        "tool": {"enum": ["weather", "calculator"]},
        "days": {"enum": [1, 2, 3]},
    },
    "required": ["tool", "days"],
    "additionalProperties": False,
}


def _ask(**options: Any) -> GenerationRequest:
    options.setdefault("max_tokens", 24)
    return GenerationRequest(
        model="tiny", messages=[Message("user", "hello")], purpose="test", **options
    )


def _ignore(_payload: Payload) -> None:
    """Take a payload and do nothing with it."""


async def _complete(engine: Engine, **options: Any) -> list[Delta]:
    return [delta async for delta in engine.generate(_ask(**options))]


def _text(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas if delta.kind == "content")


@pytest.fixture
async def engine(subject: Subject) -> Engine:
    """The engine with its model loaded."""
    await subject.engine.load(subject.spec, _ignore)
    return subject.engine


@_EVERY
async def test_a_load_is_told_of_and_seen(subject: Subject) -> None:
    emitted: list[Payload] = []
    resident = await subject.engine.load(subject.spec, emitted.append)
    assert isinstance(emitted[0], ModelLoadStarted)
    assert isinstance(emitted[-1], ModelLoadCompleted)
    assert subject.engine.status().residents == (resident,)
    assert subject.engine.context_tokens("tiny") == resident.context_tokens > 0


@_EVERY
async def test_a_second_load_changes_nothing(subject: Subject) -> None:
    first = await subject.engine.load(subject.spec, _ignore)
    emitted: list[Payload] = []
    assert await subject.engine.load(subject.spec, emitted.append) == first
    assert emitted == []


@_EVERY
async def test_an_unloaded_model_is_gone(engine: Engine) -> None:
    await engine.unload("tiny")
    assert engine.status().residents == ()
    with pytest.raises(ModelError):
        await _complete(engine)


@_EVERY
async def test_unloading_what_is_not_resident_is_no_error(subject: Subject) -> None:
    await subject.engine.unload("never-loaded")
    assert subject.engine.status().residents == ()


@_EVERY
async def test_a_model_that_is_not_resident_cannot_write(subject: Subject) -> None:
    with pytest.raises(ModelError):
        await _complete(subject.engine)


@_EVERY
async def test_reason_and_usage_come_once_and_last(engine: Engine) -> None:
    *before, last = await _complete(engine)
    assert _text(before)
    assert not any(delta.finish_reason or delta.usage for delta in before)
    assert last.finish_reason in {"stop", "length"}
    assert last.usage is not None
    assert last.usage.output_tokens > 0


@_EVERY
async def test_text_comes_in_pieces(engine: Engine) -> None:
    assert sum(bool(delta.text) for delta in await _complete(engine, max_tokens=300)) > 1


@_EVERY
async def test_a_generation_that_is_left_leaves_the_engine_usable(engine: Engine) -> None:
    async with aclosing(engine.generate(_ask(max_tokens=400))) as deltas:
        await anext(deltas)
    async with asyncio.timeout(2):
        while not engine.idle:  # noqa: ASYNC110 - another thread's state gives no signal
            await asyncio.sleep(0.01)
    assert _text(await _complete(engine))


@_EVERY
async def test_a_longer_text_has_more_tokens(engine: Engine) -> None:
    short, long = [await engine.count_tokens("tiny", "a word " * times) for times in (1, 40)]
    assert 0 < short < long


@_EVERY
async def test_a_closed_engine_holds_nothing(engine: Engine) -> None:
    await engine.close()
    assert engine.status().residents == ()


@_COMPUTING
async def test_max_tokens_ends_the_output(engine: Engine) -> None:
    last = (await _complete(engine, max_tokens=3))[-1]
    assert last.finish_reason == "length"
    assert last.usage is not None
    assert last.usage.output_tokens <= 3


@_COMPUTING
async def test_a_stop_string_ends_the_output_and_is_not_part_of_it(engine: Engine) -> None:
    free = _text(await _complete(engine))
    stop = free[len(free) // 2 :][:3]
    deltas = await _complete(engine, stop=(stop,))
    assert _text(deltas) == free[: free.index(stop)]
    assert deltas[-1].finish_reason == "stop"


@_COMPUTING
async def test_a_schema_is_kept(engine: Engine) -> None:
    text = _text(await _complete(engine, constraint=JsonSchema(_CALL), max_tokens=100))
    validate(from_json(text), _CALL)


@_COMPUTING
async def test_a_choice_is_kept(engine: Engine) -> None:
    options = ("answer", "plan", "ask the user")
    assert _text(await _complete(engine, constraint=Choice(options))) in options


@_COMPUTING
async def test_a_pattern_is_kept(engine: Engine) -> None:
    text = _text(await _complete(engine, constraint=Regex("[0-9]{1,4}")))
    assert re.fullmatch("[0-9]{1,4}", text)


@_COMPUTING
async def test_a_constraint_that_nothing_keeps_is_refused(engine: Engine) -> None:
    with pytest.raises(ConstraintRefused):
        await _complete(engine, constraint=Choice(()))
    assert _text(await _complete(engine))
