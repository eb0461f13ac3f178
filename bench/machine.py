"""A simulated machine that does the work of one graph under a policy, for the schedule bench.

Inferences of one model are decoded in one batch; several models share the processor; nothing is
computed while a model loads, but tools go on.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

from bench.crew_graphs import MODELS, Crew
from toollama.schedule import Agenda, Work

BATCHING_EXPONENT = 0.6
"""Together, k sequences are decoded k^0.6 times as fast as one."""


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
        return self.idle_since_s + MODELS[model].load_s

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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one graph took under one policy."""

    loads: int
    load_s: float
    answer_s: float


def simulate(agenda: Agenda, crew: Crew, policy: Policy) -> Outcome:
    """Do all the work of a graph; nothing is computed while a model loads, tools go on."""
    machine = Machine(crew, agenda, works={work.key: work for work in agenda})
    tools: dict[str, float] = {}
    answer_s = 0.0
    _arrive(machine, tools)
    while machine.agenda:
        _begin(machine, policy, tools)
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


def _begin(machine: Machine, policy: Policy, tools: dict[str, float]) -> None:
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
            seconds = MODELS[model].load_s
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
        key: turns[model] ** (BATCHING_EXPONENT - 1) / len(turns)
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
