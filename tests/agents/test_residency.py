"""Residency goes down the ladder, spares the busy, and tells of every rung."""

from collections.abc import Sequence

import pytest

from toollama.agents.residency import Residency
from toollama.clock import SystemClock
from toollama.errors import ModelCorrupt, ModelDoesNotFit, ToolLamaError
from toollama.events import Bus, Event
from toollama.models.engine import EmitPayload, Resident
from toollama.models.ladder import Attempt, Occupant
from toollama.models.scripted import ScriptedEngine
from toollama.models.spec import ModelSpec

_SPEC = ModelSpec(id="wanted", file="wanted.gguf")
_NO_MEMORY = ModelDoesNotFit("memory ran out", fix="buy some")


def attempt(context_tokens: int, *evict: str) -> Attempt:
    return Attempt(
        evict=evict,
        context_tokens=context_tokens,
        batch=512,
        gpu_layers=7,
        gpu_bytes=20,
        cpu_bytes=10,
    )


class FailingEngine(ScriptedEngine):
    """Plans what it is told, fails as often as it is told, and may hold what is out of date."""

    def __init__(
        self, plan: Sequence[Attempt], faults: Sequence[ToolLamaError] = (), stale: bool = False
    ) -> None:
        super().__init__()
        self.plan = tuple(plan)
        self.faults = list(faults)
        self.stale = stale
        self.tried: list[Attempt] = []
        self.occupants: list[Occupant] = []

    async def plan_load(
        self, spec: ModelSpec, occupants: Sequence[Occupant]
    ) -> tuple[Attempt, ...]:
        self.occupants = list(occupants)
        return self.plan

    def is_stale(self, spec: ModelSpec) -> bool:
        return self.stale

    async def load(
        self, spec: ModelSpec, emit: EmitPayload, attempt: Attempt | None = None
    ) -> Resident:
        assert attempt is not None
        self.tried.append(attempt)
        if self.faults:
            raise self.faults.pop(0)
        self.stale = False
        self._residents[spec.id] = Resident(spec.id, 30, attempt.context_tokens)
        return self._residents[spec.id]

    def hold(self, model: str, size_bytes: int = 10) -> None:
        self._residents[model] = Resident(model, size_bytes, 512)


class Stage:
    """A residency, its engine, and what it told."""

    def __init__(self, engine: FailingEngine) -> None:
        self.engine = engine
        self.events: list[Event] = []
        self.bus = Bus("run", SystemClock())
        self.bus.subscribe(self.events.append)
        self.residency = Residency(engine, self.bus)

    async def make_resident(self, *, busy: frozenset[str] = frozenset()) -> None:
        await self.residency.make_resident(
            _SPEC, self.bus.span_here(), next_use={"soon": 0}, busy=busy
        )

    def told(self) -> list[tuple[str, str]]:
        return [(event.type, event.data["model"]) for event in self.events]


async def test_the_first_rung_that_loads_is_kept() -> None:
    stage = Stage(FailingEngine([attempt(8192), attempt(1024)], [_NO_MEMORY]))
    await stage.make_resident()
    assert [one.context_tokens for one in stage.engine.tried] == [8192, 1024]
    assert stage.engine.context_tokens("wanted") == 1024
    assert stage.residency.loads == 1


async def test_a_rung_that_failed_is_told_with_its_reason_and_numbers() -> None:
    stage = Stage(FailingEngine([attempt(8192), attempt(1024)], [_NO_MEMORY]))
    await stage.make_resident()
    (event,) = stage.events
    assert event.type == "model.load.rung_failed"
    assert event.data == {
        "model": "wanted",
        "rung": 1,
        "rungs": 2,
        "code": "model.does_not_fit",
        "message": "memory ran out",
        "context_tokens": 8192,
        "batch": 512,
        "gpu_layers": 7,
        "gpu_bytes": 20,
        "cpu_bytes": 10,
    }


async def test_when_every_rung_fails_the_refusal_has_the_numbers_and_a_way_out() -> None:
    stage = Stage(FailingEngine([attempt(8192), attempt(1024)], [_NO_MEMORY, _NO_MEMORY]))
    with pytest.raises(ModelDoesNotFit, match="in 2 ways, the last with 1024 tokens") as caught:
        await stage.make_resident()
    assert "smaller model" in caught.value.fix
    assert [kind for kind, _ in stage.told()][-1] == "model.load.failed"
    assert stage.residency.loads == 0


async def test_a_file_that_is_broken_is_not_tried_again() -> None:
    broken = ModelCorrupt("no tensors", fix="fetch it again")
    stage = Stage(FailingEngine([attempt(8192), attempt(1024)], [broken]))
    with pytest.raises(ModelCorrupt):
        await stage.make_resident()
    assert len(stage.engine.tried) == 1
    assert stage.told() == [("model.load.failed", "wanted")]


async def test_each_rung_evicts_only_who_is_still_there() -> None:
    engine = FailingEngine([attempt(8192, "near"), attempt(1024, "near", "far")], [_NO_MEMORY])
    engine.hold("near")
    engine.hold("far")
    stage = Stage(engine)
    await stage.make_resident()
    assert stage.told() == [
        ("model.unloaded", "near"),
        ("model.load.rung_failed", "wanted"),
        ("model.unloaded", "far"),
    ]
    assert stage.residency.swaps == 1


async def test_the_engine_is_told_who_is_busy_and_who_is_needed_soon() -> None:
    engine = FailingEngine([attempt(8192)])
    for model in ("soon", "never", "busy"):
        engine.hold(model)
    stage = Stage(engine)
    await stage.make_resident(busy=frozenset({"busy"}))
    assert [one.model for one in engine.occupants] == ["never", "busy", "soon"]
    assert [one.busy for one in engine.occupants] == [False, True, False]


async def test_a_resident_model_is_not_loaded_again() -> None:
    engine = FailingEngine([attempt(8192)])
    engine.hold("wanted")
    stage = Stage(engine)
    await stage.make_resident()
    assert (engine.tried, stage.events) == ([], [])


async def test_a_model_whose_file_was_replaced_is_loaded_again() -> None:
    engine = FailingEngine([attempt(8192)], stale=True)
    engine.hold("wanted")
    stage = Stage(engine)
    await stage.make_resident()
    assert [event.data.get("reason") for event in stage.events] == ["its file was replaced"]
    assert (len(engine.tried), stage.residency.swaps) == (1, 0)


async def test_a_busy_model_keeps_what_it_holds_though_its_file_was_replaced() -> None:
    engine = FailingEngine([attempt(8192)], stale=True)
    engine.hold("wanted")
    stage = Stage(engine)
    await stage.make_resident(busy=frozenset({"wanted"}))
    assert engine.tried == []
