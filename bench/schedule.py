"""Load seconds of the pool's schedule ÷ the exact optimum, and its answer time ÷ a lower bound.

60 seeded graphs on a simulated clock. The policy is the very code that the pool calls, once with
the whole graph known and once with nothing known but the queue. Peers are modelled from their
sources, without what their processes cost on top.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

from bench.crew_graphs import CREWS, MODELS, Crew, graph
from bench.optimum import least_answer_s, least_load_s
from bench.report import Result
from toollama.models.fit import SEQUENCES
from toollama.models.ladder import Budget, Occupant, evictions
from toollama.schedule import Agenda, Waiting, Work, eviction_order, next_turn, next_uses

_GRAPHS, _QUICK_GRAPHS = 60, 10
_BATCHING_EXPONENT = 0.6
"""Together, k sequences are decoded k^0.6 times as fast as one."""
_KNOWN_GOAL, _ONLINE_GOAL, _ANSWER_GOAL = 1.05, 1.15, 1.2
_SOMETHING = Work("something")
"""What a run that has told nothing of its work is known to have before it."""


@dataclass(slots=True)
class Machine:
    """The state of a simulated machine that a policy may look at."""

    crew: Crew
    agenda: Agenda
    """What is left to do; only the policies that know it may look."""
    clock_s: float = 0.0
    resident: dict[str, float] = field(default_factory=dict)
    """When each resident model was last used."""
    waiting: list[str] = field(default_factory=list)
    """Keys of the works that are ready, oldest first."""
    running: dict[str, float] = field(default_factory=dict)
    """Seconds of its own that each running inference has left."""
    loads: list[str] = field(default_factory=list)
    load_s: float = 0.0
    works: dict[str, Work] = field(default_factory=dict)
    idle_since_s: float | None = None
    """Since when nothing runs though work waits."""

    @property
    def patience_ends_s(self) -> float:
        """Return when nobody waits any longer for a better load."""
        if self.idle_since_s is None or not self.waiting:
            return inf
        model = self.works[self.waiting[0]].model
        return self.idle_since_s + MODELS[model].load_s(cold=False)

    @property
    def patient(self) -> bool:
        """Return whether a load may still be put off."""
        return self.clock_s < self.patience_ends_s

    def turns(self) -> Counter[str]:
        """Return how many inferences of each model run."""
        return Counter(self.works[key].model for key in self.running)


class Policy(Protocol):
    """Who is served next, and who leaves for it."""

    name: str
    batches: int
    """Inferences of one model at a time."""

    def choose(self, machine: Machine) -> str | None:
        """Return the key of the waiting work that begins now, or None to wait."""
        ...

    def leaving(self, machine: Machine, model: str) -> Sequence[str]:
        """Return who leaves for the model, once nobody of them runs."""
        ...


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
        sizes = {one: MODELS[one].resident_bytes for one in machine.resident}
        uses = next_uses(self._queue(machine), self._agenda(machine))
        return _room(machine, model, eviction_order(sizes, uses))


class Peer:
    """A server that knows only its queue: work in order of arrival, the least recently used leaves.

    `one_by_one`: its client waits for each answer before the next request. `keeps` is how many
    models it holds at most.
    """

    def __init__(self, name: str, *, one_by_one: bool, keeps: int, collates: bool = False) -> None:
        self.name = name
        self.batches = SEQUENCES if collates else 1
        self._one_by_one = one_by_one
        self._keeps = keeps
        self._collates = collates

    def choose(self, machine: Machine) -> str | None:
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
        oldest_first = sorted(machine.resident, key=lambda one: machine.resident[one])
        if self._keeps == 1:
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one graph took under one policy."""

    loads: int
    load_s: float
    answer_s: float


