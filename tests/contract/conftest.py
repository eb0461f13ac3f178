"""The tiny model, a real server that holds it, and the engine that a test is about."""

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.contract.subjects import Subject, subject_called
from tests.tiny_gguf import write_tiny_gguf

_SERVER_NEEDS = ("fastapi", "uvicorn", "sse_starlette", "starlette_context", "pydantic_settings")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("contract") / "tiny.gguf", context=1024)


@pytest.fixture(scope="session")
def llama_cpp_server(tiny: Path) -> Iterator[str]:
    """The URL of llama-cpp-python's own server with the tiny model."""
    missing = [name for name in _SERVER_NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"llama-cpp-python[server] is not installed: no {', '.join(missing)}")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    options = {"--model": tiny, "--model_alias": "tiny", "--n_ctx": 1024, "--n_threads": 1}
    arguments = [str(part) for pair in options.items() for part in pair]
    server = subprocess.Popen(
        [sys.executable, "-m", "llama_cpp.server", "--port", str(port), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOST": "127.0.0.1"},
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
async def subject(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Subject]:
    monkeypatch.setenv("TOOLLAMA_THREADS", "1")
    async with subject_called(request.param, request) as found:
        yield found
        await found.engine.close()
