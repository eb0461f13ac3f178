import asyncio
import signal
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

from tests.models.llama.harness import spec_of
from tests.tiny_gguf import write_tiny_gguf
from toollama.models.file_stamp import file_stamp
from toollama.models.llama import probe_load
from toollama.models.llama.probe_load import LoadVerdict, classify, loads_safely

pytest.importorskip("llama_cpp")
MIB = 1 << 20


async def test_a_sound_model_loads_in_the_child(tiny: Path) -> None:
    verdict = await loads_safely(tiny, spec_of(tiny), context_tokens=512)
    assert verdict.outcome == "ok"
    assert verdict.bytes > file_stamp(tiny)[1] // 2


async def test_a_verdict_is_kept_until_the_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf", layers=1)
    first = await loads_safely(path, spec_of(path), context_tokens=512)
    answer = LoadVerdict(outcome="aborted")
    monkeypatch.setattr(probe_load, "_try_in_child", AsyncMock(return_value=answer))
    assert await loads_safely(path, spec_of(path), context_tokens=512) == first
    write_tiny_gguf(path, layers=2)
    assert await loads_safely(path, spec_of(path), context_tokens=512) == answer


async def test_a_model_that_llama_cpp_cannot_load_is_refused(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "odd.gguf", architecture="nonesuch")
    verdict = await loads_safely(path, spec_of(path), context_tokens=512)
    assert verdict.outcome == "refused"
    assert "nonesuch" in verdict.detail


async def test_a_context_beyond_the_memory_is_out_of_memory_and_nothing_else(tiny: Path) -> None:
    verdict = await loads_safely(
        tiny, spec_of(tiny), context_tokens=8_000_000, address_space_bytes=1500 * MIB
    )
    assert verdict.outcome == "out_of_memory"


async def test_a_child_that_does_not_answer_is_a_timeout_and_not_kept(tiny: Path) -> None:
    spec = spec_of(tiny, name="slow")
    late = await loads_safely(tiny, spec, context_tokens=512, timeout_s=0.01)
    assert late.outcome == "timeout"
    assert (await loads_safely(tiny, spec, context_tokens=512)).outcome == "ok"


async def test_cancelling_ends_the_child(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Process] = []
    start = asyncio.create_subprocess_exec

    async def remember(*arguments: str, **options: Any) -> Process:
        started.append(await start(*arguments, **options))
        return started[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", remember)
    trial = asyncio.create_task(loads_safely(tiny, spec_of(tiny), context_tokens=512))
    async with asyncio.timeout(10):
        while not started:  # noqa: ASYNC110 - the start of a process gives no signal
            await asyncio.sleep(0.01)
    trial.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trial
    assert started[0].returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("returncode", "stderr", "outcome"),
    [
        (-signal.SIGKILL, "", "out_of_memory"),
        (-signal.SIGABRT, "GGML_ASSERT(ctx->mem_buffer != NULL) failed", "out_of_memory"),
        (-signal.SIGABRT, "CUDA error: out of memory", "out_of_memory"),
        (-signal.SIGABRT, "GGML_ASSERT(n_dims == 4) failed", "aborted"),
        (-signal.SIGSEGV, "", "aborted"),
        (1, "Traceback", "aborted"),
    ],
)  # fmt: skip
def test_an_end_without_an_answer_is_told_by_signal_and_last_words(
    returncode: int, stderr: str, outcome: str
) -> None:
    assert classify(returncode, "", stderr).outcome == outcome


async def test_a_child_without_memory_ends_alone(tiny: Path) -> None:
    spec = spec_of(tiny, name="starved")
    verdict = await loads_safely(tiny, spec, context_tokens=512, address_space_bytes=MIB)
    assert verdict.outcome == "out_of_memory"