def simulate(agenda: Agenda, crew: Crew, policy: Policy, *, cold: bool = False) -> Outcome:
    """Do all the work of a graph; nothing is computed while a model loads, tools go on."""
    machine = Machine(crew, agenda, works={work.key: work for work in agenda})
    tools: dict[str, float] = {}
    answer_s = 0.0
    _arrive(machine, tools)
    while machine.agenda:
        _begin(machine, policy, tools, cold=cold)
        for key in _advance(machine, tools):
            machine.agenda = machine.agenda.without({key})
            if not machine.works[key].background:
                answer_s = machine.clock_s
        _arrive(machine, tools)
    return Outcome(len(machine.loads), machine.load_s, answer_s)


def _arrive(machine: Machine, tools: dict[str, float]) -> None:
    """Queue the inferences and start the tools that have become ready."""
    for work in machine.agenda.ready():
        if work.key in machine.waiting or work.key in machine.running or work.key in tools:
            continue
        if work.model:
            machine.waiting.append(work.key)
        else:
            tools[work.key] = machine.clock_s + work.seconds


def _begin(machine: Machine, policy: Policy, tools: dict[str, float], *, cold: bool) -> None:
    """Let the policy begin what it wants to, loading where it must."""
    while machine.waiting:
        key = policy.choose(machine)
        if key is None:
            assert machine.running or tools, f"{policy.name} waits for nothing"
            if not machine.running and machine.idle_since_s is None:
                machine.idle_since_s = machine.clock_s
            return
        machine.idle_since_s = None
        model = machine.works[key].model
        if model not in machine.resident:
            turns = machine.turns()
            leaving = policy.leaving(machine, model)
            if any(turns[one] for one in leaving) or model in leaving:
                return  # a model in use never leaves
            for one in leaving:
                del machine.resident[one]
            seconds = MODELS[model].load_s(cold=cold and model not in machine.loads)
            machine.loads.append(model)
            machine.load_s += seconds
            machine.clock_s += seconds
        machine.resident[model] = machine.clock_s
        machine.waiting.remove(key)
        machine.running[key] = machine.works[key].seconds


def _advance(machine: Machine, tools: dict[str, float]) -> list[str]:
    """Move the clock to the next end of an inference or a tool; return who ended."""
    turns = machine.turns()
    rates = {
        key: turns[model] ** (_BATCHING_EXPONENT - 1) / len(turns)
        for key in machine.running
        for model in [machine.works[key].model]
    }
    ends_s = [machine.clock_s + left / rates[key] for key, left in machine.running.items()]
    if machine.patient:
        ends_s.append(machine.patience_ends_s)
    now_s = max(min([*ends_s, *tools.values()]), machine.clock_s)
    passed_s, machine.clock_s = now_s - machine.clock_s, now_s
    for key in machine.running:
        machine.running[key] -= passed_s * rates[key]
        machine.resident[machine.works[key].model] = now_s
    ended = [key for key, left in machine.running.items() if left < 1e-9]
    ended += [key for key, at_s in tools.items() if at_s <= now_s]
    for key in ended:
        machine.running.pop(key, None)
        tools.pop(key, None)
    return ended


POLICIES: tuple[Policy, ...] = (
    Ours("toollama, graph known", knows=True),
    Ours("toollama, online", knows=False),
    Peer("llama-swap-like", one_by_one=False, keeps=9, collates=True),
    Peer("Ollama-like", one_by_one=True, keeps=9),
    Peer("keep last", one_by_one=True, keeps=1),
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
    load_s = {model: one.load_s(cold=False) for model, one in MODELS.items()}
    sizes = {model: one.resident_bytes for model, one in MODELS.items()}
    budget = crew.budget_bytes
    foreground = Agenda(work for work in agenda if not work.background)
    answer_s = least_answer_s(
        foreground,
        least_load_s=least_load_s(foreground, load_s=load_s, sizes=sizes, budget_bytes=budget),
        at_once=SEQUENCES,
        batching_exponent=_BATCHING_EXPONENT,
    )
    return least_load_s(agenda, load_s=load_s, sizes=sizes, budget_bytes=budget), answer_s
