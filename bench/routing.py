"""Tool choice without a model: recall, telling "none of these" apart, and time per request.

The queries of `data/routing_queries.jsonl` were written by somebody who had not seen the tools'
sample utterances; `data/routing_dev.jsonl` is what the thresholds were tuned on.
"""

import math
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from pydantic import BaseModel

from bench.report import Result
from toollama.agents.messages import Request, RouteDecision
from toollama.agents.route import Router
from toollama.clock import FixedClock
from toollama.tools.base import NoNetwork, ToolContext
from toollama.tools.registry import Registry

_QUERIES = Path(__file__).with_name("data") / "routing_queries.jsonl"
_NOW = datetime(2026, 11, 22, 15, 42, tzinfo=UTC)
_GOALS = {"R@1": 0.85, "R@5": 0.97, "none-AUC": 0.92}
_GOAL_MS = 2.0
_WARM_UP = 20
_ROUNDS = 10
"""Each query's time is its best of so many; it is processor time, since others use the machine."""


class Query(BaseModel):
    """One request and the tools that serve it; none where no tool does."""

    query: str
    tools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Routed:
    """A query with what the router made of it."""

    query: Query
    ranked: tuple[str, ...]
    score: float
    """That of the first tool."""
    time_ms: float


def run(*, quick: bool) -> Result:
    """Route every query and return the measure that is furthest below its goal."""
    queries = [Query.model_validate_json(line) for line in _QUERIES.read_text().splitlines()]
    tools = Registry.builtin().switched_on()
    router = Router(tools, ToolContext(clock=FixedClock(_NOW), http=NoNetwork()))
    for query in queries[:_WARM_UP]:
        router.route(Request(text=query.query))
    routed = _route(router, queries, rounds=1 if quick else _ROUNDS)
    results = list(_results(routed))
    for result in results:
        print(result.line())
    print(_worst_tool(routed))
    return _worst(results)


def _route(router: Router, queries: Sequence[Query], *, rounds: int) -> list[Routed]:
    """Route all queries, round after round, so that no cache serves a repetition."""
    times_ms = [math.inf] * len(queries)
    decisions: list[RouteDecision] = []
    for _ in range(rounds):
        decisions.clear()
        for at, query in enumerate(queries):
            started_s = time.thread_time()
            decisions.append(router.route(Request(text=query.query)))
            times_ms[at] = min(times_ms[at], (time.thread_time() - started_s) * 1000)
    return [_routed(*each) for each in zip(queries, decisions, times_ms, strict=True)]


def _routed(query: Query, decision: RouteDecision, time_ms: float) -> Routed:
    scores = _best_scores(decision)
    ranked = tuple(sorted(scores, key=lambda tool: -scores[tool]))
    return Routed(query, ranked, max(scores.values(), default=0.0), time_ms)


def _best_scores(decision: RouteDecision) -> dict[str, float]:
    """Return every candidate with its best score over the parts of the request."""
    scores: dict[str, float] = {}
    for part in decision.clauses:
        for candidate in part.candidates:
            scores[candidate.tool] = max(candidate.score, scores.get(candidate.tool, 0.0))
    return scores


def _results(routed: Sequence[Routed]) -> Iterator[Result]:
    served = [each for each in routed if each.query.tools]
    none = [each for each in routed if not each.query.tools]
    for first in (1, 5):
        found = sum(_found(each, first) for each in served) / len(served)
        yield Result(f"R@{first}", found, _GOALS[f"R@{first}"])
    pairs = [(a.score > b.score) + (a.score == b.score) / 2 for a, b in product(served, none)]
    yield Result("none-AUC", statistics.fmean(pairs), _GOALS["none-AUC"])
    times_ms = [each.time_ms for each in routed]
    yield Result("median ms", statistics.median(times_ms), _GOAL_MS, most=True)
    yield Result("p99 ms", statistics.quantiles(times_ms, n=100)[98], _GOAL_MS, most=True)


def _found(routed: Routed, first: int) -> bool:
    return any(tool in routed.query.tools for tool in routed.ranked[:first])


def _worst_tool(routed: Sequence[Routed]) -> str:
    asked: Counter[str] = Counter()
    right: defaultdict[str, int] = defaultdict(int)
    for each in routed:
        for tool in each.query.tools[:1]:
            asked[tool] += 1
            right[tool] += _found(each, 1)
    worst = min(asked, key=lambda tool: right[tool] / asked[tool])
    return f"worst tool: {worst}, {right[worst]} of {asked[worst]} first"


def _worst(results: Sequence[Result]) -> Result:
    """Return the result furthest from its goal, as a share of it, under the bench's name."""

    def reached(result: Result) -> float:
        return result.goal / result.value if result.most else result.value / result.goal

    worst = min(results, key=reached)
    return Result(f"routing ({worst.name})", worst.value, worst.goal, most=worst.most)
