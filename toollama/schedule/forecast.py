"""What an agenda will cost: the policy is followed to its end, without anything being run. Pure.

Only loads are forecast. How long inferences and tools take is not known before they run, and a
load that comes later because a tool was slow costs the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from toollama.schedule.agenda import Agenda, Work
from toollama.schedule.policy import Waiting, eviction_order, next_turn, next_uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What the models take, and what there is."""

    model_bytes: Mapping[str, int]
    """Memory of each model when it is loaded."""
    budget_bytes: int | None
    """Memory for all models together; None is without bound."""
    load_s: Mapping[str, float]
    """Seconds of one load; a model that is not named costs none, such as one on a server."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The loads that an agenda leads to, in order."""

    loads: tuple[str, ...]
    swaps: int
    """Loads that another model had to leave for."""
    load_s: float


@dataclass(slots=True)
class _Memory:
    host: Host
    resident: dict[str, int] = field(default_factory=dict)

    def load(self, model: str, next_use: Mapping[str, int]) -> bool:
        """Make a model resident; return whether somebody left for it."""
        size = self.host.model_bytes.get(model, 0)
        budget = self.host.budget_bytes
        order = eviction_order(self.resident, next_use)
        evicted = 0
        while budget is not None and order and sum(self.resident.values()) + size > budget:
            del self.resident[order.pop(0)]
            evicted += 1
        self.resident[model] = size
        return evicted > 0


def in_sequence(agenda: Agenda) -> Agenda:
    """Return the same works one after another, as they stand: what a plan costs without waves."""
    works: list[Work] = []
    for work in agenda:
        before = (works[-1].key,) if works else ()
        works.append(replace(work, needs=(*work.needs, *before)))
    return Agenda(works)


def forecast(agenda: Agenda, host: Host, *, resident: Mapping[str, int] | None = None) -> Forecast:
    """Return the loads of an agenda that begins with `resident` (bytes by model) in memory."""
    memory = _Memory(host, dict(resident or {}))
    loads: list[str] = []
    swaps = 0
    while len(agenda):
        ready = agenda.ready()
        waiting = [
            Waiting(work.model, key=work.key, background=work.background)
            for work in ready
            if work.model
        ]
        finished = {work.key for work in ready if not work.model}
        if not finished:
            at = next_turn(
                waiting,
                frozenset(memory.resident),
                running={},
                at_once=1,
                agenda=agenda,
                patient=False,
            )
            assert at is not None, "with nothing running, something can always begin"
            chosen = waiting[at]
            if chosen.model not in memory.resident:
                swaps += memory.load(chosen.model, next_uses(waiting, agenda))
                loads.append(chosen.model)
            finished = {chosen.key}
        agenda = agenda.without(finished)
    return Forecast(
        loads=tuple(loads),
        swaps=swaps,
        load_s=sum(host.load_s.get(model, 0.0) for model in loads),
    )
