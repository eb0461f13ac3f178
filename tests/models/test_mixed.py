"""One engine out of two: what goes where."""

import pytest

from toollama.errors import ModelError
from toollama.events.payloads import Payload
from toollama.models.engine import GenerationRequest, Message
from toollama.models.mixed import MixedEngine
from toollama.models.scripted import ScriptedEngine
from toollama.models.spec import EndpointSpec, ModelSpec

_NEAR = ModelSpec(id="near", file="near.gguf")
_FAR = ModelSpec(id="far", endpoints=(EndpointSpec(url="http://192.0.2.7:8080"),))


def ignore(_payload: Payload) -> None:
    """Take a payload and do nothing with it."""


async def _said(engine: MixedEngine, model: str) -> str:
    request = GenerationRequest(model=model, messages=[Message("user", "hi")], purpose="test")
    return "".join([delta.text async for delta in engine.generate(request)])


@pytest.fixture
async def engine() -> MixedEngine:
    """An engine with a model of either kind resident."""
    local = ScriptedEngine(["from here"], sizes={"near": 10}, budget_bytes=100)
    mixed = MixedEngine(local=local, remote=ScriptedEngine(["from there"], sizes={"far": 0}))
    for spec in (_NEAR, _FAR):
        await mixed.load(spec, ignore)
    return mixed


async def test_each_request_goes_where_its_model_is(engine: MixedEngine) -> None:
    assert await _said(engine, "far") == "from there"
    assert await _said(engine, "near") == "from here"


async def test_the_status_shows_both_and_this_machines_budget(engine: MixedEngine) -> None:
    status = engine.status()
    assert {resident.model for resident in status.residents} == {"near", "far"}
    assert (status.resident_bytes, status.budget_bytes) == (10, 100)


async def test_an_unloaded_remote_model_is_nowhere(engine: MixedEngine) -> None:
    await engine.unload("far")
    with pytest.raises(ModelError):
        await _said(engine, "far")


async def test_closing_closes_both(engine: MixedEngine) -> None:
    await engine.close()
    assert engine.status().residents == ()
