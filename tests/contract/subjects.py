"""The engines under contract, each with one model that it can load."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.openai_double import OpenAIDouble
from toollama.models.engine import Engine
from toollama.models.llama.engine import LlamaEngine
from toollama.models.mixed import MixedEngine
from toollama.models.remote.engine import RemoteEngine
from toollama.models.scripted import ScriptedEngine
from toollama.models.spec import EndpointSpec, ModelSpec

_SERVER_STARTS_WITHIN_S = 60.0
_LINES = "".join(f"line {number}\n" for number in range(50))

COMPUTING = ("llama", "remote", "mixed", "llama_cpp.server")
"""Engines whose output follows from the request; a script writes whatever it holds."""


@dataclass(frozen=True)
class Subject:
    """An engine and a model that it can load."""

    engine: Engine
    spec: ModelSpec


async def _until_listening(url: str) -> None:
    host, _, port = url.removeprefix("http://").partition(":")
    async with asyncio.timeout(_SERVER_STARTS_WITHIN_S):
        while True:
            try:
                _, writer = await asyncio.open_connection(host, int(port))
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                await writer.wait_closed()
                return


def _remote_spec(url: str) -> ModelSpec:
    return ModelSpec(id="tiny", endpoints=(EndpointSpec(url=url),))


@asynccontextmanager
async def subject_called(name: str, request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    if name == "llama":
        path: Path = request.getfixturevalue("tiny")
        engine = LlamaEngine(resolve=lambda spec: Path(spec.file))
        yield Subject(engine, ModelSpec(id="tiny", file=str(path)))
    elif name == "scripted":
        yield Subject(ScriptedEngine([_LINES] * 4), ModelSpec(id="tiny", file="tiny.gguf"))
    elif name == "llama_cpp.server":
        url = request.getfixturevalue("llama_cpp_server")
        await _until_listening(url)
        yield Subject(RemoteEngine(), _remote_spec(url))
    else:
        async with OpenAIDouble() as double:
            remote: Engine = RemoteEngine()
            if name == "mixed":
                remote = MixedEngine(local=ScriptedEngine(), remote=remote)
            yield Subject(remote, _remote_spec(double.url))
