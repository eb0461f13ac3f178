"""Decide which waiting work runs next and in which order models leave memory. Pure.

Work of a resident model never waits for a swap. Otherwise the model is loaded whose waiting work
has the longest chain behind it, but not while work of other models would still bring it more: so
it is loaded once for all of it. Nobody in the foreground waits longer than a bounded number of
turns, and what nobody waits for runs when nothing else is left.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import inf

from toollama.schedule.agenda import Agenda

MAX_PASSED_OVER = 64
"""Turns that others may take before waiting work is served whatever it costs: eight full batches,
more than one run usually has, so that it bounds the wait behind other runs."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One inference that waits for its model."""

    model: str
    passed_over: int = 0
    """How many turns others took since it arrived."""
    key: str = ""
    """The work of the agenda that it belongs to; empty for work that nobody planned."""
    background: bool = False


def next_turn(
    waiting: Sequence[Waiting],
    resident: frozenset[str],
    *,
    running: Mapping[str, int],
    at_once: int,
    agenda: Agenda | None = None,
    displaces: Mapping[str, AbstractSet[str]] | None = None,
    patient: bool = True,
) -> int | None:
    """Return the position in `waiting` (oldest first) of what runs next, beside what runs already.

    `running` counts the turns that each model has now, of which it can have `at_once`. `displaces`
    tells who would leave for each model that is not resident; for one that it does not name,
    everybody. None where everything must wait: only models that have no turn left have work,
    somebody who waited too long has such a model, or a load would come too early (only for the
    `patient`; give that up after about the time of one load).
    """
    agenda = agenda or Agenda()
    foreground = [at for at, work in enumerate(waiting) if not work.background]
    for at in foreground:
        if waiting[at].passed_over >= MAX_PASSED_OVER:
            return at if running.get(waiting[at].model, 0) < at_once else None
    to_load = [at for at in foreground if waiting[at].model not in resident]
    free = [
        at
        for at in foreground
        if waiting[at].model in resident and running.get(waiting[at].model, 0) < at_once
    ]
    if free:
        return max(free, key=lambda at: (agenda.tail_s(waiting[at].key), -at))
    if to_load:
        at = _worth_loading(waiting, to_load, resident, agenda)
        model = waiting[at].model
        leaving = resident if displaces is None else displaces.get(model, resident)
        early = patient and _too_early(waiting, at, resident, agenda, leaving)
        return None if early else at
    if foreground or agenda.has_foreground:
        return None
    return _background(waiting, resident, running, at_once)


def _worth_loading(
    waiting: Sequence[Waiting], to_load: Sequence[int], resident: frozenset[str], agenda: Agenda
) -> int:
    """Return the position of the work whose model is loaded next.

    Best is a model that nothing else brings more work for, then one for which the resident models
    do; then one that will have to be loaded again.
    """
    demand = Counter(waiting[at].model for at in to_load)
    keys = {work.key for work in waiting}

    def loads_before_more(model: str) -> int:
        brought_by = frozenset[str]().union(*agenda.models_before_more(model, keys))
        return len(brought_by - resident) + bool(brought_by)

    again = {model: loads_before_more(model) for model in demand}
    return max(
        to_load,
        key=lambda at: (
            -again[waiting[at].model],
            agenda.tail_s(waiting[at].key),
            demand[waiting[at].model],
            -at,
        ),
    )


def _too_early(
    waiting: Sequence[Waiting],
    at: int,
    resident: frozenset[str],
    agenda: Agenda,
    leaving: AbstractSet[str],
) -> bool:
    """Return whether what is under way will bring work that this load would have to be undone for.

    That is more work for the model itself by way of those that leave, or work for one that leaves
    and that is not needed again later in any case.
    """
    model = waiting[at].model
    keys = {work.key for work in waiting}
    if any(
        brought_by and brought_by <= resident and not brought_by.isdisjoint(leaving)
        for brought_by in agenda.models_before_more(model, keys)
    ):
        return True
    return any(
        not agenda.needs_after(leaver, model)
        and any(brought_by <= resident for brought_by in agenda.models_before_more(leaver, keys))
        for leaver in leaving
    )


def _background(
    waiting: Sequence[Waiting],
    resident: frozenset[str],
    running: Mapping[str, int],
    at_once: int,
) -> int | None:
    """Return what runs when nobody waits for anything: first what needs no load."""
    for at, work in enumerate(waiting):
        if work.model in resident and running.get(work.model, 0) < at_once:
            return at
    return next((at for at, work in enumerate(waiting) if work.model not in resident), None)


def next_uses(waiting: Sequence[Waiting], agenda: Agenda | None = None) -> dict[str, int]:
    """Return, by model, how many turns away its next known use is.

    Waiting work is as far away as its place in the queue; planned work comes after the queue and
    after every work that must be finished before it; background work after everything.
    """
    agenda = agenda or Agenda()
    uses: dict[str, int] = {}
    everything = len(waiting) + len(agenda)

    def use(model: str, turns: int, *, background: bool) -> None:
        turns += everything if background else 0
        uses[model] = min(uses.get(model, turns), turns)

    for at, work in enumerate(waiting):
        use(work.model, at, background=work.background)
    for planned in agenda:
        if planned.model:
            turns = len(waiting) + len(agenda.ahead(planned.key))
            use(planned.model, turns, background=planned.background)
    return uses


def eviction_order(resident_bytes: Mapping[str, int], next_use: Mapping[str, int]) -> list[str]:
    """Return the resident models in the order in which they should leave memory.

    `next_use` gives, by model, how many turns away its next known use is; the furthest leaves
    first, before it those without known use, and of equals the largest (Belady). How many of them
    leave is for `models.ladder`.
    """
    return sorted(
        resident_bytes, key=lambda model: (-next_use.get(model, inf), -resident_bytes[model])
    )
