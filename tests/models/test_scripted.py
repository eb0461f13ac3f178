"""The scripted engine answers from its script and keeps the rules of residency."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from toollama.errors import ModelDoesNotFit, ModelError
from toollama.events.payloads import Payload
from toollama.models.engine import Delta, Engine, GenerationRequest, Message
from toollama.models.scripted import ScriptedEngine
from toollama.models.spec import ModelSpec

_SMALL = ModelSpec(id="small", file="small.gguf", context=2048)
_LARGE = ModelSpec(id="large", file="large.gguf")


def _request(text: str = "hi", model: str = "small") -> GenerationRequest:
    return GenerationRequest(model=model, messages=[Message("user", text)], purpose="answer")


async def _write(engine: Engine, request: GenerationRequest) -> list[Delta]:
    stream: AsyncIterator[Delta] = engine.generate(request)
    return [delta async for delta in stream]


async def _text(engine: Engine, request: GenerationRequest) -> str:
    return "".join(delta.text for delta in await _write(engine, request))


async def _loaded(engine: ScriptedEngine, *specs: ModelSpec) -> ScriptedEngine:
    for spec in specs or (_SMALL,):
        await engine.load(spec, lambda payload: None)
    return engine


async def test_replies_come_in_order() -> None:
    engine = await _loaded(ScriptedEngine(["one\ntwo\n", "three"]))
    assert [await _text(engine, _request()) for _ in range(2)] == ["one\ntwo\n", "three"]


async def test_a_reply_may_be_made_from_the_request() -> None:
    engine = await _loaded(ScriptedEngine([lambda request: request.messages[-1].content.upper()]))
    assert await _text(engine, _request("loud")) == "LOUD"


async def test_a_reply_may_be_an_error() -> None:
    engine = await _loaded(ScriptedEngine([ModelError("broken", fix="mend it"), "fine"]))
    with pytest.raises(ModelError, match="broken"):
        await _text(engine, _request())
    assert await _text(engine, _request()) == "fine"


async def test_after_the_script_it_writes_nothing() -> None:
    engine = await _loaded(ScriptedEngine())
    assert await _text(engine, _request()) == ""


async def test_only_the_last_delta_says_why_it_ended() -> None:
    engine = await _loaded(ScriptedEngine(["one two\nthree"]))
    *pieces, last = await _write(engine, _request())
    assert [piece.finish_reason for piece in pieces] == [None, None]
    assert last.finish_reason == "stop"
    assert last.usage is not None
    assert last.usage.output_tokens == 3


async def test_it_remembers_every_request() -> None:
    engine = await _loaded(ScriptedEngine())
    for text in ("first", "second"):
        await _text(engine, _request(text))
    assert [request.messages[0].content for request in engine.requests] == ["first", "second"]


async def test_a_model_that_is_not_resident_cannot_write() -> None:
    with pytest.raises(ModelError, match="small is not resident"):
        await _text(ScriptedEngine(["text"]), _request())


async def test_loading_tells_its_start_and_its_end_once() -> None:
    engine = ScriptedEngine()
    told: list[Payload] = []
    for _ in range(2):
        await engine.load(_SMALL, told.append)
    assert [payload.type for payload in told] == ["model.load.started", "model.load.completed"]


async def test_the_budget_is_never_exceeded() -> None:
    engine = ScriptedEngine(sizes={"small": 4, "large": 8}, budget_bytes=10)
    await _loaded(engine, _SMALL)
    with pytest.raises(ModelDoesNotFit, match="large does not fit"):
        await _loaded(engine, _LARGE)
    await engine.unload("small")
    await _loaded(engine, _LARGE)
    assert [resident.model for resident in engine.status().residents] == ["large"]


async def test_unloading_an_absent_model_is_no_error() -> None:
    engine = ScriptedEngine()
    await engine.unload("small")
    assert engine.status().resident_bytes == 0


async def test_the_context_length_is_the_declared_one() -> None:
    engine = await _loaded(ScriptedEngine(), _SMALL, _LARGE)
    assert [engine.context_tokens(model) for model in ("small", "large")] == [2048, 4096]


async def test_closing_frees_every_model() -> None:
    engine = await _loaded(ScriptedEngine(), _SMALL, _LARGE)
    await engine.close()
    assert engine.status().residents == ()


async def test_a_reply_ends_at_the_deadline_of_its_request() -> None:
    engine = await _loaded(ScriptedEngine(["one\ntwo\nthree\n"] * 2, seconds_per_line=1.0))
    hurried = await _write(engine, replace(_request(), deadline_s=2.5))
    assert [delta.text for delta in hurried] == ["one\n", "two\n", ""]
    assert hurried[-1].finish_reason == "deadline"
    assert (await _write(engine, replace(_request(), deadline_s=3.0)))[-1].finish_reason == "stop"
