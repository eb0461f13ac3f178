"""Speeds are computed from what the engine reports."""

import pytest

from toollama.clock import SystemClock
from toollama.models.scripted import ScriptedEngine
from toollama.models.spec import ModelSpec
from toollama.models.speed import REPETITIONS, Speed, measure

_SPEC = ModelSpec(id="m", file="m.gguf")


@pytest.mark.parametrize(
    ("free", "constrained", "ratio"),
    [(100.0, 98.0, 0.98), (None, 98.0, None), (100.0, None, None), (0.0, 98.0, None)],
)
def test_the_ratio_needs_both_speeds(
    free: float | None, constrained: float | None, ratio: float | None
) -> None:
    speed = Speed(
        load_s=1.0,
        prefill_tokens_per_s=None,
        decode_tokens_per_s=free,
        constrained_tokens_per_s=constrained,
        repetitions=1,
    )
    assert speed.constrained_ratio == ratio


async def test_every_prompt_begins_differently_and_free_and_constrained_runs_pair_up() -> None:
    engine = ScriptedEngine()
    steps: list[str] = []
    speed = await measure(engine, _SPEC, clock=SystemClock(), on_step=steps.append)
    openings = [request.messages[0].content[:8] for request in engine.requests]
    assert len(set(openings)) == REPETITIONS == speed.repetitions
    assert [request.constraint is None for request in engine.requests] == [True, False] * 3
    assert engine.status().residents == ()
    assert (speed.decode_tokens_per_s, len(steps)) == (None, 1 + REPETITIONS)
