from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.headers import smollm2
from toollama.errors import ModelDoesNotFit
from toollama.models import fit
from toollama.models.ladder import (
    MAX_ATTEMPTS,
    Attempt,
    Budget,
    Occupant,
    Wanted,
    decide,
    evictions,
    exhausted,
)
from toollama.models.spec import ModelSpec

MIB = 1 << 20
SMOLLM2 = smollm2()
WANTED = Wanted(model="m", header=SMOLLM2)
ROOMY = Budget(gpu_bytes=8000 * MIB, cpu_bytes=8000 * MIB)


def shape(attempt: Attempt) -> tuple[int, int, int]:
    return attempt.context_tokens, attempt.batch, attempt.gpu_layers


def first(wanted: Wanted, budget: Budget, *residents: Occupant) -> Attempt:
    return decide(wanted, residents=residents, budget=budget)[0]


def test_with_room_nothing_is_evicted_and_nothing_is_shrunk() -> None:
    resident = Occupant(model="other", gpu_bytes=100 * MIB)
    attempt = first(WANTED, ROOMY, resident)
    assert (attempt.evict, shape(attempt)) == ((), (8192, 512, 31))


def test_others_are_evicted_before_anything_is_shrunk() -> None:
    resident = Occupant(model="other", gpu_bytes=300 * MIB)
    attempt = first(WANTED, Budget(gpu_bytes=500 * MIB), resident)
    assert (attempt.evict, shape(attempt)) == (("other",), (8192, 512, 31))


def test_no_more_is_evicted_than_needed_and_in_the_given_order() -> None:
    residents = [Occupant(model=name, gpu_bytes=150 * MIB) for name in ("cheap", "dear", "dearest")]
    assert first(WANTED, Budget(gpu_bytes=700 * MIB), *residents).evict == ("cheap",)


def test_a_busy_model_stays() -> None:
    residents = [
        Occupant(model="busy", gpu_bytes=100 * MIB, busy=True),
        Occupant(model="idle", gpu_bytes=300 * MIB),
    ]
    assert first(WANTED, Budget(gpu_bytes=500 * MIB), *residents).evict == ("idle",)


def test_the_context_is_shortened_before_the_batch() -> None:
    assert shape(first(WANTED, Budget(gpu_bytes=300 * MIB))) == (4096, 512, 31)


def test_the_batch_is_shrunk_before_layers_leave_the_gpu() -> None:
    assert shape(first(WANTED, Budget(gpu_bytes=150 * MIB))) == (1024, 128, 31)


def test_a_model_larger_than_the_gpu_keeps_some_layers_there() -> None:
    budget = Budget(gpu_bytes=110 * MIB, cpu_bytes=8000 * MIB)
    attempt = first(replace(WANTED, context_tokens=1024, batch=32), budget)
    assert 0 < attempt.gpu_layers < 31


def test_the_processor_is_the_last_rung() -> None:
    attempts = decide(WANTED, residents=[], budget=Budget(gpu_bytes=10 * MIB, cpu_bytes=None))
    assert [shape(attempt) for attempt in attempts] == [(8192, 512, 0)]


def test_without_a_gpu_main_memory_is_the_budget() -> None:
    assert shape(first(WANTED, Budget(cpu_bytes=300 * MIB))) == (4096, 512, 0)


def test_chosen_gpu_layers_are_not_changed() -> None:
    wanted = replace(WANTED, gpu_layers=5)
    attempts = decide(wanted, residents=[], budget=ROOMY)
    assert {attempt.gpu_layers for attempt in attempts} == {5}


def test_a_batch_named_in_models_toml_is_not_changed() -> None:
    spec = ModelSpec(id="m", file="m.gguf", batch=512)
    assert Wanted.of(spec, SMOLLM2).batch == 512
    assert Wanted.of(ModelSpec(id="m", file="m.gguf"), SMOLLM2).batch == 0


def test_a_refusal_names_the_numbers_and_who_must_stay() -> None:
    busy = Occupant(model="busy", cpu_bytes=250 * MIB, busy=True)
    with pytest.raises(ModelDoesNotFit) as caught:
        decide(WANTED, residents=[busy], budget=Budget(cpu_bytes=300 * MIB))
    assert "weights 92 MiB, KV cache 22 MiB for 1024 tokens" in caught.value.message
    assert "300 MiB of main memory, of which busy must stay" in caught.value.message


def test_a_refusal_tells_which_chosen_value_to_remove() -> None:
    wanted = replace(WANTED, context_tokens=65_536)
    with pytest.raises(ModelDoesNotFit) as caught:
        decide(wanted, residents=[], budget=Budget(cpu_bytes=300 * MIB))
    assert caught.value.fix == "remove context of models.m in models.toml"


def test_sizes_that_somebody_measured_stand_in_for_the_prediction() -> None:
    def measured(context_tokens: int, _batch: int) -> fit.MemoryPlan:
        return fit.MemoryPlan(SMOLLM2.weight_bytes, 1000 * context_tokens, 0)

    tight = Budget(cpu_bytes=SMOLLM2.weight_bytes + 8192 * 1000)
    best, *_ = decide(WANTED, residents=[], budget=tight, sizes=measured)
    assert (best.context_tokens, best.cpu_bytes) == (8192, tight.cpu_bytes)


def test_a_model_that_failed_on_every_rung_says_what_the_last_one_was() -> None:
    attempts = decide(WANTED, residents=[], budget=Budget(cpu_bytes=8000 * MIB))
    fault = exhausted("m", attempts, ModelDoesNotFit("memory ran out", fix="buy some"))
    assert f"{len(attempts)} ways" in fault.message
    assert "1024 tokens of context, a batch of 256, 0 GPU layers" in fault.message
    assert fault.message.endswith("memory ran out")


