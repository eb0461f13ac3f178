"""The least load time that a known graph can be done with, and the least time to its answer.

Exact: Dijkstra over pairs of what is finished and who is resident. Running whatever a resident
model has ready never hurts, so the only moves are loads; a load makes room by some smallest set of
others that leaves.
"""

from collections.abc import Collection, Iterator, Mapping
from heapq import heappop, heappush
from itertools import combinations, count

from toollama.schedule import Agenda

State = tuple[frozenset[str], frozenset[str]]
"""Keys of the finished works, and the resident models."""


def least_load_s(
    agenda: Agenda, *, load_s: Mapping[str, float], sizes: Mapping[str, int], budget_bytes: int
) -> float:
    """Return the seconds of loads that no order of the works can do without."""
    start = (_closure(agenda, frozenset(), frozenset()), frozenset[str]())
    best = {start: 0.0}
    order = count()
    queue = [(0.0, next(order), start)]
    while queue:
        cost_s, _, state = heappop(queue)
        finished, resident = state
        if len(finished) == len(agenda):
            return cost_s
        if cost_s > best[state]:
            continue
        for model, stay in _loads(agenda, finished, resident, sizes, budget_bytes):
            after = (_closure(agenda, finished, stay | {model}), stay | {model})
            after_s = cost_s + load_s[model]
            if after_s < best.get(after, float("inf")):
                best[after] = after_s
                heappush(queue, (after_s, next(order), after))
    raise ValueError("a model does not fit the budget by itself")


def _closure(agenda: Agenda, finished: frozenset[str], resident: frozenset[str]) -> frozenset[str]:
    """Return what is finished once the resident models and the tools have nothing left to do."""
    done = set(finished)
    for work in agenda:  # a work stands behind those that it needs
        can_run = not work.model or work.model in resident
        if can_run and work.key not in done and done.issuperset(work.needs):
            done.add(work.key)
    return frozenset(done)


def _loads(
    agenda: Agenda,
    finished: frozenset[str],
    resident: frozenset[str],
    sizes: Mapping[str, int],
    budget_bytes: int,
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each model with ready work and, for it, each largest set of others that can stay."""
    wanted = {
        work.model
        for work in agenda
        if work.key not in finished and finished.issuperset(work.needs)
    }
    for model in wanted:
        room = budget_bytes - sizes[model]
        fitting: list[frozenset[str]] = []
        for number in range(len(resident), -1, -1):
            for stay in map(frozenset, combinations(sorted(resident), number)):
                if sum(sizes[one] for one in stay) <= room and not any(
                    stay < larger for larger in fitting
                ):
                    fitting.append(stay)
                    yield model, stay


def least_answer_s(
    agenda: Agenda, *, least_load_s: float, at_once: int, batching_exponent: float
) -> float:
    """Return a lower bound of the time to the last foreground work.

    The greater of the longest chain, tools included, and of all inferences in the largest batches
    that their dependencies allow plus the least load time.
    """
    longest_s = max(agenda.tail_s(work.key) for work in agenda)
    total_s: dict[str, float] = {}
    for work in agenda:
        if work.model:
            total_s[work.model] = total_s.get(work.model, 0.0) + work.seconds
    compute_s = 0.0
    for model, seconds in total_s.items():
        compute_s += seconds / pow(float(min(at_once, _width(agenda, model))), batching_exponent)
    return max(longest_s, compute_s + least_load_s)


def _width(agenda: Agenda, model: str) -> int:
    """Return how many works of a model can be ready at the same time, at most.

    By Dilworth's theorem: their number less a maximum matching along the dependencies.
    """
    keys = [work.key for work in agenda if work.model == model]
    matched: dict[str, str] = {}
    for key in keys:
        _match(agenda, key, keys, matched, set())
    return len(keys) - len(matched)


def _match(
    agenda: Agenda, key: str, keys: Collection[str], matched: dict[str, str], seen: set[str]
) -> bool:
    for earlier in agenda.ahead(key) & set(keys):
        if earlier not in seen:
            seen.add(earlier)
            if earlier not in matched or _match(agenda, matched[earlier], keys, matched, seen):
                matched[earlier] = key
                return True
    return False
