"""Loading and unloading: what becomes resident, what it takes, and what stays behind (nothing)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.models.llama.harness import ask, complete, ignore, running, spec_of
from tests.models.llama.patches import with_number
from tests.tiny_gguf import write_tiny_gguf
from toollama.errors import ModelCorrupt, ModelDoesNotFit, ModelError, ModelMissing
from toollama.events.payloads import (
    ModelLoadCompleted,
    ModelLoadProgress,
    ModelLoadStarted,
    Payload,
)
from toollama.models import fit
from toollama.models.engine import Choice
from toollama.models.fetch.verify import digest_of
from toollama.models.gguf import read_header
from toollama.models.ladder import Attempt
from toollama.models.llama.engine import LlamaEngine
from toollama.models.llama.model import LoadedModel

_OWN_MEMORY = Path("/proc/self/statm")
_PAGE_BYTES = 4096


async def test_a_load_reports_start_progress_and_completion(tiny: Path) -> None:
    seen: list[Payload] = []
    async with running() as engine:
        resident = await engine.load(spec_of(tiny), seen.append)
    assert isinstance(seen[0], ModelLoadStarted)
    assert isinstance(seen[-1], ModelLoadCompleted)
    fractions = [each.fraction for each in seen if isinstance(each, ModelLoadProgress)]
    assert len(seen) == len(fractions) + 2
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert seen[-1].bytes == seen[-1].resident_bytes == resident.bytes


async def test_the_bytes_reported_lie_between_the_weights_and_the_plan(
    engine: LlamaEngine, tiny: Path
) -> None:
    (resident,) = engine.status().residents
    planned, *_ = await engine.plan_load(spec_of(tiny), ())
    weights_bytes = read_header(tiny).weight_bytes
    assert 0.99 * weights_bytes < resident.bytes <= planned.total_bytes


async def test_the_key_value_cache_takes_what_was_predicted(tiny: Path) -> None:
    header = read_header(tiny)
    per_token = fit.kv_bytes_per_token(header, "f16")
    async with running(
        spec_of(tiny, name="short", context=1024, batch=32),
        spec_of(tiny, name="long", context=2048, batch=32),
    ) as engine:
        short, long = engine.status().residents
    assert long.bytes - short.bytes == pytest.approx(1024 * per_token, rel=0.25)


async def test_loading_a_resident_model_again_does_nothing(engine: LlamaEngine, tiny: Path) -> None:
    seen: list[Payload] = []
    assert await engine.load(spec_of(tiny), seen.append) == engine.status().residents[0]
    assert seen == []


async def test_two_tasks_that_load_the_same_model_share_one(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    created: list[int] = []
    create = LoadedModel._create_context

    def count(model: LoadedModel, context_tokens: int) -> object:
        created.append(context_tokens)
        return create(model, context_tokens)

    monkeypatch.setattr(LoadedModel, "_create_context", count)
    async with running() as engine:
        loads = [engine.load(spec_of(tiny), ignore) for _ in range(2)]
        first, second = await asyncio.gather(*loads)
    assert first == second
    assert len(created) == 1


async def test_an_unloaded_model_is_gone_and_can_come_back(engine: LlamaEngine, tiny: Path) -> None:
    before = await complete(engine, ask())
    await engine.unload("tiny")
    assert engine.status().residents == ()
    with pytest.raises(ModelError, match="not resident"):
        await complete(engine, ask())
    await engine.load(spec_of(tiny), ignore)
    assert (await complete(engine, ask())).text == before.text


async def test_unloading_a_model_that_is_not_resident_is_no_error(engine: LlamaEngine) -> None:
    await engine.unload("other")
    assert [resident.model for resident in engine.status().residents] == ["tiny"]


async def test_the_context_is_what_was_asked_for(tiny: Path) -> None:
    async with running(spec_of(tiny, context=512)) as engine:
        assert engine.context_tokens("tiny") == 512


async def test_a_quantised_cache_still_generates(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    async with running(spec_of(path, kv_type="q8_0")) as engine:
        assert (await complete(engine, ask(constraint=Choice(("yes", "no"))))).text


async def test_a_model_over_the_budget_is_refused_before_it_is_loaded(tiny: Path) -> None:
    seen: list[Payload] = []
    async with running(budget_bytes=100_000) as engine:
        with pytest.raises(ModelDoesNotFit):
            await engine.load(spec_of(tiny), seen.append)
        assert engine.status().residents == ()
    assert seen == []


async def test_a_model_that_turns_out_larger_than_planned_is_freed_again(tiny: Path) -> None:
    hopeful = Attempt(
        evict=(), context_tokens=512, batch=512, gpu_layers=0, gpu_bytes=0, cpu_bytes=1
    )
    async with running(budget_bytes=100_000) as engine:
        with pytest.raises(ModelDoesNotFit, match="more than the budget"):
            await engine.load(spec_of(tiny), ignore, hopeful)
        assert engine.status().residents == ()
        assert engine._batchers == {}


async def test_two_models_swap_under_a_budget_for_one(tiny: Path) -> None:
    first, second = spec_of(tiny, name="first"), spec_of(tiny, name="second")
    async with running() as sizing:
        planned, *_ = await sizing.plan_load(first, ())
    budget_bytes = planned.total_bytes + 1000
    resident_bytes: list[int] = []
    async with running(budget_bytes=budget_bytes) as engine:
        for spec, other in [(first, second), (second, first), (first, second)]:
            await engine.load(spec, ignore)
            resident_bytes.append(engine.status().resident_bytes)
            with pytest.raises(ModelDoesNotFit, match="must stay"):
                await engine.load(other, ignore)
            assert (await complete(engine, ask(model=spec.id))).text
            await engine.unload(spec.id)
    assert 0 < max(resident_bytes) <= budget_bytes


async def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    async with running() as engine:
        with pytest.raises(ModelMissing):
            await engine.load(spec_of(tmp_path / "none.gguf"), ignore)


def _without_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def _with_another_magic(path: Path) -> None:
    path.write_bytes(b"JUNK" + path.read_bytes()[4:])


def _with_more_layers_than_tensors(path: Path) -> None:
    """Write a header that only llama.cpp can find fault with."""
    with_number(path, "llama.block_count", 3)


@pytest.mark.parametrize(
    "damage", [_without_end, _with_another_magic, _with_more_layers_than_tensors]
)
async def test_a_damaged_file_is_corrupt_and_the_engine_goes_on(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    broken = write_tiny_gguf(tmp_path / "broken.gguf")
    damage(broken)
    async with running(spec_of(write_tiny_gguf(tmp_path / "tiny.gguf"))) as engine:
        with pytest.raises(ModelCorrupt):
            await engine.load(spec_of(broken, name="broken"), ignore)
        assert [resident.model for resident in engine.status().residents] == ["tiny"]
        assert (await complete(engine, ask())).text


async def test_an_architecture_that_llama_cpp_does_not_know_is_named(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "odd.gguf", architecture="unheard-of")
    async with running() as engine:
        with pytest.raises(ModelCorrupt, match="unheard-of"):
            await engine.load(spec_of(path), ignore)


@pytest.mark.skipif(not _OWN_MEMORY.exists(), reason="needs /proc")
async def test_thirty_swaps_leave_no_memory_behind(tiny: Path) -> None:
    def own_bytes() -> int:
        return int(_OWN_MEMORY.read_text().split()[1]) * _PAGE_BYTES

    async def swap(engine: LlamaEngine) -> None:
        await engine.load(spec_of(tiny), ignore)
        await complete(engine, ask(max_tokens=4, constraint=Choice(("yes", "no"))))
        await engine.unload("tiny")

    async with running() as engine:
        for _ in range(5):
            await swap(engine)
        before = own_bytes()
        for _ in range(30):
            await swap(engine)
        assert own_bytes() - before < 8_000_000


async def test_llama_cpp_writes_nothing_to_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    odd = write_tiny_gguf(tmp_path / "odd.gguf", architecture="unheard-of")
    async with running(spec_of(write_tiny_gguf(tmp_path / "tiny.gguf"))) as engine:
        await complete(engine, ask(constraint=Choice(("yes", "no"))))
        await complete(engine, ask())
        with pytest.raises(ModelCorrupt):
            await engine.load(spec_of(odd, name="odd"), ignore)
        await engine.unload("tiny")
    assert capfd.readouterr() == ("", "")


async def test_a_split_model_is_loaded_by_its_first_part(tmp_path: Path) -> None:
    first = write_tiny_gguf(tmp_path / "split.gguf", tensors_per_part=8, context=2048)
    whole = write_tiny_gguf(tmp_path / "whole.gguf", context=2048)
    said = []
    for path in (first, whole):
        async with running(spec_of(path, sha256=digest_of(path))) as engine:
            said.append((await complete(engine, ask())).text)
    assert said[0] == said[1] != ""