def test_the_only_rung_that_failed_keeps_its_own_error() -> None:
    fault = ModelDoesNotFit("memory ran out", fix="buy some")
    attempts = decide(WANTED, residents=[], budget=Budget(cpu_bytes=8000 * MIB))
    assert exhausted("m", attempts[:1], fault) is fault


def test_a_small_model_stays_when_a_large_one_must_leave_anyway() -> None:
    residents = [Occupant(model="small", cpu_bytes=2), Occupant(model="large", cpu_bytes=20)]
    assert evictions(0, 10, residents=residents, budget=Budget(cpu_bytes=22)) == ("large",)


def test_a_model_that_holds_no_memory_here_is_never_evicted() -> None:
    residents = [Occupant(model="remote"), Occupant(model="near", cpu_bytes=10)]
    assert evictions(0, 10, residents=residents, budget=Budget(cpu_bytes=10)) == ("near",)


def test_without_a_budget_nobody_leaves() -> None:
    residents = [Occupant(model="near", cpu_bytes=10)]
    assert evictions(0, 10**12, residents=residents, budget=Budget()) == ()


SIZES = st.integers(0, 2000).map(lambda mib: mib * MIB)
OCCUPANTS = st.lists(
    st.builds(Occupant, model=st.uuids().map(str), gpu_bytes=SIZES, cpu_bytes=SIZES,
              busy=st.booleans()),
    max_size=3,
)  # fmt: skip
BUDGETS = st.builds(Budget, gpu_bytes=st.none() | SIZES, cpu_bytes=st.none() | SIZES)
REQUESTS = st.builds(
    Wanted,
    model=st.just("m"),
    header=st.integers(1, 1 << 17).map(lambda length: replace(SMOLLM2, context_length=length)),
    kv_type=st.sampled_from(["f16", "q8_0", "q4_0"]),
    context_tokens=st.just(0) | st.integers(1, 1 << 16),
    batch=st.just(0) | st.integers(32, 2048),
    gpu_layers=st.just(-1) | st.integers(0, 40),
    sequences=st.integers(1, 8),
)


def climbed(wanted: Wanted, residents: list[Occupant], budget: Budget) -> tuple[Attempt, ...]:
    try:
        return decide(wanted, residents=residents, budget=budget)
    except ModelDoesNotFit:
        return ()


@given(REQUESTS, OCCUPANTS, BUDGETS)
def test_no_attempt_exceeds_the_budget_and_six_are_enough(
    wanted: Wanted, residents: list[Occupant], budget: Budget
) -> None:
    attempts = climbed(wanted, residents, budget)
    assert len(attempts) <= MAX_ATTEMPTS
    for attempt in attempts:
        stay = [one for one in residents if one.model not in attempt.evict]
        gpu_bytes = sum(one.gpu_bytes for one in stay) + attempt.gpu_bytes
        cpu_bytes = sum(one.cpu_bytes for one in stay) + attempt.cpu_bytes
        assert attempt.gpu_bytes == 0 or gpu_bytes <= (budget.gpu_bytes or 0)
        assert budget.cpu_bytes is None or cpu_bytes <= budget.cpu_bytes


@given(REQUESTS, OCCUPANTS, BUDGETS)
def test_what_the_user_chose_is_in_every_attempt_and_no_busy_model_leaves(
    wanted: Wanted, residents: list[Occupant], budget: Budget
) -> None:
    busy = {one.model for one in residents if one.busy}
    for attempt in climbed(wanted, residents, budget):
        assert wanted.context_tokens in {0, attempt.context_tokens}
        assert wanted.batch in {0, attempt.batch}
        if wanted.gpu_layers >= 0 and budget.gpu_bytes is not None:
            assert attempt.gpu_layers == min(wanted.gpu_layers, 31)
        assert busy.isdisjoint(attempt.evict)


@given(REQUESTS, OCCUPANTS, BUDGETS)
def test_each_attempt_asks_for_less_of_the_gpu_evicts_more_or_asks_for_less_of_the_host(
    wanted: Wanted, residents: list[Occupant], budget: Budget
) -> None:
    attempts = climbed(wanted, residents, budget)
    asked = [(one.gpu_bytes, -len(one.evict), one.cpu_bytes) for one in attempts]
    assert asked == sorted(set(asked), reverse=True)


@given(SIZES, SIZES, OCCUPANTS, BUDGETS)
def test_enough_leave_or_none_can_and_nobody_leaves_in_vain(
    gpu_bytes: int, cpu_bytes: int, residents: list[Occupant], budget: Budget
) -> None:
    def fits(leaving: set[str]) -> bool:
        stay = [one for one in residents if one.model not in leaving]
        free_gpu = (budget.gpu_bytes or 0) - sum(one.gpu_bytes for one in stay)
        held_cpu = sum(one.cpu_bytes for one in stay)
        return (gpu_bytes == 0 or (budget.gpu_bytes is not None and gpu_bytes <= free_gpu)) and (
            budget.cpu_bytes is None or held_cpu + cpu_bytes <= budget.cpu_bytes
        )

    leaving = evictions(gpu_bytes, cpu_bytes, residents=residents, budget=budget)
    if leaving is None:
        assert not fits({one.model for one in residents if not one.busy})
    else:
        assert fits(set(leaving))
        assert not any(fits(set(leaving) - {model}) for model in leaving)
