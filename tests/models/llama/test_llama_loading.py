"""The engine makes the attempt it is given, sees replaced files, and tries odd ones in a child."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.models.llama.harness import ask, complete, ignore, running, spec_of
from tests.tiny_gguf import write_tiny_gguf
from toollama.agents.residency import Residency
from toollama.clock import SystemClock
from toollama.errors import Cancelled, ModelCorrupt, ModelDoesNotFit, ModelError
from toollama.events import Bus
from toollama.events.payloads import ModelLoadCompleted, ModelLoadStarted, Payload
from toollama.models.engine import Choice
from toollama.models.gguf import read_header
from toollama.models.ladder import Attempt, Budget, Occupant, Wanted
from toollama.models.llama import devices, dryrun, loading, probe_load, trial
from toollama.models.llama.binding import LogTap
from toollama.models.llama.model import LoadedModel

MIB = 1 << 20
ROOMY = Budget(cpu_bytes=1 << 40)


def on_cpu(**chosen: int) -> Attempt:
    shape = {"context_tokens": 512, "batch": 64, "cpu_bytes": 8 * MIB} | chosen
    return Attempt(evict=(), gpu_layers=0, gpu_bytes=0, **shape)


async def test_a_load_takes_the_context_and_the_batch_of_its_attempt(tiny: Path) -> None:
    seen: list[Payload] = []
    async with running() as engine:
        resident = await engine.load(spec_of(tiny), seen.append, on_cpu(context_tokens=256))
        assert engine._batchers["tiny"].model.spec.batch == 64
    assert (resident.context_tokens, resident.gpu_layers, resident.gpu_bytes) == (256, 0, 0)
    assert isinstance(seen[0], ModelLoadStarted)
    assert seen[0].predicted_bytes == 8 * MIB


async def test_a_tight_budget_shortens_an_automatic_context(tiny: Path) -> None:
    async with running() as sizing:
        best, *others = await sizing.plan_load(spec_of(tiny), ())
    tight_bytes = others[0].total_bytes
    seen: list[Payload] = []
    async with running(budget_bytes=tight_bytes) as engine:
        resident = await engine.load(spec_of(tiny), seen.append)
    assert resident.context_tokens == others[0].context_tokens < best.context_tokens
    assert isinstance(seen[-1], ModelLoadCompleted)
    assert seen[-1].budget_bytes == tight_bytes


def test_the_plan_has_the_sizes_that_llama_cpp_tells(tiny: Path) -> None:
    spec = spec_of(tiny, context=1024, batch=128)
    planned, *_ = loading.plan(tiny, spec, occupants=(), budget=ROOMY, aborted=lambda: False)
    measured = dryrun.measure(
        tiny, spec.model_copy(update={"gpu_layers": 0}), context_tokens=1024, sequences=8
    )
    assert planned.total_bytes == measured.total


def test_a_dry_run_that_fails_leaves_the_prediction(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ModelError("refused", fix="none")

    monkeypatch.setattr(dryrun.DryRun, "measure", fail)
    spec = spec_of(tiny, context=1024)
    planned, *_ = loading.plan(tiny, spec, occupants=(), budget=ROOMY, aborted=lambda: False)
    predicted = Wanted.of(spec, read_header(tiny)).predict(1024, 512)
    assert planned.total_bytes == predicted.total


def test_a_plan_stops_when_it_is_told_to(tiny: Path) -> None:
    with pytest.raises(Cancelled):
        loading.plan(tiny, spec_of(tiny), occupants=(), budget=ROOMY, aborted=lambda: True)


async def test_two_models_swap_under_a_budget_for_one_and_neither_shrinks(tiny: Path) -> None:
    first, second = spec_of(tiny, name="first"), spec_of(tiny, name="second")
    async with running() as sizing:
        best, *_ = await sizing.plan_load(first, ())
    bus = Bus("run", SystemClock())
    async with running(budget_bytes=best.total_bytes) as engine:
        residency = Residency(engine, bus)
        for spec in (first, second, first):
            await residency.make_resident(spec, bus.span_here(), next_use={})
            (resident,) = engine.status().residents
            assert (resident.model, resident.context_tokens) == (spec.id, best.context_tokens)
    assert (residency.loads, residency.swaps) == (3, 2)


async def test_one_dry_load_measures_every_rung(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_tiny_gguf(tmp_path / "fresh.gguf", context=4096)
    loads: list[object] = []
    dry_model = dryrun._dry_model

    def count(setting: dryrun._Setting) -> object:
        loads.append(setting)
        return dry_model(setting)

    monkeypatch.setattr(dryrun, "_dry_model", count)
    async with running() as engine:
        assert len(await engine.plan_load(spec_of(path), ())) > 1
        await engine.plan_load(spec_of(path), ())
    assert len(loads) == 1


async def test_on_a_gpu_too_small_for_the_model_the_plan_has_fewer_layers_and_then_none(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Wanted.of(spec_of(tiny), read_header(tiny)).predict(1024, 512).total
    gpu = devices.Device("CUDA0", "gpu", whole, whole)
    monkeypatch.setattr(devices, "list_devices", lambda: (gpu,))
    monkeypatch.setattr(devices, "_GPU_MARGIN_BYTES", whole // 4)
    async with running() as engine:
        attempts = await engine.plan_load(spec_of(tiny), ())
    layers = [one.gpu_layers for one in attempts]
    assert layers == sorted(layers, reverse=True)
    assert layers[-1] == 0
    assert all(one.gpu_bytes <= whole - whole // 4 for one in attempts)


async def test_memory_that_runs_out_while_loading_is_a_model_that_does_not_fit(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise ModelCorrupt("llama.cpp cannot load it", fix="fetch it again")

    monkeypatch.setattr(LoadedModel, "_load_weights", fail)
    monkeypatch.setattr(LogTap, "problem", lambda _tap: "unable to allocate CUDA0 buffer")
    async with running() as engine:
        with pytest.raises(ModelDoesNotFit, match="unable to allocate CUDA0 buffer"):
            await engine.load(spec_of(tiny), ignore)


async def test_a_replaced_file_is_loaded_again_and_its_saved_state_is_not_restored(
    tmp_path: Path,
) -> None:
    path = write_tiny_gguf(tmp_path / "model.gguf", context=1024)
    spec, question = spec_of(path), ask("word " * 100, constraint=Choice(("yes", "no")))
    async with running(spec) as engine:
        await complete(engine, question)
        await engine.unload(spec.id)
        await engine.load(spec, ignore)
        assert (await complete(engine, question)).usage.cached_tokens > 0
        write_tiny_gguf(path, seed=1, context=1024)
        assert engine.is_stale(spec)
        await engine.load(spec, ignore)
        assert not engine.is_stale(spec)
        fresh = await complete(engine, question)
    assert fresh.usage.cached_tokens == 0


async def test_a_file_that_is_gone_leaves_the_loaded_model_alone(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "model.gguf")
    async with running(spec_of(path)) as engine:
        path.unlink()
        assert not engine.is_stale(spec_of(path))


def test_a_common_architecture_with_plausible_numbers_needs_no_trial(tiny: Path) -> None:
    header = read_header(tiny)
    assert not trial.needs_trial(header)
    assert trial.needs_trial(replace(header, architecture="nonesuch"))
    assert trial.needs_trial(replace(header, heads=3, kv_heads=2))
    assert trial.needs_trial(replace(header, heads=0, kv_heads=0))


async def test_an_odd_file_that_ends_the_child_is_refused_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_tiny_gguf(tmp_path / "odd.gguf", architecture="nonesuch")

    async def end(_order: object, *, timeout_s: float) -> probe_load.LoadVerdict:
        return probe_load.LoadVerdict(outcome="aborted", detail="GGML_ASSERT failed")

    monkeypatch.setattr(probe_load, "_try_in_child", end)
    async with running() as engine:
        with pytest.raises(ModelCorrupt, match="ended in a trial load"):
            await engine.load(spec_of(path), ignore)
        assert engine.status().residents == ()


async def test_a_model_that_must_stay_is_never_planned_away(tiny: Path) -> None:
    busy = [Occupant(model="busy", cpu_bytes=90 * MIB, busy=True)]
    async with running(budget_bytes=90 * MIB) as engine:
        with pytest.raises(ModelDoesNotFit, match="busy must stay"):
            await engine.plan_load(spec_of(tiny), busy)


def test_buffers_are_told_apart_by_where_they_lie() -> None:
    tap = LogTap()
    tap.write(2, "load_tensors:        CUDA0 model buffer size =    90.00 MiB\n")
    tap.write(2, "load_tensors:   CPU_Mapped model buffer size =    10.00 MiB\n")
    tap.write(2, "llama_context:  CUDA_Host compute buffer size =     2.00 MiB\n")
    assert tap.buffer_bytes("model", "compute") == 102 * MIB
    assert tap.buffer_bytes("model", "compute", places=[True]) == 90 * MIB
