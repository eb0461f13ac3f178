"""What the remote tests share: specs of doubles, requests, and reading an output to its end."""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.openai_double import OpenAIDouble
from toollama.events.payloads import Payload
from toollama.models.engine import Delta, GenerationRequest, Message
from toollama.models.remote.engine import RemoteEngine
from toollama.models.spec import EndpointSpec, ModelSpec

_ENDPOINT_FIELDS = {"model", "api_key_env", "max_concurrent"}


def served_by(*doubles: OpenAIDouble, **options: Any) -> ModelSpec:
    endpoint = {name: options.pop(name) for name in list(options) if name in _ENDPOINT_FIELDS}
    endpoints = tuple(EndpointSpec(url=double.url, **endpoint) for double in doubles)
    return ModelSpec(id="tiny", endpoints=endpoints, **options)


def ask(text: str = "hello", **options: Any) -> GenerationRequest:
    return GenerationRequest(
        model="tiny", messages=[Message("user", text)], purpose="test", **options
    )


async def until(holds: Callable[[], bool]) -> None:
    """Let the servers work until something holds; fail where it never does."""
    for _ in range(2000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to hold")


def ignore(_payload: Payload) -> None:
    """Take a payload and do nothing with it."""


def text_of(deltas: list[Delta], kind: str = "content") -> str:
    return "".join(delta.text for delta in deltas if delta.kind == kind)


async def complete(engine: RemoteEngine, request: GenerationRequest | None = None) -> list[Delta]:
    return [delta async for delta in engine.generate(request or ask())]
