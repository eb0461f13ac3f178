"""The schedule: whose turn is next, which model is loaded for it, and who leaves memory."""

from collections.abc import Mapping
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.schedule import (
    MAX_PASSED_OVER,
    Agenda,
    Host,
    Waiting,
    Work,
    eviction_order,
    forecast,
    in_sequence,
    next_turn,
    next_uses,
)

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


@settings(max_examples=30)
@given(st.lists(_MODELS, max_size=MAX_PASSED_OVER + 10))
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


def _waiting(*works: Work) -> list[Waiting]:
    return [Waiting(work.model, key=work.key, background=work.background) for work in works]


def _choice(agenda: Agenda, resident: frozenset[str], *, patient: bool = True) -> str | None:
    """Return the key of what runs next when everything that is ready waits."""
    waiting = _waiting(*(work for work in agenda.ready() if work.model))
    at = next_turn(waiting, resident, running={}, at_once=_AT_ONCE, agenda=agenda, patient=patient)
    return None if at is None else waiting[at].key


def test_a_model_that_others_bring_more_work_is_loaded_after_them() -> None:
    agenda = Agenda(
        [
            Work("merge", "belter", seconds=9),
            Work("call", "drummer"),
            Work("later merge", "belter", ("call",)),
        ]
    )
    assert _choice(agenda, frozenset()) == "call"


def test_of_two_settled_models_the_one_with_the_longer_chain_behind_it_is_loaded() -> None:
    agenda = Agenda(
        [Work("a", "belter"), Work("b", "drummer"), Work("c", "camina", ("b",), seconds=5)]
    )
    assert _choice(agenda, frozenset()) == "b"


def test_a_load_waits_for_a_tool_that_brings_the_resident_model_its_last_work() -> None:
    agenda = Agenda([Work("tool"), Work("merge", "belter", ("tool",)), Work("a", "camina")])
    assert _choice(agenda, frozenset({"belter"})) is None
    assert _choice(agenda, frozenset({"belter"}), patient=False) == "a"


def test_a_load_does_not_wait_for_a_model_that_comes_back_in_any_case() -> None:
    agenda = Agenda(
        [
            Work("tool"),
            Work("merge", "belter", ("tool",)),
            Work("call", "drummer"),
            Work("later merge", "belter", ("call",)),
        ]
    )
    assert _choice(agenda, frozenset({"belter"})) == "call"


def test_a_load_that_displaces_nobody_waits_for_nothing() -> None:
    agenda = Agenda([Work("tool"), Work("merge", "belter", ("tool",)), Work("a", "camina")])
    waiting = _waiting(Work("a", "camina"))
    at = next_turn(
        waiting,
        frozenset({"belter"}),
        running={},
        at_once=_AT_ONCE,
        agenda=agenda,
        displaces={"camina": frozenset()},
    )
    assert at == 0


def test_background_work_waits_until_nobody_waits_for_anything() -> None:
    watched = Work("watched", "observer", background=True)
    answer = Work("answer", "camina", ("tool",))
    resident = frozenset({"observer"})
    assert _choice(Agenda([Work("tool"), answer, watched]), resident) is None
    assert _choice(Agenda([answer, watched]), resident) == "answer"
    assert _choice(Agenda([watched]), resident) == "watched"


def test_background_work_of_a_resident_model_goes_before_that_of_another() -> None:
    agenda = Agenda([Work("a", "observer", background=True), Work("b", "camina", background=True)])
    assert _choice(agenda, frozenset({"camina"})) == "b"


def test_what_foreground_work_needs_is_not_background() -> None:
    agenda = Agenda([Work("a", "observer", background=True), Work("b", "camina", ("a",))])
    assert _choice(agenda, frozenset()) == "a"


def test_the_next_use_of_planned_work_is_behind_the_queue_and_what_it_needs() -> None:
    agenda = Agenda(
        [
            Work("a", "drummer"),
            Work("b", "belter", ("a",)),
            Work("c", "camina", ("b",)),
            Work("d", "observer", background=True),
        ]
    )
    uses = next_uses(_waiting(Work("a", "drummer")), agenda)
    assert sorted(uses, key=lambda model: uses[model]) == [
        "drummer", "belter", "camina", "observer",
    ]  # fmt: skip


def test_an_agenda_that_needs_later_work_is_refused() -> None:
    with pytest.raises(ValueError, match="stands before"):
        Agenda([Work("a", needs=("b",)), Work("b")])


_GRAPHS = st.lists(
    st.tuples(_MODELS | st.just(""), st.sets(st.integers(0, 9), max_size=3), st.booleans()),
    max_size=10,
).map(
    lambda rows: Agenda(
        Work(str(at), model, tuple(str(need) for need in needs if need < at), background=background)
        for at, (model, needs, background) in enumerate(rows)
    )
)


@settings(max_examples=100)
@given(_GRAPHS, st.integers(1, 3))
def test_a_forecast_loads_every_model_that_has_work_and_no_other(agenda: Agenda, room: int) -> None:
    sizes = dict.fromkeys(("camina", "belter", "drummer", "observer"), 1)
    host = Host(model_bytes=sizes, budget_bytes=room, load_s=dict.fromkeys(sizes, 1.0))
    expected = forecast(agenda, host)
    assert set(expected.loads) == {work.model for work in agenda if work.model}
    assert expected.load_s == len(expected.loads)
    assert expected.swaps == max(len(expected.loads) - room, 0)


@given(_GRAPHS)
def test_works_in_sequence_are_the_same_works_one_ready_at_a_time(agenda: Agenda) -> None:
    chain = in_sequence(agenda)
    assert [(work.key, work.model) for work in chain] == [(w.key, w.model) for w in agenda]
    assert len(chain.ready()) == min(len(agenda), 1)


@given(_GRAPHS)
def test_with_room_for_all_no_model_is_loaded_twice(agenda: Agenda) -> None:
    expected = forecast(agenda, Host(model_bytes={}, budget_bytes=None, load_s={}))
    assert len(expected.loads) == len(set(expected.loads))
    assert (expected.swaps, expected.load_s) == (0, 0)
