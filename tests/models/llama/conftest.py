"""Tiny model files, written once, and an engine that has one of them loaded."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.models.llama.harness import ONE_THREAD, running, spec_of
from tests.tiny_gguf import write_tiny_gguf
from toollama.models.llama.engine import LlamaEngine


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(*ONE_THREAD)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A half-megabyte model with random weights."""
    return write_tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf", context=2048)


@pytest.fixture(scope="session")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that computes for long enough to be interrupted."""
    path = tmp_path_factory.mktemp("gguf") / "slow.gguf"
    return write_tiny_gguf(path, layers=8, embedding=256, context=4096)


@pytest.fixture
async def engine(tiny: Path) -> AsyncIterator[LlamaEngine]:
    """An engine without a budget; `tiny` is resident."""
    async with running(spec_of(tiny)) as started:
        yield started
