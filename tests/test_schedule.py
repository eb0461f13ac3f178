"""The schedule: whose turn is next, and in which order models leave memory."""

from collections.abc import Mapping
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from toollama.schedule import MAX_PASSED_OVER, Waiting, eviction_order, next_turn

_AT_ONCE = 8
_MODELS = st.sampled_from(["camina", "belter", "drummer", "observer"])
_RESIDENT = st.frozensets(_MODELS)
_QUEUE = st.lists(
    st.builds(Waiting, _MODELS, st.integers(0, MAX_PASSED_OVER + 1)), min_size=1, max_size=12
)
_FRESH_QUEUE = st.lists(st.builds(Waiting, _MODELS), min_size=1, max_size=12)
_SIZES = st.dictionaries(_MODELS, st.integers(0, 50))
_NEXT_USE = st.dictionaries(_MODELS, st.integers(0, 9))


@given(_FRESH_QUEUE, _RESIDENT)
def test_work_of_a_resident_model_goes_first(
    queue: list[Waiting], resident: frozenset[str]
) -> None:
    at = next_turn(queue, resident, running={}, at_once=_AT_ONCE)
    assert at is not None
    if any(work.model in resident for work in queue):
        assert queue[at].model in resident


@given(_QUEUE, _RESIDENT)
def test_work_passed_over_too_often_goes_first(
    queue: list[Waiting], resident: frozenset[str]
) -> None:
    starving = [at for at, work in enumerate(queue) if work.passed_over >= MAX_PASSED_OVER]
    if starving:
        assert next_turn(queue, resident, running={}, at_once=_AT_ONCE) == starving[0]


@given(st.lists(_MODELS, max_size=60))
def test_nobody_waits_longer_than_the_bound(arrivals: list[str]) -> None:
    """One more piece of work arrives before each turn, the hardest case for the one that waits."""
    waiting = [Waiting("rare")]
    for turn, model in enumerate(["resident", *arrivals]):
        waiting.append(Waiting(model))
        at = next_turn(waiting, frozenset({"resident", *arrivals}), running={}, at_once=_AT_ONCE)
        assert at is not None
        done = waiting.pop(at)
        if done.model == "rare":
            assert turn == MAX_PASSED_OVER
            return
        waiting = [Waiting(work.model, work.passed_over + 1) for work in waiting]
    assert len(arrivals) < MAX_PASSED_OVER


@given(st.lists(_MODELS, min_size=1, max_size=12))
def test_among_models_to_load_the_most_wanted_goes_first(models: list[str]) -> None:
    at = next_turn([Waiting(model) for model in models], frozenset(), running={}, at_once=_AT_ONCE)
    assert at is not None
    assert models.count(models[at]) == max(map(models.count, models))
    assert at == models.index(models[at])


def test_work_of_one_model_keeps_its_order() -> None:
    queue = [Waiting("camina"), Waiting("belter"), Waiting("belter")]
    assert next_turn(queue, frozenset({"belter"}), running={}, at_once=_AT_ONCE) == 1


@given(_QUEUE, _RESIDENT, st.dictionaries(_MODELS, st.integers(0, _AT_ONCE)))
def test_no_model_has_more_turns_than_decode_together(
    queue: list[Waiting], resident: frozenset[str], running: Mapping[str, int]
) -> None:
    running = {model: turns for model, turns in running.items() if model in resident}
    at = next_turn(queue, resident, running=running, at_once=_AT_ONCE)
    assert at is None or running.get(queue[at].model, 0) < _AT_ONCE


def test_work_of_a_full_model_does_not_hold_up_that_of_another() -> None:
    queue = [Waiting("belter"), Waiting("camina")]
    full = {"belter": _AT_ONCE}
    assert next_turn(queue, frozenset({"belter", "camina"}), running=full, at_once=_AT_ONCE) == 1
    assert next_turn(queue[:1], frozenset({"belter"}), running=full, at_once=_AT_ONCE) is None


@given(_SIZES, _NEXT_USE)
def test_every_resident_model_has_its_place_in_the_order_once(
    sizes: Mapping[str, int], next_use: Mapping[str, int]
) -> None:
    assert sorted(eviction_order(sizes, next_use)) == sorted(sizes)


@given(_SIZES, _NEXT_USE)
def test_no_model_leaves_before_one_that_is_needed_later(
    sizes: Mapping[str, int], next_use: Mapping[str, int]
) -> None:
    uses = [next_use.get(model, inf) for model in eviction_order(sizes, next_use)]
    assert uses == sorted(uses, reverse=True)


def test_a_model_without_known_use_leaves_before_all_others() -> None:
    sizes = {"camina": 10, "observer": 10}
    assert eviction_order(sizes, {"camina": 40}) == ["observer", "camina"]


def test_of_two_that_are_needed_at_the_same_time_the_larger_leaves_first() -> None:
    assert eviction_order({"drummer": 2, "camina": 20}, {}) == ["camina", "drummer"]
