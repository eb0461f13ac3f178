"""Load seconds of the pool's schedule ÷ the exact optimum, and its answer time ÷ a lower bound.

60 seeded graphs on a simulated clock. The policy is the very code that the pool calls, once with
the whole graph known and once with nothing known but the queue. Peers are modelled from their
sources, without what their processes cost on top.
"""

import statistics
from collections.abc import Iterable, Sequence

from bench.crew_graphs import CREWS, MODELS, Crew, graph
from bench.machine import BATCHING_EXPONENT, Machine, Policy, simulate
from bench.optimum import least_answer_s, least_load_s
from bench.report import Result
from toollama.models.fit import SEQUENCES
from toollama.models.ladder import Budget, Occupant, evictions
from toollama.schedule import Agenda, Waiting, Work, eviction_order, next_turn, next_uses

_GRAPHS, _QUICK_GRAPHS = 60, 10
_KNOWN_GOAL, _ONLINE_GOAL, _ANSWER_GOAL = 1.05, 1.15, 1.2
_SOMETHING = Work("something")
"""What a run that has told nothing of its work is known to have before it."""


class Ours:
    """The pool's policy."""

    batches = SEQUENCES

    def __init__(self, name: str, *, knows: bool) -> None:
        self.name = name
        self._knows = knows

    def _queue(self, machine: Machine) -> list[Waiting]:
        works = [machine.works[key] for key in machine.waiting]
        return [
            Waiting(work.model, key=work.key if self._knows else "", background=work.background)
            for work in works
        ]

    def _agenda(self, machine: Machine) -> Agenda:
        if self._knows:
            return machine.agenda
        return Agenda([_SOMETHING] if machine.agenda.has_foreground else [])

    def choose(self, machine: Machine) -> str | None:
        """Return what the pool would grant."""
        at = next_turn(
            self._queue(machine),
            frozenset(machine.resident),
            running=machine.turns(),
            at_once=self.batches,
            agenda=self._agenda(machine),
            displaces={
                machine.works[key].model: frozenset(self.leaving(machine, machine.works[key].model))
                for key in machine.waiting
            },
            patient=machine.patient,
        )
        return None if at is None else machine.waiting[at]

    def leaving(self, machine: Machine, model: str) -> Sequence[str]:
        """Return who leaves in the order of the pool's evictions."""
        sizes = {one: MODELS[one].resident_bytes for one in machine.resident}
        uses = next_uses(self._queue(machine), self._agenda(machine))
        return _room(machine, model, eviction_order(sizes, uses))


class Peer:
    """A server that knows only its queue: work in order of arrival, the least recently used leaves.

    `one_by_one`: its client waits for each answer before the next request. Without `fits_many` it
    holds one model, else as many as there is room for. `collates`: work of a model that is
    resident overtakes.
    """

    def __init__(
        self, name: str, *, one_by_one: bool, fits_many: bool, collates: bool = False
    ) -> None:
        self.name = name
        self.batches = SEQUENCES if collates else 1
        self._one_by_one = one_by_one
        self._fits_many = fits_many
        self._collates = collates

    def choose(self, machine: Machine) -> str | None:
        """Return the oldest work, or with `collates` that of a resident model."""
        if self._one_by_one:
            return _first_of(machine.works, machine.waiting) if not machine.running else None
        turns = machine.turns()
        free = [
            key
            for key in machine.waiting
            if machine.works[key].model in machine.resident
            and turns[machine.works[key].model] < self.batches
        ]
        if self._collates and free:
            return free[0]
        return machine.waiting[0] if machine.waiting[0] in free or not machine.running else None

    def leaving(self, machine: Machine, model: str) -> Sequence[str]:
        """Return as many of the least recently used as there must be."""
        oldest_first = sorted(machine.resident, key=lambda one: machine.resident[one])
        if not self._fits_many:
            return oldest_first
        return _room(machine, model, oldest_first)


def _first_of(works: Iterable[str], waiting: Sequence[str]) -> str:
    """Return the waiting work that a recursive program would do first."""
    return next(key for key in works if key in waiting)


def _room(machine: Machine, model: str, order: Sequence[str]) -> Sequence[str]:
    turns = machine.turns()
    occupants = [
        Occupant(model=one, gpu_bytes=MODELS[one].resident_bytes, busy=turns[one] > 0)
        for one in order
    ]
    budget = Budget(gpu_bytes=machine.crew.budget_bytes)
    size = MODELS[model].resident_bytes
    leaving = evictions(size, 0, residents=occupants, budget=budget)
    return [model] if leaving is None else leaving


POLICIES: tuple[Policy, ...] = (
    Ours("toollama, graph known", knows=True),
    Ours("toollama, online", knows=False),
    Peer("llama-swap-like", one_by_one=False, fits_many=True, collates=True),
    Peer("Ollama-like", one_by_one=True, fits_many=True),
    Peer("keep last", one_by_one=True, fits_many=False),
)


def run(*, quick: bool) -> Result:
    """Print the table of every crew and one line per goal; return how far the worst is from its."""
    seeds = range(_QUICK_GRAPHS if quick else _GRAPHS)
    worst = [max(column) for column in zip(*(_table(crew, seeds) for crew in CREWS), strict=True)]
    goals = (
        Result("schedule_known", worst[0], _KNOWN_GOAL, most=True),
        Result("schedule_online", worst[1], _ONLINE_GOAL, most=True),
        Result("schedule_answer", worst[2], _ANSWER_GOAL, most=True),
    )
    for goal in goals:
        print(goal.line())
    return Result("schedule", max(goal.value / goal.goal for goal in goals), 1.0, most=True)


def _table(crew: Crew, seeds: Sequence[int]) -> tuple[float, float, float]:
    """Print the means of one crew; return the ratios that goals are set for."""
    load_ratios: dict[str, list[float]] = {policy.name: [] for policy in POLICIES}
    answer_ratios: dict[str, list[float]] = {policy.name: [] for policy in POLICIES}
    loads: dict[str, list[int]] = {policy.name: [] for policy in POLICIES}
    for seed in seeds:
        agenda = graph(seed, crew)
        least_s, bound_s = _bounds(agenda, crew)
        for policy in POLICIES:
            outcome = simulate(agenda, crew, policy)
            loads[policy.name].append(outcome.loads)
            load_ratios[policy.name].append(outcome.load_s / least_s)
            answer_ratios[policy.name].append(outcome.answer_s / bound_s)
    print(f"{crew.name}: {len(seeds)} graphs, warm loads")
    print(f"  {'':22} {'loads':>6} {'÷ optimum':>10} {'worst':>6} {'answer ÷ bound':>15}")
    for name, ratios in load_ratios.items():
        print(
            f"  {name:22} {statistics.mean(loads[name]):6.1f} {statistics.mean(ratios):10.2f}"
            f" {max(ratios):6.2f} {statistics.mean(answer_ratios[name]):15.2f}"
        )
    known, online = POLICIES[0].name, POLICIES[1].name
    return (
        statistics.mean(load_ratios[known]),
        statistics.mean(load_ratios[online]),
        statistics.mean(answer_ratios[known]),
    )


def _bounds(agenda: Agenda, crew: Crew) -> tuple[float, float]:
    """Return the least load seconds of all work, and the least seconds to the answer."""
    load_s = {model: one.load_s for model, one in MODELS.items()}
    sizes = {model: one.resident_bytes for model, one in MODELS.items()}
    budget = crew.budget_bytes
    foreground = Agenda(work for work in agenda if not work.background)
    answer_s = least_answer_s(
        foreground,
        least_load_s=least_load_s(foreground, load_s=load_s, sizes=sizes, budget_bytes=budget),
        at_once=SEQUENCES,
        batching_exponent=BATCHING_EXPONENT,
    )
    return least_load_s(agenda, load_s=load_s, sizes=sizes, budget_bytes=budget), answer_s
